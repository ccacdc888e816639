// Rule: programs get tokens in bodies; the app's refresh token is a cookie that scripts never see (SEMANTICS 35).
#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AuthRoutesTest : public ApiTest {
 protected:
  Reply sign_in(const Json& body, server::http::Headers headers = {}) {
    return call("", "POST", "/api/auth/login", body.dump(), std::move(headers));
  }
  const Json kCredentials{{"email", "agent@example.com"}, {"password", "correct horse"}};
  const server::http::Headers kApp{{"x-syncline-app", "1"}};
};

TEST_F(AuthRoutesTest, ProgramsGetBothTokens) {
  const Reply reply = sign_in(kCredentials);
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body["accessToken"], "agent");
  EXPECT_EQ(reply.body["refreshToken"], "refresh-agent");
  EXPECT_EQ(reply.body["expiresIn"], 900);
  EXPECT_EQ(reply.body["user"]["id"], user_id("agent"));
  EXPECT_EQ(reply.body["user"]["email"], "agent@example.com") << "one's own address is not masked";
  EXPECT_EQ(reply.header("set-cookie"), "");
  const Reply renewed =
      call("", "POST", "/api/auth/refresh", Json{{"refreshToken", "refresh-agent"}}.dump());
  EXPECT_EQ(renewed.body["accessToken"], "agent");
}

TEST_F(AuthRoutesTest, TheAppGetsACookie) {
  const Reply reply = sign_in(kCredentials, kApp);
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_FALSE(reply.body.contains("refreshToken"));
  const std::string cookie = reply.header("set-cookie");
  EXPECT_THAT(
      cookie,
      HasSubstr("syncline_refresh=refresh-agent; Path=/api/auth; HttpOnly; SameSite=Strict"));
  EXPECT_THAT(cookie, Not(HasSubstr("Secure"))) << "plain http on this machine";
  server::http::Headers headers = kApp;
  headers.emplace_back("cookie", "theme=dark; syncline_refresh=refresh-agent; x=y");
  const Reply renewed = call("", "POST", "/api/auth/refresh", "{}", headers);
  ASSERT_EQ(renewed.status, 200) << renewed.text;
  EXPECT_FALSE(renewed.body.contains("refreshToken"));
  headers.erase(headers.begin());
  EXPECT_EQ(call("", "POST", "/api/auth/refresh", "{}", headers).status, 401)
      << "a cookie alone is not enough";
  EXPECT_NE(
      sign_in({{"email", "agent@example.com"}, {"password", "correct horse"}, {"cookie", true}})
          .header("set-cookie"),
      "");
}

TEST_F(AuthRoutesTest, RefusalsAreClear) {
  EXPECT_EQ(sign_in({{"email", "agent@example.com"}, {"password", "wrong"}}).code(),
            "bad_credentials");
  EXPECT_EQ(sign_in({{"email", "agent@example.com"}}).body["errors"][0]["field"], "password");
  EXPECT_EQ(sign_in({{"email", 1}, {"password", "x"}}).code(), "wrong_type");
  EXPECT_EQ(sign_in({{"email", "x"}, {"password", "x"}, {"admin", true}}).code(), "unknown_field");
  EXPECT_EQ(call("", "POST", "/api/auth/login", "{").code(), "malformed");
  EXPECT_EQ(call("", "POST", "/api/auth/refresh", Json{{"refreshToken", "stolen"}}.dump()).status,
            401);
  EXPECT_EQ(call("", "GET", "/api/auth/me").header("www-authenticate"), "Bearer");
  EXPECT_EQ(call("nobody", "GET", "/api/auth/me").status, 401);
  EXPECT_EQ(call("", "GET", "/api/auth/login").status, 405);
}

TEST_F(AuthRoutesTest, MeTicketLogout) {
  EXPECT_EQ(get("/api/auth/me", "viewer").body["name"], "viewer");
  EXPECT_EQ(post("/api/auth/ticket", Json::object()).body["ticket"], "ticket");
  const Reply out = post("/api/auth/logout", Json::object());
  EXPECT_EQ(out.status, 204);
  EXPECT_THAT(out.header("set-cookie"), HasSubstr("Max-Age=0"));
}

}  // namespace
}  // namespace syncline::tests
