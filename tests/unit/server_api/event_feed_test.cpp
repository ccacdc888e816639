// Rule: a subscriber hears every visible event of its rooms once and in order, live or replayed, or is told of a reset.
#include "server/api/event_feed.hpp"

#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

using server::api::EventFeed;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventFeedTest : public ApiTest {
 protected:
  // A subscriber that hears commits as they happen.
  struct Listener {
    Listener(EventFeedTest& world, const std::string& who, EventFeed::Limits limits = {})
        : world_(world), feed(world.office_.domain(), world.office_, limits) {
      feed.set_actor(world.office_.actor(who));
      heard_ = world.office_.commits().size();
    }
    void listen() {
      const auto& commits = world_.office_.commits();
      while (heard_ < commits.size()) feed.on_commit(*commits[heard_++]);
    }
    std::vector<Json> events() {
      listen();
      std::vector<Json> all;
      while (auto item = feed.poll()) all.push_back(Json::parse(item->json));
      return all;
    }
    std::vector<std::string> types() {
      std::vector<std::string> all;
      for (const Json& event : events()) all.push_back(event["type"]);
      return all;
    }

    EventFeedTest& world_;
    EventFeed feed;
    std::size_t heard_ = 0;
  };
};

TEST_F(EventFeedTest, AnEventSaysWhatHappened) {
  const Json lead = create_lead({{"value", "1.00"}});
  Listener listener(*this, "viewer");
  ASSERT_TRUE(listener.feed.subscribe({"leads"}, std::nullopt).ok());
  ASSERT_EQ(patch(path_of(lead), {{"value", "395000.00"}}, "manager").status, 200);
  const std::vector<Json> events = listener.events();
  ASSERT_EQ(events.size(), 1u);
  const Json expected = {
      {"type", "lead_updated"},       {"module", "crm"},
      {"collection", "leads"},        {"action", "updated"},
      {"recordId", lead["id"]},       {"data", {{"value", "395000.00"}}},
      {"userId", user_id("manager")}, {"timestamp", base::to_string(office_.commits().back()->at)},
      {"version", office_.version()}};
  EXPECT_EQ(events.front(), expected);
}

TEST_F(EventFeedTest, GenericEventsComeBeforeDomainEvents) {
  const Json lead = create_lead();
  Listener listener(*this, "admin");
  ASSERT_TRUE(listener.feed.subscribe({"crm"}, std::nullopt).ok());
  ASSERT_EQ(post(path_of(lead) + "/convert", Json::object()).status, 200);
  const std::vector<std::string> types = listener.types();
  const auto at = [&types](const std::string& type) {
    return std::find(types.begin(), types.end(), type) - types.begin();
  };
  const auto absent = static_cast<std::ptrdiff_t>(types.size());
  for (const char* type :
       {"contact_created", "deal_created", "activity_created", "lead_updated", "lead_converted"}) {
    EXPECT_LT(at(type), absent) << type;
  }
  EXPECT_EQ(at("lead_converted"), at("lead_updated") + 1);
}

TEST_F(EventFeedTest, RoomsChooseByModuleCollectionRecordAndUser) {
  const Json lead = create_lead();
  const std::string id = lead["id"];
  const auto heard = [&](const std::string& room, const std::string& who = "admin") {
    Listener listener(*this, who);
    const auto subscribed = listener.feed.subscribe({room}, std::nullopt);
    EXPECT_TRUE(subscribed.ok()) << room;
    static int counter = 0;
    EXPECT_EQ(patch(path_of(lead), {{"name", "n" + std::to_string(++counter)}}).status, 200);
    create("/api/crm/companies", {{"name", "Acme"}});
    return listener.types();
  };
  EXPECT_THAT(heard("crm"), ElementsAre("lead_updated", "company_created"));
  EXPECT_THAT(heard("platform"), IsEmpty());
  EXPECT_THAT(heard("leads"), ElementsAre("lead_updated"));
  EXPECT_THAT(heard("crm:leads"), ElementsAre("lead_updated"));
  EXPECT_THAT(heard("leads:" + id), ElementsAre("lead_updated"));
  EXPECT_THAT(heard("crm:leads:" + id), ElementsAre("lead_updated"));
  EXPECT_THAT(heard("companies:" + id), IsEmpty());
  EXPECT_THAT(heard("crm:companies"), ElementsAre("company_created"));

  Listener agent(*this, "agent");
  ASSERT_TRUE(agent.feed.subscribe({"user:" + user_id("agent")}, std::nullopt).ok());
  ASSERT_EQ(patch(path_of(lead), {{"ownerId", user_id("agent")}}).status, 200);
  ASSERT_EQ(patch("/api/users/" + user_id("agent"), {{"title", "Boss"}}).status, 200);
  EXPECT_THAT(agent.types(), ElementsAre("lead_assigned", "user_updated"));
}

TEST_F(EventFeedTest, RoomsThatAreNone) {
  Listener listener(*this, "engineer");
  const auto code = [&](const std::string& room) {
    const auto subscribed = listener.feed.subscribe({"tasks", room}, std::nullopt);
    EXPECT_FALSE(subscribed.ok()) << room;
    return subscribed.ok() ? base::Code::ok : subscribed.error().code;
  };
  for (const char* room : {"", ":", "lead", "leads:", "leads:1", "crm:", "crm:lead", "crm:leads:1",
                           "x:leads", "user:me", "leads:leads"}) {
    EXPECT_EQ(code(room), base::Code::malformed) << room;
  }
  EXPECT_EQ(code("leads"), base::Code::forbidden);
  EXPECT_EQ(code("user:" + user_id("agent")), base::Code::forbidden);
  create("/api/crm/tasks", {{"title", "t"}, {"assigneeId", user_id("engineer")}});
  EXPECT_THAT(listener.types(), IsEmpty()) << "all rooms or none";
}

TEST_F(EventFeedTest, OnlyWhatOneMaySee) {
  const Json theirs = create_lead({{"ownerId", user_id("other")}});
  const Json shared = create_lead();
  Listener agent(*this, "agent");
  ASSERT_TRUE(agent.feed.subscribe({"crm", "users"}, std::nullopt).ok());
  ASSERT_EQ(patch(path_of(theirs), {{"name", "secret"}}).status, 200);
  ASSERT_EQ(patch(path_of(shared), {{"ownerId", user_id("other")}, {"name", "gone"}}).status, 200);
  ASSERT_EQ(
      patch("/api/users/" + user_id("viewer"), {{"title", "Dr"}, {"phone", "+49 30 1"}}).status,
      200);
  const std::vector<Json> events = agent.events();
  ASSERT_EQ(events.size(), 3u) << Json(events);
  EXPECT_EQ(events[0]["type"], "lead_updated");
  EXPECT_EQ(events[0]["data"], Json::object()) << "it left: nothing of its new state is shown";
  EXPECT_EQ(events[1]["type"], "lead_assigned");
  EXPECT_EQ(events[2]["data"], (Json{{"title", "Dr"}})) << "phone is masked";
}

TEST_F(EventFeedTest, ReplaysTheLogAndGoesOnLiveWithoutAHole) {
  const model::Version since = office_.version();
  std::vector<std::uint64_t> expected;
  expected.reserve(452);
  for (int i = 0; i < 450; ++i) expected.push_back(create_lead()["version"]);
  Listener listener(*this, "admin");
  const auto subscribed = listener.feed.subscribe({"leads"}, since);
  ASSERT_TRUE(subscribed.ok());
  EXPECT_EQ(*subscribed, office_.version());
  std::vector<std::uint64_t> versions;
  versions.reserve(452);
  for (int i = 0; i < 5; ++i)
    versions.push_back(Json::parse(listener.feed.poll()->json)["version"]);
  expected.push_back(create_lead()["version"]);  // while the replay is under way
  for (const Json& event : listener.events()) versions.push_back(event["version"]);
  expected.push_back(create_lead()["version"]);
  for (const Json& event : listener.events()) versions.push_back(event["version"]);
  EXPECT_EQ(versions, expected);
}

TEST_F(EventFeedTest, ReplayedAndLiveAreTheSame) {
  const model::Version since = office_.version();
  Listener live(*this, "agent");
  ASSERT_TRUE(live.feed.subscribe({"crm", "users"}, std::nullopt).ok());
  const Json lead = create_lead();
  ASSERT_EQ(post(path_of(lead) + "/convert", Json::object()).status, 200);
  create_lead({{"ownerId", user_id("other")}});
  ASSERT_EQ(patch("/api/users/" + user_id("viewer"), {{"phone", "+49 30 1"}}).status, 200);
  ASSERT_EQ(call("admin", "DELETE", "/api/users/" + user_id("viewer")).status, 204);
  Listener late(*this, "agent");
  ASSERT_TRUE(late.feed.subscribe({"crm", "users"}, since).ok());
  const std::vector<Json> heard = live.events();
  EXPECT_GT(heard.size(), 4u);
  EXPECT_EQ(late.events(), heard);
}

TEST_F(EventFeedTest, RoomsThatOverlapTellOnce) {
  Listener listener(*this, "admin");
  ASSERT_TRUE(listener.feed.subscribe({"crm"}, std::nullopt).ok());
  const model::Version since = office_.version();
  create_lead();
  listener.listen();
  ASSERT_TRUE(listener.feed.subscribe({"leads"}, since).ok());
  EXPECT_THAT(listener.types(), ElementsAre("lead_created"));
}

TEST_F(EventFeedTest, AVersionFromTheFutureIsAReset) {
  Listener listener(*this, "admin");
  ASSERT_TRUE(listener.feed.subscribe({"crm"}, office_.version() + 5).ok());
  EXPECT_THAT(listener.events(),
              ElementsAre(Json{{"type", "reset"}, {"version", office_.version()}}));
  create_lead();
  EXPECT_THAT(listener.types(), ElementsAre("lead_created")) << "and on it goes";
}

TEST_F(EventFeedTest, WhoDoesNotKeepUpIsReset) {
  EventFeed::Limits limits;
  limits.queued_bytes_max = 2'000;
  Listener listener(*this, "admin", limits);
  ASSERT_TRUE(listener.feed.subscribe({"crm"}, std::nullopt).ok());
  for (int i = 0; i < 20; ++i) create_lead();
  const std::vector<std::string> types = listener.types();
  EXPECT_EQ(types.front(), "reset");
  EXPECT_LT(types.size(), 10u);
}

TEST_F(EventFeedTest, OnlyTheLastItemOfACommitIsAPlaceToResume) {
  const Json lead = create_lead();
  Listener listener(*this, "admin");
  ASSERT_TRUE(listener.feed.subscribe({"crm"}, std::nullopt).ok());
  ASSERT_EQ(post(path_of(lead) + "/convert", Json::object()).status, 200);
  listener.listen();
  std::vector<bool> resumable;
  while (auto item = listener.feed.poll()) resumable.push_back(item->resume_at.has_value());
  ASSERT_GT(resumable.size(), 2u);
  EXPECT_TRUE(resumable.back());
  EXPECT_EQ(std::count(resumable.begin(), resumable.end(), true), 1);
}

TEST_F(EventFeedTest, ARemovedUserIsToldWhateverTheRooms) {
  Listener viewer(*this, "viewer");
  ASSERT_TRUE(viewer.feed.subscribe({"leads"}, std::nullopt).ok());
  Listener admin(*this, "admin");
  ASSERT_TRUE(admin.feed.subscribe({"users"}, std::nullopt).ok());
  ASSERT_EQ(call("admin", "DELETE", "/api/users/" + user_id("viewer")).status, 204);
  EXPECT_TRUE(viewer.feed.on_commit(*office_.commits().back()));
  EXPECT_EQ(Json::parse(viewer.feed.poll()->json)["type"], "user_deleted");
  EXPECT_THAT(admin.types(), ElementsAre("user_deleted_broadcast"));
}

}  // namespace
}  // namespace syncline::tests
