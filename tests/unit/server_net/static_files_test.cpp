// Files of the application and nothing else; compressed and cached as their names allow.
#include "server/net/static_files.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace syncline::server::net {
namespace {

class StaticFilesTest : public ::testing::Test {
 protected:
  StaticFilesTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "syncline-web-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    root_ = folder_ / "web";
    std::filesystem::create_directories(root_ / "assets");
    write("web/index.html", "<page>");
    write("web/assets/index-BqY-1k2A.js", "plain");
    write("web/assets/index-BqY-1k2A.js.br", "brotli");
    write("web/assets/index-BqY-1k2A.js.gz", "gzip");
    write("web/.hidden", "secret");
    write("secret", "secret");
  }
  ~StaticFilesTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name) << content;
  }
  [[nodiscard]] http::Response get(const std::string& target, http::Headers headers = {},
                                   const std::string& method = "GET") const {
    http::Request request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    return StaticFiles(root_.string()).answer(request);
  }
  static std::string header(const http::Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  std::filesystem::path folder_, root_;
};

TEST_F(StaticFilesTest, SendsTheBestFormThatTheClientTakes) {
  const std::string target = "/assets/index-BqY-1k2A.js";
  EXPECT_EQ(get(target).body, "plain");
  const auto brotli = get(target, {{"accept-encoding", "gzip, br"}});
  EXPECT_EQ(brotli.body, "brotli");
  EXPECT_EQ(header(brotli, "content-encoding"), "br");
  EXPECT_EQ(header(brotli, "content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(get(target, {{"accept-encoding", "gzip"}}).body, "gzip");
}

TEST_F(StaticFilesTest, LinksOutOfTheFolderAndPipesAreNoFiles) {
  std::filesystem::create_symlink(folder_ / "secret", root_ / "leak.txt");
  std::filesystem::create_symlink(folder_, root_ / "up");
  std::filesystem::create_directories(folder_ / "web-old");  // its name begins like the folder's
  write("web-old/page.txt", "secret");
  std::filesystem::create_symlink(folder_ / "web-old" / "page.txt", root_ / "old.txt");
  std::filesystem::create_symlink("assets/index-BqY-1k2A.js", root_ / "latest.js");
  ASSERT_EQ(::mkfifo((root_ / "pipe.txt").c_str(), 0600), 0);
  for (const char* target : {"/leak.txt", "/up/secret", "/old.txt", "/pipe.txt", "/assets"})
    EXPECT_EQ(get(target).status, 404) << target;
  EXPECT_EQ(get("/latest.js").body, "plain") << "a link that stays inside is a file";
  std::filesystem::create_directory_symlink(root_, folder_ / "current");
  root_ = folder_ / "current";
  EXPECT_EQ(get("/latest.js").body, "plain") << "the folder itself may be named by a link";
}

TEST_F(StaticFilesTest, HashedNamesAreImmutableAndPagesAreAskedForAgain) {
  EXPECT_EQ(header(get("/assets/index-BqY-1k2A.js"), "cache-control"),
            "public, max-age=31536000, immutable");
  const auto page = get("/");
  EXPECT_EQ(header(page, "cache-control"), "no-cache");
  EXPECT_NE(header(page, "content-security-policy"), "");
  EXPECT_EQ(get("/", {{"if-none-match", header(page, "etag")}}).status, 304);
  EXPECT_FALSE(is_hashed_name("/assets/logo.svg"));
  EXPECT_FALSE(is_hashed_name("/assets/a-b.js"));
  EXPECT_FALSE(is_hashed_name("/index-BqYx1k2A.js"));
}

TEST_F(StaticFilesTest, PathsOfTheApplicationOpenItsPage) {
  EXPECT_EQ(get("/leads/018f3e2a?tab=1", {{"accept", "text/html,*/*"}}).body, "<page>");
  EXPECT_EQ(get("/leads", {{"accept", "application/json"}}).status, 404);
}

TEST_F(StaticFilesTest, RefusalsHaveTheShapeOfTheApis) {
  const auto missing = get("/nothing.js");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(header(missing, "content-type"), "application/problem+json");
  EXPECT_EQ(missing.body,
            R"({"type":"urn:syncline:error:not_found","title":"Not found","status":404,)"
            R"("detail":"There is no such file.","code":"not_found","errors":[]})");
  const auto refused = get("/", {}, "POST");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(header(refused, "allow"), "GET, HEAD");
  EXPECT_NE(refused.body.find(R"("code":"method_not_allowed")"), std::string::npos);
}

TEST_F(StaticFilesTest, NothingElseIsOpened) {
  for (const char* target :
       {"/../secret", "/%2e%2e/secret", "/..%2fsecret", "/assets/../../secret",
        "/assets/%2e%2e/%2e%2e/secret", "//../secret", "/.hidden", "/assets/.hidden", "/..\\secret",
        "/%00", "/index.html%00.js", "/%", "/%zz", "", "secret", "*", "http://evil.example/",
        "/assets", "/assets/index-BqY-1k2A.js.br"}) {
    const auto response = get(target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(response.body.find("secret"), std::string::npos) << target;
  }
}

}  // namespace
}  // namespace syncline::server::net
