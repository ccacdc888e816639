// Rule: whatever arrives gets exactly one clear answer, and nothing of it is executed, stored wrongly or reflected.
#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

using ::testing::HasSubstr;

class HostileTest : public ApiTest {};

TEST_F(HostileTest, AddressesThatNameNothing) {
  for (const char* target :
       {"/", "", "/api", "/api/nothing", "/api/crm", "/api/crm/leads/../users", "/api/crm/leads/1",
        "/api/crm/leads/%2e%2e/users", "/../../etc/passwd",
        "/api/crm/leads/00000000-0000-0000-0000-000000000000", "//api//crm//leads//x",
        "/api/crm/leads/01939f3e-0000-7000-8000-000000000001/activities/x/y"}) {
    const Reply reply = get(target);
    EXPECT_EQ(reply.status, 404) << target;
    EXPECT_EQ(reply.body["status"], 404) << target;
    EXPECT_EQ(reply.header("content-type"), "application/problem+json");
  }
  for (const char* target : {"/api/%", "/api/%4", "/api/%zz", "/api/%ff%fe", "/api/crm/leads%00"}) {
    EXPECT_EQ(get(target).status, 400) << target;
  }
}

TEST_F(HostileTest, WrongMethodsNameTheRightOnes) {
  EXPECT_EQ(call("admin", "DELETE", "/api/crm/leads").header("allow"), "GET, POST");
  EXPECT_EQ(call("admin", "PATCH", "/api/mutate").header("allow"), "POST");
  EXPECT_EQ(call("admin", "BREW", "/api/crm/dashboard").status, 405);
  EXPECT_EQ(call("admin", "DELETE", "/api/crm/leads").code(), "method_not_allowed");
  const Reply options = call("", "OPTIONS", "/api/crm/leads");
  EXPECT_EQ(options.status, 405) << "what the edge makes its 204 of; no sign-in is needed";
  EXPECT_EQ(options.header("allow"), "GET, POST");
  EXPECT_EQ(call("", "DELETE", "/api/crm/leads").status, 401) << "strangers learn nothing";
}

TEST_F(HostileTest, BodiesThatAreNoObjects) {
  std::string deep(100, '[');
  for (const std::string& body :
       {std::string("{"), std::string("[]"), std::string("null"),
        std::string("{\"name\":\"\xff\"}"), std::string("{\"name\":\"\xed\xa0\x80\"}"),
        std::string("{} {}"), deep, std::string("\0", 1)}) {
    const Reply reply = call("admin", "POST", "/api/crm/leads", body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(reply.code(), "malformed") << body;
  }
  const std::string big = "{\"name\":\"" + std::string(1u << 20, 'x') + "\"}";
  EXPECT_EQ(call("admin", "POST", "/api/crm/leads", big).status, 413);
}

TEST_F(HostileTest, WrongTypesPerField) {
  const std::vector<std::pair<Json, std::string>> refused = {
      {{{"name", 1}}, "wrong_type"},
      {{{"name", {{"$ne", ""}}}}, "wrong_type"},
      {{{"score", "9"}}, "wrong_type"},
      {{{"score", 1.5}}, "wrong_type"},
      {{{"score", 101}}, "out_of_range"},
      {{{"score", 18446744073709551615u}}, "out_of_range"},
      {{{"value", "1e3"}}, "wrong_type"},
      {{{"value", {1}}}, "wrong_type"},
      {{{"ownerId", "me"}}, "wrong_type"},
      {{{"ownerId", 7}}, "wrong_type"},
      {{{"tags", "vip"}}, "wrong_type"},
      {{{"tags", {1}}}, "wrong_type"},
      {{{"status", 1}}, "wrong_type"},
      {{{"id", "1"}}, "wrong_type"},
      {{{"name", std::string(201, 'x')}}, "out_of_range"},
      {{{"ownerId", "01939f3e-0000-7000-8000-000000000001"}}, "bad_reference"},
  };
  for (const auto& [fields, code] : refused) {
    Json body = fields;
    if (!body.contains("name")) body["name"] = "Ada";
    const Reply reply = post("/api/crm/leads", body);
    EXPECT_EQ(reply.status, 422) << body << reply.text;
    EXPECT_EQ(reply.code(), code) << body << reply.text;
  }
}

TEST_F(HostileTest, ValuesAreOnlyValues) {
  const std::string nasty =
      "'; DROP TABLE crm_leads; -- <script>alert(1)</script> \" \\ \xf0\x9f\x98\x80";
  const Json lead = create_lead({{"name", nasty}});
  EXPECT_EQ(get(path_of(lead)).body["name"], nasty);
  EXPECT_EQ(
      names_in(get("/api/crm/leads?name=%27%3B%20DROP%20TABLE%20crm_leads%3B%20--").body).size(),
      0u);
  EXPECT_EQ(get("/api/crm/leads?count=true").body["total"], 1);
}

TEST_F(HostileTest, TokensThatAreNone) {
  for (const char* header :
       {"Bearer", "Bearer ", "Basic YWRtaW46", "admin", "bearer\tadmin", "Bearer admin admin"}) {
    server::http::Headers headers = {{"authorization", header}};
    EXPECT_EQ(call("", "GET", "/api/crm/leads", "", headers).status, 401) << header;
  }
  EXPECT_EQ(call("", "GET", "/api/crm/leads", "", {{"authorization", "bearer admin"}}).status, 200)
      << "schemes have no case";
}

TEST_F(HostileTest, TooMuchToAsk) {
  std::string where = "{\"field\":\"score\",\"value\":1}";
  for (int i = 0; i < 14; ++i) where.insert(0, "{\"not\":").append("}");
  EXPECT_EQ(get("/api/crm/leads?where=" + where).code(), "query_too_costly");
  std::string ids = "/api/crm/leads?score[in]=1";
  for (int i = 0; i < 1'000; ++i) ids += ",1";
  EXPECT_EQ(get(ids).code(), "query_too_costly");
  EXPECT_EQ(get("/api/crm/leads?sort=name,-name,value,-value,score").code(), "query_too_costly");
}

TEST_F(HostileTest, ADatabaseThatIsAwayIs503) {
  office_.set_available(false);
  const Reply reply = get("/api/crm/leads");
  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(reply.header("retry-after"), "");
}

TEST_F(HostileTest, HealthNeedsNobody) {
  EXPECT_EQ(get("/healthz", "").status, 200);
  EXPECT_EQ(get("/readyz", "").status, 200);
  EXPECT_THAT(get("/metrics", "").text, HasSubstr("syncline_commits_total"));
}

}  // namespace
}  // namespace syncline::tests
