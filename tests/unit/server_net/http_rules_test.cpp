// What the HTTP standards ask of a server, over real sockets: addresses, methods, and answers that arrive whatever the client
// was still sending.
#include "server_world.hpp"

namespace syncline::server::net {
namespace {

using testing::ends;
using testing::get;
using testing::RawClient;
using testing::ServerTest;
using testing::starts;

using HttpRules = ServerTest;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(HttpRules, ARequestNamesItsHostOnce) {
  start();
  const std::string end = "Connection: close\r\n\r\n";
  const std::string none = ask("GET /a HTTP/1.1\r\n" + end);
  EXPECT_TRUE(starts(none, 400)) << none;
  EXPECT_TRUE(holds(none, R"("code":"malformed")"));
  EXPECT_TRUE(starts(ask("GET /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n" + end), 400));
  EXPECT_TRUE(starts(ask("GET /a HTTP/1.0\r\nHost: a\r\nHost: b\r\n" + end), 400));
  EXPECT_TRUE(starts(ask("GET /sync HTTP/1.1\r\n" + end), 400));
  EXPECT_TRUE(starts(ask("GET /a HTTP/1.1\r\nHost:\r\n" + end), 200));
  EXPECT_TRUE(starts(ask("GET /a HTTP/1.0\r\n\r\n"), 200));
}

TEST_F(HttpRules, AnAbsoluteTargetIsItsPathAndItsHost) {
  start();
  EXPECT_TRUE(ends(ask(get("http://localhost/a?b=1")), "GET /a?b=1 0"));
  EXPECT_TRUE(ends(ask(get("http://localhost")), "GET / 0"));
  // The host of the target counts, whatever Host says: for the origin too.
  const auto from = [this](const std::string& origin) {
    return ask(
        "GET http://crm.example/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: " +
        origin + "\r\n\r\n");
  };
  EXPECT_TRUE(starts(from("http://crm.example"), 200));
  EXPECT_TRUE(starts(from("http://localhost"), 403));
  RawClient socket(port_);
  EXPECT_TRUE(socket.upgrade("http://localhost/sync", "test.v1")) << socket.head();
  for (const char* target :
       {"a", "ftp://localhost/a", "http:///a", "http://ada:secret@localhost/a"})
    EXPECT_TRUE(starts(ask(get(target)), 400)) << target;
}

TEST_F(HttpRules, OptionsSaysWhatAnAddressAnswers) {
  start();
  const struct {
    const char *target, *allow;
  } cases[] = {
      {"/lists", "allow: GET, POST, HEAD, OPTIONS\r\n"},
      {"/sync", "allow: GET, HEAD, OPTIONS\r\n"},
      {"*", "allow: GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS\r\n"},
  };
  for (const auto& c : cases) {
    RawClient client(port_);
    client.write("OPTIONS " + std::string(c.target) +
                 " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody" + get("/a"));
    const std::string answers = client.read_all();
    EXPECT_TRUE(starts(answers, 204)) << answers;
    EXPECT_TRUE(holds(answers, c.allow)) << answers;
    EXPECT_TRUE(ends(answers, "GET /a 0")) << "the connection goes on: " << answers;
  }
  const std::string refused =
      ask("DELETE /lists HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(starts(refused, 405));
  EXPECT_TRUE(holds(refused, "allow: GET, POST, HEAD, OPTIONS\r\n")) << refused;
  EXPECT_TRUE(ends(refused, "not this method"));
}

TEST_F(HttpRules, ASocketsPathAsksForTheUpgrade) {
  start();
  const std::string answer = ask(get("/sync"));
  EXPECT_TRUE(starts(answer, 426));
  EXPECT_TRUE(holds(answer, "upgrade: websocket\r\n")) << answer;
  EXPECT_TRUE(holds(answer, R"("type":"urn:syncline:error:upgrade_required")")) << answer;
  EXPECT_TRUE(holds(answer, R"("code":"upgrade_required")")) << answer;
  const std::string head =
      ask("HEAD /sync HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(starts(head, 426));
  EXPECT_TRUE(ends(head, "\r\n\r\n")) << head;
}

TEST_F(HttpRules, WhoSendsFarTooMuchStillHearsThatItIsTooMuch) {
  start();
  constexpr std::size_t kSize = 50u << 20;
  RawClient client(port_);
  EXPECT_TRUE(client.write("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                           std::to_string(kSize) + "\r\n\r\n" + std::string(kSize, 'x')));
  const std::string answer = client.read_all();
  EXPECT_TRUE(starts(answer, 413)) << answer;
  EXPECT_TRUE(holds(answer, R"("code":"too_large")"));
}

TEST_F(HttpRules, WhoAsksBeforeSendingTooMuchIsToldNotTo) {
  start();
  RawClient client(port_);
  client.write(
      "POST /a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: "
      "2000000\r\n\r\n");
  ASSERT_TRUE(client.read_until("\"errors\":[]}"));
  EXPECT_TRUE(starts(client.text(), 413)) << client.text();
}

// Two seconds for everything, however often something arrives: it takes two hundred bytes and ten seconds to be wrong.
TEST_F(HttpRules, ASlowRequestHasOneDeadlineForAllOfIt) {
  ServerOptions options;
  options.limits.request_seconds = 2;
  start(options);
  RawClient head(port_);
  head.write("GET /a HTTP/1.1\r\nHost: localhost\r\nX: ");
  EXPECT_TRUE(head.drip_until_refused(200));
  RawClient body(port_);
  body.write("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_TRUE(body.drip_until_refused(200));
  RawClient refused(port_);
  refused.write("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n");
  ASSERT_TRUE(refused.read_until("\"errors\":[]}"));
  EXPECT_TRUE(refused.drip_until_refused(200));
  EXPECT_TRUE(starts(ask(get("/a")), 200));
}

TEST_F(HttpRules, APageOpenedByAnotherNameOfThisMachineMayCall) {
  start();
  const std::string host = "localhost:" + std::to_string(port_);
  const auto from = [&](const std::string& origin) {
    return ask("GET /a HTTP/1.1\r\nConnection: close\r\nHost: " + host + "\r\nOrigin: " + origin +
               "\r\n\r\n");
  };
  EXPECT_TRUE(starts(from("http://" + host), 200));
  EXPECT_TRUE(starts(from("http://127.0.0.1:" + std::to_string(port_)), 403));
  EXPECT_TRUE(starts(from("http://localhost:1"), 403));
}

}  // namespace
}  // namespace syncline::server::net
