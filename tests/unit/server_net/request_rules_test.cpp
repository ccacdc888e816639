// Targets in every form that a server must read, and Allow with what the edge itself answers.
#include "server/net/request_rules.hpp"

#include <gtest/gtest.h>

namespace syncline::server::net {
namespace {

TEST(RequestTarget, HasItsPathAndWhoItNames) {
  const struct {
    const char *target, *path, *authority;
  } cases[] = {
      {"/", "/", ""},
      {"/a?b=http://c", "/a?b=http://c", ""},
      {"*", "*", ""},
      {"http://host/a?b", "/a?b", "host"},
      {"HTTPS://host:8443/a", "/a", "host:8443"},
      {"http://host", "/", "host"},
      {"http://host?q=1", "/?q=1", "host"},
      {"http://[::1]:8080//a", "//a", "[::1]:8080"},
  };
  for (const auto& c : cases) {
    const auto target = parse_request_target(c.target);
    ASSERT_TRUE(target) << c.target;
    EXPECT_EQ(target->path, c.path) << c.target;
    EXPECT_EQ(target->authority, c.authority) << c.target;
  }
  for (const char* none : {"", "a", "a/b", "host:443", "ftp://host/a", "http://", "http:///a",
                           "http:/a", "http://ada:secret@host/a", "**"}) {
    EXPECT_FALSE(parse_request_target(none)) << none;
  }
}

TEST(Allow, HasWhatTheEdgeAdds) {
  EXPECT_EQ(completed_allow("GET, POST"), "GET, POST, HEAD, OPTIONS");
  EXPECT_EQ(completed_allow("GET, HEAD"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(completed_allow("POST"), "POST, OPTIONS");
  EXPECT_EQ(completed_allow(""), "OPTIONS");
}

TEST(Allow, IsTheAnswerToOptionsAndStaysARefusalOtherwise) {
  const http::Response refusal{405, {{"content-type", "x"}, {"allow", "POST"}}, "refused"};
  http::Response response = refusal;
  finish_allow(response, true);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.headers, (http::Headers{{"allow", "POST, OPTIONS"}}));
  response = refusal;
  finish_allow(response, false);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.body, "refused");
  EXPECT_EQ(response.headers.back().second, "POST, OPTIONS");
  response = {404, {}, "nothing here"};
  finish_allow(response, true);
  EXPECT_EQ(response.status, 404);
}

}  // namespace
}  // namespace syncline::server::net
