// Rule: figures come from the rows the caller may see, and the dashboard's parts are the bodies of their own addresses.
#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

class CrmRoutesTest : public ApiTest {
 protected:
  std::string stage(const std::string& name) {
    return get("/api/crm/deal-stages?name=" + name).body["data"][0]["id"].get<std::string>();
  }
  std::string day(std::int64_t days) {
    return base::to_string(base::date_of(office_.now() + days * 86'400'000));
  }
  void SetUp() override {
    create("/api/crm/deals",
           {{"name", "a"}, {"stageId", stage("Discovery")}, {"value", "1000.00"}});
    create("/api/crm/deals", {{"name", "b"}, {"stageId", stage("Discovery")}, {"value", "0.05"}});
    create("/api/crm/deals",
           {{"name", "c"}, {"stageId", stage("Won")}, {"value", "200.00"}, {"closedOn", day(-1)}});
    create(
        "/api/crm/deals",
        {{"name", "d"}, {"stageId", stage("Won")}, {"value", "400.00"}, {"closedOn", day(-100)}});
    create("/api/crm/deals",
           {{"name", "e"}, {"stageId", stage("Lost")}, {"value", "50.00"}, {"closedOn", day(0)}});
    const Json lead =
        create_lead({{"sourceId", get("/api/lead-sources?name=Website").body["data"][0]["id"]}});
    create_lead();
    create_lead();
    office_.wait(36 * 3'600'000);
    EXPECT_EQ(post(path_of(lead) + "/convert", {{"createDeal", false}}).status, 200);
    create("/api/crm/tasks",
           {{"title", "late"}, {"dueAt", base::to_string(office_.now() + -1000)}});
    create("/api/crm/tasks",
           {{"title", "far"}, {"dueAt", base::to_string(office_.now() + 90LL * 86'400'000)}});
    create("/api/crm/tasks",
           {{"title", "done"}, {"dueAt", base::to_string(office_.now())}, {"status", "cancelled"}});
  }
};

TEST_F(CrmRoutesTest, Metrics) {
  const Json m = get("/api/crm/metrics?days=30").body;
  EXPECT_EQ(m["newLeads"], 3);
  EXPECT_EQ(m["convertedLeads"], 1);
  EXPECT_EQ(m["conversionRate"], "0.3333");
  EXPECT_EQ(m["openDeals"], 2);
  EXPECT_EQ(m["openPipelineValue"], "1000.05");
  EXPECT_EQ(m["wonDeals"], 2);
  EXPECT_EQ(m["wonValue"], "600.00");
  EXPECT_EQ(m["revenue"], "200.00");
  EXPECT_EQ(m["winRate"], "0.5000");
  EXPECT_EQ(m["tasksDue"], 1);
  EXPECT_EQ(m["activities"], 1) << "the conversion's own";
  EXPECT_EQ(get("/api/crm/metrics?days=1").body["newLeads"], 0);
}

// Every figure beside what it was a period ago. The deals a, b and c were opened one and a half days ago, as the leads were new.
TEST_F(CrmRoutesTest, MetricsOfThePreviousPeriod) {
  const Json month = get("/api/crm/metrics?days=30").body["previous"];
  EXPECT_EQ(month["newLeads"], 0);
  EXPECT_EQ(month["conversionRate"], nullptr);
  EXPECT_EQ(month["openPipelineValue"], "0.00");
  EXPECT_EQ(month["wonValue"], "400.00") << "closed long before";
  EXPECT_EQ(month["revenue"], "0.00");
  EXPECT_EQ(month["tasksDue"], 0);
  const Json today = get("/api/crm/metrics?days=1").body;
  const Json yesterday = today["previous"];
  EXPECT_EQ(yesterday["to"], today["from"]);
  EXPECT_EQ(today["newLeads"].get<int>() + yesterday["newLeads"].get<int>(),
            get("/api/crm/metrics?days=2").body["newLeads"]);
  EXPECT_EQ(today["openPipelineValue"], "1000.05");
  EXPECT_EQ(yesterday["openPipelineValue"], "1000.05") << "open then, and open still";
  EXPECT_EQ(yesterday["wonValue"], "600.00");
  EXPECT_EQ(yesterday["convertedLeads"], 0) << "converted today";
}

TEST_F(CrmRoutesTest, PipelineAndAnalytics) {
  const Json stages = get("/api/crm/pipeline").body["stages"];
  ASSERT_EQ(stages.size(), 6u);
  EXPECT_EQ(stages[0]["name"], "Discovery");
  EXPECT_EQ(stages[0]["count"], 2);
  EXPECT_EQ(stages[0]["value"], "1000.05");
  EXPECT_EQ(stages[0]["weightedValue"], "100.01") << "10 % half-up";
  EXPECT_EQ(stages[1]["count"], 0);
  EXPECT_EQ(stages[1]["value"], "0.00");
  const Json a = get("/api/crm/lead-analytics").body;
  EXPECT_EQ(a["averageDaysToConvert"], "1.5");
  EXPECT_EQ(a["bySource"][0]["name"], "Website");
  EXPECT_EQ(a["bySource"][0]["conversionRate"], "1.0000");
  EXPECT_EQ(a["bySource"].back()["name"], nullptr);
  EXPECT_EQ(a["bySource"].back()["leads"], 2);
  EXPECT_EQ(a["byStatus"][4], (Json{{"status", "converted"}, {"leads", 1}}));
}

TEST_F(CrmRoutesTest, TheDashboardIsTheSumOfItsParts) {
  const Reply reply = get("/api/crm/dashboard?days=7&limit=10");
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body["metrics"], get("/api/crm/metrics?days=7").body);
  EXPECT_EQ(reply.body["analytics"], get("/api/crm/lead-analytics").body);
  EXPECT_EQ(reply.body["pipeline"], get("/api/crm/pipeline").body);
  EXPECT_EQ(reply.body["activities"], get("/api/crm/activities?sort=-at&limit=10").body);
  ASSERT_EQ(reply.body["tasks"]["data"].size(), 1u);
  EXPECT_EQ(reply.body["tasks"]["data"][0]["title"], "late");
  EXPECT_EQ(reply.header("syncline-version"), std::to_string(office_.version()));
}

TEST_F(CrmRoutesTest, FiguresAreThoseOfTheCaller) {
  create("/api/crm/deals", {{"name", "x"},
                            {"stageId", stage("Discovery")},
                            {"value", "9.00"},
                            {"ownerId", user_id("other")}});
  EXPECT_EQ(get("/api/crm/metrics").body["openPipelineValue"], "1009.05");
  EXPECT_EQ(get("/api/crm/metrics", "agent").body["openPipelineValue"], "1000.05");
  EXPECT_EQ(get("/api/crm/metrics", "engineer").status, 403);
  EXPECT_EQ(get("/api/crm/metrics?weeks=1").code(), "unknown_parameter");
  EXPECT_EQ(get("/api/crm/dashboard?days=0").code(), "malformed");
}

}  // namespace
}  // namespace syncline::tests
