// Rule: the sub-protocol of /events: authenticate within 5 s, subscribe, hear, unsubscribe; and the same as an event stream.
#include "server/api/event_session.hpp"

#include "server/api/event_stream.hpp"
#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

using server::api::EventSession;
using server::api::EventStream;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class EventSessionTest : public ApiTest {
 protected:
  EventSessionTest()
      : session_(office_.domain(), office_, office_, EventSession::Options{}, office_.now()) {}

  void say(const Json& message) { session_.on_text(message.dump(), office_.now()); }
  Json hear() {
    const auto text = session_.poll_text();
    return text ? Json::parse(*text) : Json();
  }
  void open(const std::string& who = "admin") {
    say({{"type", "auth"}, {"token", who}});
    ASSERT_TRUE(session_.identity().has_value());
  }
  EventSession session_;
};

TEST_F(EventSessionTest, TheExchangeOfTheDocument) {
  open();
  EXPECT_EQ(hear(), Json()) << "authentication is silent";
  const model::Version since = office_.version();
  const Json lead = create_lead();
  say({{"type", "subscribe"}, {"rooms", {"crm", "leads"}}, {"since", since}});
  EXPECT_EQ(
      hear(),
      (Json{{"type", "subscribed"}, {"rooms", {"crm", "leads"}}, {"version", office_.version()}}));
  EXPECT_EQ(hear()["recordId"], lead["id"]);
  create_lead();
  session_.on_commit(*office_.commits().back());
  EXPECT_EQ(hear()["type"], "lead_created");
  say({{"type", "unsubscribe"}, {"rooms", {"crm", "leads"}}});
  EXPECT_EQ(hear()["type"], "unsubscribed");
  create_lead();
  session_.on_commit(*office_.commits().back());
  EXPECT_EQ(hear(), Json());
  EXPECT_FALSE(session_.closing().has_value());
}

TEST_F(EventSessionTest, NobodyWaitsForASignInForEver) {
  ASSERT_TRUE(session_.next_timeout().has_value());
  EXPECT_EQ(session_.next_timeout()->ms, office_.now().ms + 5'000);
  session_.on_timeout(office_.now() + 4'999);
  EXPECT_FALSE(session_.closing().has_value());
  session_.on_timeout(office_.now() + 5'000);
  EXPECT_EQ(hear()["code"], "unauthenticated");
  EXPECT_EQ(session_.closing()->code, 1008);
}

TEST_F(EventSessionTest, StrangersAreShownOut) {
  for (const Json& first : {Json{{"type", "subscribe"}, {"rooms", {"crm"}}},
                            Json{{"type", "auth"}, {"token", "forged"}}, Json{{"type", "auth"}},
                            Json::array(), Json(7)}) {
    EventSession session(office_.domain(), office_, office_, EventSession::Options{},
                         office_.now());
    session.on_text(first.dump(), office_.now());
    EXPECT_EQ(Json::parse(*session.poll_text())["type"], "error") << first;
    ASSERT_TRUE(session.closing().has_value()) << first;
    session.on_text(Json{{"type", "auth"}, {"token", "admin"}}.dump(), office_.now());
    EXPECT_FALSE(session.identity().has_value()) << "too late";
  }
}

TEST_F(EventSessionTest, MistakesAreToldAndTheLineStaysOpen) {
  open();
  const std::vector<std::pair<std::string, std::string>> mistakes = {
      {"{", "malformed"},
      {"\"\xff\"", "malformed"},
      {"[]", "malformed"},
      {R"({"type":"dance"})", "unknown_parameter"},
      {R"({"type":"subscribe"})", "malformed"},
      {R"({"type":"subscribe","rooms":"crm"})", "malformed"},
      {R"({"type":"subscribe","rooms":[1]})", "malformed"},
      {R"({"type":"subscribe","rooms":[]})", "malformed"},
      {R"({"type":"subscribe","rooms":["crm"],"since":-1})", "malformed"},
      {R"({"type":"subscribe","rooms":["nowhere"]})", "malformed"},
      {R"({"type":"subscribe","rooms":["crm"],"from":1})", "unknown_parameter"},
      {R"({"type":"unsubscribe","rooms":["crm"],"since":1})", "unknown_parameter"},
      {R"({"type":"auth","token":"admin","as":"root"})", "unknown_parameter"},
      {R"({"type":"subscribe","rooms":["crm"],"rooms":["leads"]})", "malformed"},
  };
  for (const auto& [text, code] : mistakes) {
    session_.on_text(text, office_.now());
    const Json answer = hear();
    EXPECT_EQ(answer["type"], "error") << text;
    EXPECT_EQ(answer["code"], code) << text;
    EXPECT_FALSE(session_.closing().has_value()) << text;
  }
  session_.on_text(std::string(70'000, 'x'), office_.now());
  EXPECT_EQ(session_.closing()->code, 1009);
}

TEST_F(EventSessionTest, TokensRunOutUnlessRenewed) {
  open();
  const base::Timestamp first = *session_.next_timeout();
  office_.wait(600'000);
  say({{"type", "auth"}, {"token", "admin"}});
  session_.on_timeout(first);
  EXPECT_FALSE(session_.closing().has_value());
  session_.on_timeout(*session_.next_timeout());
  EXPECT_EQ(hear()["code"], "token_expired");
  EXPECT_TRUE(session_.closing().has_value());
}

TEST_F(EventSessionTest, NobodyTakesOverAConnection) {
  open("agent");
  say({{"type", "auth"}, {"token", "admin"}});
  EXPECT_EQ(hear()["code"], "unauthenticated");
  EXPECT_TRUE(session_.closing().has_value());
}

TEST_F(EventSessionTest, AfterLogoutNothingMoreIsTold) {
  open();
  say({{"type", "subscribe"}, {"rooms", {"crm"}}});
  EXPECT_EQ(hear()["type"], "subscribed");
  session_.end(base::Error(base::Code::unauthenticated, "You signed out."));
  create_lead();
  session_.on_commit(*office_.commits().back());
  EXPECT_EQ(hear()["type"], "error");
  EXPECT_EQ(hear(), Json());
}

TEST_F(EventSessionTest, ARemovedUserHearsItAndIsShownOut) {
  open("viewer");
  ASSERT_EQ(call("admin", "DELETE", "/api/users/" + user_id("viewer")).status, 204);
  session_.on_commit(*office_.commits().back());
  EXPECT_EQ(hear()["type"], "user_deleted");
  EXPECT_EQ(hear()["type"], "error");
  EXPECT_TRUE(session_.closing().has_value());
}

class EventStreamTest : public ApiTest {
 protected:
  base::Result<std::unique_ptr<EventStream>> open(const std::string& query,
                                                  server::http::Headers headers = {}) {
    server::http::Request request;
    request.method = "GET";
    request.target = "/api/events" + query;
    request.headers = std::move(headers);
    EXPECT_TRUE(EventStream::is_for(request));
    return EventStream::open(office_.domain(), office_, office_, request, office_.now());
  }
  const server::http::Headers kAdmin{{"authorization", "Bearer admin"}};
};

TEST_F(EventStreamTest, ATicketOpensOneStream) {
  const std::string ticket = post("/api/auth/ticket", Json::object()).body["ticket"];
  auto stream = open("?rooms=crm,leads&ticket=" + ticket);
  ASSERT_TRUE(stream.ok()) << stream.error().message;
  EXPECT_THAT(*(*stream)->poll_text(), HasSubstr("id: " + std::to_string(office_.version()) +
                                                 "\ndata: {\"type\":\"subscribed\""));
  create_lead();
  (*stream)->on_commit(*office_.commits().back());
  EXPECT_THAT(*(*stream)->poll_text(), StartsWith("id: " + std::to_string(office_.version()) +
                                                  "\ndata: {\"type\":\"lead_created\""));
  EXPECT_FALSE((*stream)->poll_text().has_value());
  EXPECT_EQ(open("?rooms=crm&ticket=" + ticket).error().code, base::Code::unauthenticated);
}

TEST_F(EventStreamTest, ResumesAfterTheLastEvent) {
  const std::string last = std::to_string(office_.version());
  create_lead();
  server::http::Headers headers = kAdmin;
  headers.emplace_back("last-event-id", last);
  auto stream = open("?rooms=leads&since=1", headers);
  ASSERT_TRUE(stream.ok());
  EXPECT_THAT(*(*stream)->poll_text(), HasSubstr("subscribed"));
  EXPECT_THAT(*(*stream)->poll_text(), HasSubstr("lead_created"));
  EXPECT_FALSE((*stream)->poll_text().has_value());
}

TEST_F(EventStreamTest, StaysAliveAndEndsWithItsToken) {
  auto stream = open("?rooms=crm", kAdmin);
  ASSERT_TRUE(stream.ok());
  while ((*stream)->poll_text()) {
  }
  (*stream)->on_timeout((*stream)->next_timeout());
  EXPECT_EQ(*(*stream)->poll_text(), ": \n\n");
  (*stream)->on_timeout(office_.now() + 900'000);
  EXPECT_TRUE((*stream)->ended());
}

TEST_F(EventStreamTest, RefusalsAreProblems) {
  EXPECT_EQ(open("?rooms=crm").error().code, base::Code::unauthenticated);
  EXPECT_EQ(open("", kAdmin).error().code, base::Code::malformed);
  EXPECT_EQ(open("?rooms=nowhere", kAdmin).error().code, base::Code::malformed);
  EXPECT_EQ(open("?rooms=crm&since=x", kAdmin).error().code, base::Code::malformed);
  EXPECT_EQ(open("?rooms=crm&speed=1", kAdmin).error().code, base::Code::unknown_parameter);
  EXPECT_EQ(EventStream::refusal(open("?rooms=crm").error()).status, 401);
}

}  // namespace
}  // namespace syncline::tests
