// Rule: POST /api/mutate runs every action by name; an array succeeds or fails as one.
#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

class MutateTest : public ApiTest {};

TEST_F(MutateTest, OneByName) {
  const Reply reply =
      post("/api/mutate", {{"name", "crm.leads.insert"}, {"args", {{"name", "Ada"}}}});
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body["version"], office_.version());
  EXPECT_EQ(get("/api/crm/leads/" + reply.body["result"]["id"].get<std::string>()).body["name"],
            "Ada");
}

TEST_F(MutateTest, AnArrayIsOneVersion) {
  const Json lead = create_lead();
  const model::Version before = office_.version();
  const Reply reply = post(
      "/api/mutate",
      Json::array({{{"name", "crm.leads.update"}, {"args", {{"id", lead["id"]}, {"name", "Bob"}}}},
                   {{"name", "crm.lead.convert"}, {"args", {{"id", lead["id"]}}}}}));
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(office_.version(), before + 1);
  ASSERT_EQ(reply.body["result"].size(), 2u);
  EXPECT_TRUE(reply.body["result"][1].contains("dealId"));
}

TEST_F(MutateTest, AnArrayFailsAsAWhole) {
  const Json lead = create_lead();
  const model::Version before = office_.version();
  const Reply reply = post(
      "/api/mutate",
      Json::array({{{"name", "crm.leads.update"}, {"args", {{"id", lead["id"]}, {"name", "Bob"}}}},
                   {{"name", "crm.leads.insert"}, {"args", Json::object()}}}));
  EXPECT_EQ(reply.status, 422) << reply.text;
  EXPECT_EQ(office_.version(), before);
  EXPECT_EQ(get(path_of(lead)).body["name"], "Ada");
}

TEST_F(MutateTest, ItemsHaveABase) {
  const Json lead = create_lead({{"value", "1.00"}});
  ASSERT_EQ(patch(path_of(lead), {{"value", "2.00"}}, "manager").status, 200);
  const Reply reply = post("/api/mutate", {{"name", "crm.leads.update"},
                                           {"args", {{"id", lead["id"]}, {"value", "3.00"}}},
                                           {"version", lead["version"]}});
  EXPECT_EQ(reply.status, 409) << reply.text;
  EXPECT_EQ(reply.body["conflict"]["fields"]["value"]["theirs"], "2.00");
}

TEST_F(MutateTest, RefusesWhatItDoesNotKnow) {
  const std::vector<std::pair<Json, std::string>> refused = {
      {Json::array(), "malformed"},
      {"text", "malformed"},
      {{{"args", Json::object()}}, "malformed"},
      {{{"name", "crm.lead.explode"}}, "unknown_mutator"},
      {{{"name", "crm.leads.insert"}, {"args", 1}}, "malformed"},
      {{{"name", "crm.leads.insert"}, {"argz", 1}}, "unknown_parameter"},
      {{{"name", "crm.leads.insert"},
        {"args", {{"name", "x"}, {"convertedAt", "2026-01-01T00:00:00Z"}}}},
       "unknown_field"},
      {{{"name", "crm.leads.update"}, {"args", {{"id", "x"}}}}, "wrong_type"},
      {{{"name", "crm.leads.update"}, {"args", {{"name", "x"}}}}, "required"},
      {{{"name", "crm.leads.insert"}, {"version", "x"}}, "wrong_type"},
      {{{"name", "crm.leads.insert"}, {"args", {{"name", "x"}}}, {"version", 3}}, "malformed"},
  };
  for (const auto& [body, code] : refused) {
    const Reply reply = post("/api/mutate", body);
    EXPECT_EQ(reply.code(), code) << body << ": " << reply.text;
  }
  EXPECT_EQ(
      post("/api/mutate", Json(std::vector<Json>(1001, {{"name", "crm.leads.insert"}}))).status,
      413);
}

}  // namespace
}  // namespace syncline::tests
