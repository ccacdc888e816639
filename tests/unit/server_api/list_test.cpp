// Rule: lists filter, sort, page, select and include as their parameters say; a parameter nobody knows is an error.
#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ListTest : public ApiTest {
 protected:
  void SetUp() override {
    const Json company = create("/api/crm/companies", {{"name", "Acme"}});
    company_ = company["id"];
    create_lead({{"name", "Ada"}, {"value", "100.00"}, {"status", "qualified"}, {"tags", {"vip"}}});
    create_lead(
        {{"name", "Bob"}, {"value", "2000.00"}, {"status", "qualified"}, {"tags", {"vip", "eu"}}});
    create_lead({{"name", "Cyd"}, {"value", "2000.00"}});
    create_lead({{"name", "Dan"}, {"ownerId", user_id("other")}});
  }
  std::vector<std::string> names(const std::string& query, const std::string& who = "admin") {
    const Reply reply = get("/api/crm/leads?" + query, who);
    EXPECT_EQ(reply.status, 200) << query << ": " << reply.text;
    return reply.status == 200 ? names_in(reply.body) : std::vector<std::string>{};
  }
  std::string company_;
};

TEST_F(ListTest, Filters) {
  EXPECT_THAT(names("status=qualified"), UnorderedElementsAre("Ada", "Bob"));
  EXPECT_THAT(names("status[ne]=qualified"), UnorderedElementsAre("Cyd", "Dan"));
  EXPECT_THAT(names("value[gte]=2000&status=new"), ElementsAre("Cyd"));
  EXPECT_THAT(names("value[gt]=100&value[lt]=2000.01"), UnorderedElementsAre("Bob", "Cyd"));
  EXPECT_THAT(names("name[like]=b%25"), ElementsAre("Bob"));
  EXPECT_THAT(names("name[in]=Ada,Dan"), UnorderedElementsAre("Ada", "Dan"));
  EXPECT_THAT(names("value[null]=true"), ElementsAre("Dan"));
  EXPECT_THAT(names("tags=eu"), ElementsAre("Bob"));
  EXPECT_THAT(names("tags[in]=eu,vip"), UnorderedElementsAre("Ada", "Bob"));
  EXPECT_THAT(names("createdAt[lt]=2000-01-01"), IsEmpty());
  EXPECT_THAT(names("ownerId=" + user_id("other")), ElementsAre("Dan"));
}

TEST_F(ListTest, ConditionsAsJson) {
  const auto where = [this](const Json& json) {
    std::string encoded;
    for (const char c : json.dump()) {
      char hex[4];
      std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned char>(c));
      encoded += hex;
    }
    return names("where=" + encoded);
  };
  EXPECT_THAT(where({{"field", "name"}, {"value", "Ada"}}), ElementsAre("Ada"));
  EXPECT_THAT(where({{"any_of",
                      {{{"field", "name"}, {"op", "eq"}, {"value", "Ada"}},
                       {{"field", "value"}, {"op", "null"}, {"value", true}}}}}),
              UnorderedElementsAre("Ada", "Dan"));
  EXPECT_THAT(where({{"not", {{"field", "value"}, {"op", "lt"}, {"value", 2000}}}}),
              UnorderedElementsAre("Bob", "Cyd"));
  EXPECT_THAT(where({{"all_of",
                      {{{"field", "tags"}, {"op", "contains"}, {"value", "vip"}},
                       {{"field", "status"}, {"op", "in"}, {"value", {"new", "qualified"}}}}}}),
              UnorderedElementsAre("Ada", "Bob"));
}

TEST_F(ListTest, ConditionsOnRelatedRows) {
  create("/api/crm/deals", {{"name", "Big"}, {"value", "900.00"}, {"companyId", company_}});
  const auto companies = [this](const Json& json, const std::string& more = "") {
    std::string encoded;
    for (const char c : json.dump()) {
      char hex[4];
      std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned char>(c));
      encoded += hex;
    }
    return get("/api/crm/companies?where=" + encoded + more);
  };
  const auto with_deals = [](const char* least) {
    return Json{{"exists",
                 {{"collection", "crm.deals"},
                  {"field", "companyId"},
                  {"where", {{"field", "value"}, {"op", "gte"}, {"value", least}}}}}};
  };
  create("/api/crm/companies", {{"name", "Without"}});
  EXPECT_THAT(names_in(companies(with_deals("900")).body), ElementsAre("Acme"));
  EXPECT_THAT(names_in(companies(with_deals("901")).body), IsEmpty());
  const Reply none = companies({{"not", with_deals("1")}}, "&count=true&sort=name&limit=1");
  EXPECT_THAT(names_in(none.body), ElementsAre("Without"));
  EXPECT_EQ(none.body["total"], 1);
  EXPECT_EQ(companies({{"exists", {{"field", "nobody"}}}}).status, 400);
  EXPECT_EQ(companies({{"exists", {{"collection", "crm.deals"}, {"field", "name"}}}}).status, 400);
  EXPECT_EQ(companies({{"exists", 1}}).status, 400);
}

TEST_F(ListTest, SortsAndPagesWithoutGapOrRepetition) {
  EXPECT_THAT(names("sort=-value,name&value[null]=false"), ElementsAre("Bob", "Cyd", "Ada"));
  EXPECT_THAT(names("sort=-value:nulls_first,name"), ElementsAre("Dan", "Bob", "Cyd", "Ada"));
  EXPECT_THAT(names("sort=value:nulls_last,-name"), ElementsAre("Ada", "Cyd", "Bob", "Dan"));
  EXPECT_EQ(get("/api/crm/leads?sort=value:nulls_nowhere").status, 400);
  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 4; ++page) {
    const Reply reply = get("/api/crm/leads?sort=-value&limit=1&count=true" + cursor);
    ASSERT_EQ(reply.status, 200) << reply.text;
    EXPECT_EQ(reply.body["total"], 4);
    seen.push_back(reply.body["data"][0]["name"]);
    ASSERT_EQ(reply.body["nextCursor"].is_null(), page == 3);
    if (page < 3) cursor = "&cursor=" + reply.body["nextCursor"].get<std::string>();
  }
  EXPECT_THAT(seen, UnorderedElementsAre("Ada", "Bob", "Cyd", "Dan"));
  EXPECT_EQ(seen.back(), "Dan") << "nulls last when descending";
  EXPECT_EQ(get("/api/crm/leads?sort=value&limit=1" + cursor).status, 400)
      << "a cursor of another list";
  EXPECT_EQ(get("/api/crm/leads?cursor=AAAA").status, 400);
}

TEST_F(ListTest, SelectsAndIncludes) {
  create("/api/crm/contacts", {{"name", "Eve"}, {"companyId", company_}});
  const Reply reply = get("/api/crm/contacts?fields=name&include=company");
  ASSERT_EQ(reply.status, 200) << reply.text;
  const Json& contact = reply.body["data"][0];
  EXPECT_EQ(contact.size(), 4u) << contact;
  EXPECT_EQ(contact["name"], "Eve");
  EXPECT_EQ(contact["company"]["name"], "Acme");
  EXPECT_TRUE(contact.contains("id") && contact.contains("version"));
  EXPECT_EQ(get("/api/crm/contacts?include=owner").body["data"][0]["owner"], nullptr);
}

TEST_F(ListTest, ShowsOnlyWhatOneMaySee) {
  EXPECT_THAT(names("", "agent"), UnorderedElementsAre("Ada", "Bob", "Cyd"));
  EXPECT_EQ(get("/api/crm/leads?count=true", "agent").body["total"], 3);
  EXPECT_EQ(get("/api/crm/leads", "engineer").status, 403);
  EXPECT_EQ(get("/api/crm/leads", "").status, 401);
  // Masked fields are left out, and a mention of one is refused (SEMANTICS 18).
  const Json user = get("/api/users/" + user_id("other"), "agent").body;
  EXPECT_EQ(user["name"], "other");
  EXPECT_FALSE(user.contains("email"));
  for (const char* query :
       {"email=x@example.com", "sort=email", "fields=email", "email[null]=false"}) {
    EXPECT_EQ(get("/api/users?" + std::string(query), "agent").status, 403) << query;
  }
}

TEST_F(ListTest, WhatIsNotUnderstoodIsAnError) {
  const std::vector<std::pair<std::string, std::string>> refused = {
      {"colour=red", "unknown_parameter"},
      {"q=text", "unknown_parameter"},
      {"value[about]=1", "unknown_parameter"},
      {"limit=1001", "malformed"},
      {"limit=0", "malformed"},
      {"limit=ten", "malformed"},
      {"sort=colour", "unknown_parameter"},
      {"sort=", "malformed"},
      {"include=", "malformed"},
      {"status=new&status=qualified", "malformed"},
      {"fields=colour", "unknown_parameter"},
      {"include=colour", "unknown_parameter"},
      {"value=cheap", "malformed"},
      {"status=asleep", "malformed"},
      {"ownerId=me", "malformed"},
      {"count=maybe", "malformed"},
      {"where={", "malformed"},
      {"where=[]", "malformed"},
      {"where={\"field\":\"x\",\"value\":1}", "unknown_parameter"},
      {"value[null]=1", "malformed"},
      {"value[gte", "unknown_parameter"},
      {"%zz=1", "malformed"},
      {"name=%ff", "malformed"},
  };
  for (const auto& [query, code] : refused) {
    const Reply reply = get("/api/crm/leads?" + query);
    EXPECT_EQ(reply.status, 400) << query << ": " << reply.text;
    EXPECT_EQ(reply.code(), code) << query;
  }
}

TEST_F(ListTest, WhatWouldReadTooMuchIsRefusedWithItsCost) {
  const auto total = get("/api/crm/leads?count=true&limit=1").body.at("total").get<std::uint64_t>();
  ASSERT_GE(total, 2u);
  office_.limit_query_cost(total - 1);
  for (const char* query : {"sort=-value&name[like]=%25a%25", "limit=1&count=true"}) {
    const Reply reply = get(std::string("/api/crm/leads?") + query);
    EXPECT_EQ(reply.status, 422) << query << reply.text;
    EXPECT_EQ(reply.code(), "query_too_costly");
    EXPECT_EQ(reply.body.at("errors").at(0).at("field"), "cost");
    EXPECT_EQ(reply.body.at("errors").at(0).at("message"), std::to_string(total));
    EXPECT_EQ(reply.body.at("errors").at(1).at("message"), std::to_string(total - 1));
  }
  EXPECT_EQ(get("/api/crm/leads?limit=1").status, total > 2 ? 200 : 422);
  office_.limit_query_cost(total);
  EXPECT_EQ(get("/api/crm/leads?limit=1&count=true").status, 200);
}

TEST_F(ListTest, RecordsHaveTags) {
  const std::string path = "/api/crm/companies/" + company_;
  const Reply reply = get(path + "?fields=name");
  EXPECT_EQ(reply.body.size(), 3u);
  const Reply same = call("admin", "GET", path, "", {{"if-none-match", reply.header("etag")}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.text, "");
  EXPECT_EQ(get(path + "?sort=name").status, 400);
  EXPECT_EQ(call("admin", "HEAD", path).text, "");
  EXPECT_EQ(call("admin", "POST", path).header("allow"), "GET, PATCH, PUT, DELETE");
}

}  // namespace
}  // namespace syncline::tests
