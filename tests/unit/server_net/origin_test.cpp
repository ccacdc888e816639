// Pages of other origins may not call, whatever they look like; addresses come from trusted proxies only.
#include "server/net/origin.hpp"

#include <gtest/gtest.h>

namespace syncline::server::net {
namespace {

TEST(Origin, IsJudged) {
  const std::vector<std::string> allowed = {"https://app.example.com"};
  const struct {
    const char *origin, *host;
    Origin expected;
  } cases[] = {
      {"", "localhost:8080", Origin::none},
      {"http://localhost:8080", "localhost:8080", Origin::own},
      {"HTTP://LOCALHOST:8080", "localhost:8080", Origin::own},
      {"https://crm.example.com", "crm.example.com", Origin::own},
      {"https://crm.example.com", "crm.example.com:443", Origin::own},
      {"http://crm.example.com", "crm.example.com:80", Origin::own},
      {"http://crm.example.com", "crm.example.com:443", Origin::foreign},
      {"http://localhost:8081", "localhost:8080", Origin::foreign},
      {"http://localhost", "localhost:8080", Origin::foreign},
      {"http://localhost:8080.evil.example", "localhost:8080", Origin::foreign},
      {"http://evil.example", "localhost:8080", Origin::foreign},
      {"http://", "", Origin::foreign},
      {"null", "localhost:8080", Origin::foreign},
      {"file://localhost:8080", "localhost:8080", Origin::foreign},
      {"https://app.example.com", "localhost:8080", Origin::allowed},
      {"http://app.example.com", "localhost:8080", Origin::foreign},
      {"https://app.example.com.evil.example", "localhost:8080", Origin::foreign},
  };
  for (const auto& c : cases)
    EXPECT_EQ(judge_origin(c.origin, c.host, allowed), c.expected) << c.origin;
}

Client client(std::vector<std::pair<std::string, std::string>> headers, const std::string& peer) {
  http::Request request;
  request.headers = std::move(headers);
  return client_of(request, peer, {"127.0.0.1", "10.0.0.1"});
}

TEST(Client, IsThePeerUnlessAProxyIsTrusted) {
  EXPECT_EQ(
      client({{"x-forwarded-for", "6.6.6.6"}, {"x-forwarded-proto", "https"}}, "1.2.3.4").address,
      "1.2.3.4");
  EXPECT_FALSE(client({{"x-forwarded-proto", "https"}}, "1.2.3.4").secure);
  EXPECT_EQ(client({}, "127.0.0.1").address, "127.0.0.1");
}

TEST(Client, IsTheLastAddressThatIsNoProxy) {
  EXPECT_EQ(client({{"x-forwarded-for", "6.6.6.6, 1.2.3.4"}}, "127.0.0.1").address, "1.2.3.4");
  EXPECT_EQ(client({{"x-forwarded-for", "1.2.3.4, 10.0.0.1"}}, "127.0.0.1").address, "1.2.3.4");
  EXPECT_EQ(
      client({{"x-forwarded-for", "6.6.6.6"}, {"x-forwarded-for", "1.2.3.4"}}, "127.0.0.1").address,
      "1.2.3.4");
  EXPECT_EQ(client({{"x-forwarded-for", " , "}}, "127.0.0.1").address, "127.0.0.1");
  EXPECT_TRUE(client({{"x-forwarded-proto", "https"}}, "127.0.0.1").secure);
}

}  // namespace
}  // namespace syncline::server::net
