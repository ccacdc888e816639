// Rule: REST writes go through mutators, judge bases per field, and answer as API.md says.
#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

class WriteTest : public ApiTest {};

TEST_F(WriteTest, CreatesWithDefaultsAndSaysWhere) {
  const Reply reply = post(
      "/api/crm/leads", {{"name", " Ada "}, {"value", "395000"}, {"tags", {"vip", "eu", "vip"}}});
  ASSERT_EQ(reply.status, 201) << reply.text;
  EXPECT_EQ(reply.body["name"], "Ada");
  EXPECT_EQ(reply.body["value"], "395000.00");
  EXPECT_EQ(reply.body["status"], "new");
  EXPECT_EQ(reply.body["tags"], Json({"eu", "vip"}));
  EXPECT_EQ(reply.body["createdBy"], user_id("admin"));
  EXPECT_EQ(reply.body["email"], nullptr);
  const std::string id = reply.body["id"];
  EXPECT_EQ(reply.header("location"), "/api/crm/leads/" + id);
  EXPECT_EQ(reply.header("etag"), "\"" + std::to_string(office_.version()) + "\"");
  EXPECT_EQ(reply.body["version"], office_.version());
  EXPECT_EQ(reply.header("syncline-version"), std::to_string(office_.version()));
  EXPECT_EQ(get("/api/crm/leads/" + id).body, reply.body) << "what was answered is what is there";
}

TEST_F(WriteTest, TheCallerMayBringTheId) {
  const std::string id = "01939f3e-0000-7000-8000-000000000001";
  EXPECT_EQ(post("/api/crm/leads", {{"id", id}, {"name", "Ada"}}).body["id"], id);
  const Reply again = post("/api/crm/leads", {{"id", id}, {"name", "Bob"}});
  EXPECT_EQ(again.status, 403) << "a taken id tells nothing (SEMANTICS 10)";
  EXPECT_EQ(again.body, post("/api/crm/leads", {{"name", "Bob"}}, "viewer").body)
      << "word for word what a missing right says";
  const Reply random_id =
      post("/api/crm/leads", {{"id", "8f14e45f-ceea-4e7a-9c8d-1234567890ab"}, {"name", "Ada"}});
  EXPECT_EQ(random_id.status, 422) << "ids are ordered by time";
  EXPECT_EQ(random_id.body["errors"][0]["field"], "id");
  const Reply absent = call("admin", "POST", "/api/crm/leads",
                            Json{{"id", id}, {"name", "Bob"}}.dump(), {{"if-none-match", "*"}});
  EXPECT_EQ(absent.status, 412);
}

TEST_F(WriteTest, EveryBadFieldIsNamed) {
  const Reply reply =
      post("/api/crm/leads",
           {{"value", true}, {"status", "asleep"}, {"nonsense", 1}, {"createdAt", "x"}});
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.header("content-type"), "application/problem+json");
  std::map<std::string, std::string> codes;
  for (const Json& error : reply.body["errors"]) codes[error["field"]] = error["code"];
  const std::map<std::string, std::string> expected = {{"value", "wrong_type"},
                                                       {"status", "out_of_range"},
                                                       {"nonsense", "unknown_field"},
                                                       {"createdAt", "read_only"}};
  EXPECT_EQ(codes, expected);
  EXPECT_EQ(post("/api/crm/leads", Json::object()).code(), "required");
}

TEST_F(WriteTest, DifferentFieldsMergeTheSameFieldConflicts) {
  const Json lead = create_lead({{"value", "100.00"}, {"phone", "+49 30 1"}});
  const std::string seen = "\"" + std::to_string(lead["version"].get<int>()) + "\"";
  ASSERT_EQ(patch(path_of(lead), {{"value", "200.00"}}, "manager").status, 200);

  const Reply merged = patch(path_of(lead), {{"phone", "+49 30 2"}}, "admin", {{"if-match", seen}});
  ASSERT_EQ(merged.status, 200) << merged.text;
  EXPECT_EQ(merged.body["value"], "200.00");
  EXPECT_EQ(merged.body["phone"], "+49 30 2");

  const Reply conflict = patch(path_of(lead), {{"value", "300.00"}}, "admin", {{"if-match", seen}});
  ASSERT_EQ(conflict.status, 409) << conflict.text;
  const Json& value = conflict.body["conflict"]["fields"]["value"];
  EXPECT_EQ(value["base"], "100.00");
  EXPECT_EQ(value["mine"], "300.00");
  EXPECT_EQ(value["theirs"], "200.00");
  EXPECT_EQ(value["by"], user_id("manager"));
  EXPECT_TRUE(value["at"].is_string());

  const Reply in_body = patch(path_of(lead), {{"value", "300.00"}, {"version", lead["version"]}});
  EXPECT_EQ(in_body.status, 409) << "the base may be in the body";
  EXPECT_EQ(patch(path_of(lead), {{"value", "300.00"}}).status, 200) << "no base, no check";
}

TEST_F(WriteTest, ABaseThatNoCommitHasReachedIsAnErrorAndNoLicence) {
  const Json lead = create_lead({{"value", "1.00"}});
  const model::Version future = office_.version() + 1;
  const server::http::Headers match = {{"if-match", std::to_string(future)}};
  const Reply reply = patch(path_of(lead), {{"value", "2.00"}}, "admin", match);
  EXPECT_EQ(reply.status, 400) << reply.text;
  EXPECT_EQ(reply.body["errors"][0]["field"], "version");
  EXPECT_EQ(patch(path_of(lead), {{"value", "2.00"}, {"version", future}}).status, 400);
  EXPECT_EQ(call("admin", "DELETE", path_of(lead), "", match).status, 412);
  EXPECT_EQ(get(path_of(lead)).body, lead);
  const server::http::Headers now = {{"if-match", std::to_string(future - 1)}};
  EXPECT_EQ(patch(path_of(lead), {{"value", "2.00"}}, "admin", now).status, 200)
      << "the database's version is a base too";
}

TEST_F(WriteTest, TwoBasesThatDifferAreRefused) {
  const Json lead = create_lead();
  const auto version = lead["version"].get<model::Version>();
  const server::http::Headers match = {{"if-match", std::to_string(version)}};
  EXPECT_EQ(patch(path_of(lead), {{"name", "x"}, {"version", version - 1}}, "admin", match).status,
            400);
  EXPECT_EQ(patch(path_of(lead), {{"name", "x"}, {"version", version}}, "admin", match).status,
            200);
}

TEST_F(WriteTest, PreconditionsOfAbsenceAndPresence) {
  const Json lead = create_lead();
  const std::string absent = "/api/crm/leads/01939f3e-0000-7000-8000-000000000009";
  EXPECT_EQ(patch(absent, {{"name", "x"}}).status, 404);
  EXPECT_EQ(patch(absent, {{"name", "x"}}, "admin", {{"if-match", "*"}}).status, 412);
  EXPECT_EQ(patch(path_of(lead), {{"name", "x"}}, "admin", {{"if-match", "*"}}).status, 200);
  EXPECT_EQ(patch(path_of(lead), {{"name", "x"}}, "admin", {{"if-none-match", "*"}}).status, 412);
  EXPECT_EQ(patch(path_of(lead), {{"name", "x"}}, "admin", {{"if-match", "soon"}}).status, 400);
}

TEST_F(WriteTest, PatchThatChangesNothingAnswersTheRecord) {
  const Json lead = create_lead({{"value", "1.00"}});
  const Reply reply = patch(path_of(lead), {{"value", "1.00"}});
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, lead);
  EXPECT_EQ(reply.header("etag"), "\"" + std::to_string(lead["version"].get<int>()) + "\"");
}

TEST_F(WriteTest, PutGoesBackToDefaults) {
  Json lead = create_lead({{"value", "1.00"}, {"status", "qualified"}, {"tags", {"vip"}}});
  Json whole = lead;
  whole.erase("status");
  whole.erase("tags");
  const Reply reply = call("admin", "PUT", path_of(lead), whole.dump());
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body["status"], "new");
  EXPECT_EQ(reply.body["tags"], nullptr);
  EXPECT_EQ(reply.body["value"], "1.00");
  EXPECT_EQ(call("admin", "PUT", path_of(lead), "{}").code(), "required");
}

TEST_F(WriteTest, DeleteOfAChangedRecordNeedsItsVersion) {
  const Json lead = create_lead();
  const std::string seen = std::to_string(lead["version"].get<int>());
  ASSERT_EQ(patch(path_of(lead), {{"name", "Bob"}}).status, 200);
  EXPECT_EQ(call("admin", "DELETE", path_of(lead), "", {{"if-match", seen}}).status, 412);
  const std::string newest = std::to_string(office_.version());
  const Reply gone = call("admin", "DELETE", path_of(lead), "", {{"if-match", newest}});
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.text, "");
  EXPECT_EQ(get(path_of(lead)).status, 404);
  EXPECT_EQ(call("admin", "DELETE", path_of(lead)).status, 404);
}

TEST_F(WriteTest, IdempotencyKeyRepeatsTheAnswerAndNotTheWrite) {
  const std::string body = Json{{"name", "Ada"}}.dump();
  const server::http::Headers key = {{"idempotency-key", "k1"}};
  const Reply first = call("admin", "POST", "/api/crm/leads", body, key);
  const model::Version version = office_.version();
  const Reply second = call("admin", "POST", "/api/crm/leads", body, key);
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.headers, first.headers);
  EXPECT_EQ(office_.version(), version);
  const Reply other = call("admin", "POST", "/api/crm/leads", Json{{"name", "Bob"}}.dump(), key);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.code(), "idempotency_mismatch");
  EXPECT_EQ(call("manager", "POST", "/api/crm/leads", body, key).body["createdBy"],
            user_id("manager"))
      << "per user";
  EXPECT_EQ(
      call("admin", "POST", "/api/crm/leads", body, {{"idempotency-key", std::string(129, 'k')}})
          .status,
      400);
}

TEST_F(WriteTest, AKeptAnswerShowsNoMoreThanItsAuthorMaySeeNow) {
  const Json lead = create_lead({{"ownerId", user_id("agent")}, {"notes", "a secret"}});
  const server::http::Headers key = {{"idempotency-key", "k2"}};
  const std::string body = Json{{"jobTitle", "x"}}.dump();
  const Reply first = call("agent", "PATCH", path_of(lead), body, key);
  ASSERT_EQ(first.status, 200) << first.text;
  EXPECT_EQ(first.body["notes"], "a secret");
  EXPECT_EQ(call("agent", "PATCH", path_of(lead), body, key).body, first.body);
  ASSERT_EQ(patch(path_of(lead), {{"ownerId", user_id("other")}}, "manager").status, 200);
  ASSERT_EQ(get(path_of(lead), "agent").status, 404);
  const Reply later = call("agent", "PATCH", path_of(lead), body, key);
  EXPECT_EQ(later.status, 200);
  EXPECT_EQ(later.body, (Json{{"id", lead["id"]}}));
}

// Before the hash of a password is there, and while others write, a request waits.
TEST_F(WriteTest, AWriteThatWaitedHasTheRightsOfItsAuthorByThen) {
  const auto ask = [&](const char* email) {
    return post(
        "/api/users",
        {{"email", email}, {"name", "Back door"}, {"role", "admin"}, {"password", "long enough"}});
  };
  office_.while_hashing = [&] { office_.change_role("admin", mutation::Role::viewer); };
  EXPECT_EQ(ask("a@example.com").status, 403);
  office_.change_role("admin", mutation::Role::admin);
  office_.while_hashing = [&] { office_.dismiss("admin"); };
  const std::size_t commits = office_.commits().size();
  const Reply gone = ask("b@example.com");
  EXPECT_EQ(gone.status, 401) << gone.text;
  EXPECT_EQ(office_.commits().size(), commits);
  EXPECT_TRUE(office_.passwords().empty());
}

TEST_F(WriteTest, ActionsAreBelowTheirRecord) {
  const Json lead = create_lead({{"value", "5000.00"}, {"companyName", "Acme"}});
  const Reply reply = post(path_of(lead) + "/convert", Json::object());
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body["version"], office_.version());
  const std::string deal = reply.body["result"]["dealId"];
  EXPECT_EQ(get("/api/crm/deals/" + deal).body["value"], "5000.00");
  EXPECT_EQ(get(path_of(lead)).body["status"], "converted");
  EXPECT_EQ(post(path_of(lead) + "/convert", Json::object()).code(), "already_converted");
  EXPECT_EQ(post(path_of(lead) + "/convert", {{"speed", 9}}).code(), "unknown_field");
  EXPECT_EQ(get(path_of(lead) + "/convert").header("allow"), "POST");
  EXPECT_EQ(post(path_of(lead) + "/frobnicate", Json::object()).status, 404);
}

TEST_F(WriteTest, NestedRecordsGetTheirParent) {
  const Json lead = create_lead();
  const std::string nested = path_of(lead) + "/activities";
  const Reply made = post(nested, {{"kind", "note"}, {"subject", "Hello"}});
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.body["leadId"], lead["id"]);
  create("/api/crm/activities", {{"kind", "note"}, {"subject", "Elsewhere"}});
  const Reply list = get(nested + "?fields=subject");
  ASSERT_EQ(list.body["data"].size(), 1u);
  EXPECT_EQ(list.body["data"][0]["subject"], "Hello");
  EXPECT_EQ(post(nested, {{"kind", "note"}, {"subject", "x"}, {"leadId", user_id("admin")}}).status,
            422);
  EXPECT_EQ(get("/api/crm/leads/01939f3e-0000-7000-8000-000000000009/activities").status, 404);
}

TEST_F(WriteTest, RightsAreTheEnginesBusiness) {
  const Json theirs = create_lead({{"ownerId", user_id("other")}});
  EXPECT_EQ(patch(path_of(theirs), {{"name", "x"}}, "agent").status, 404)
      << "what one may not see is not there";
  EXPECT_EQ(post("/api/crm/leads", {{"name", "x"}}, "viewer").status, 403);
  const Json shared = create_lead();
  EXPECT_EQ(patch(path_of(shared), {{"name", "x"}}, "viewer").status, 403);
  EXPECT_EQ(patch(path_of(shared), {{"name", "x"}}, "agent").status, 200)
      << "nobody's is everybody's";
}

TEST_F(WriteTest, PasswordsOfUsersAreSetAndNeverShown) {
  const Json user{{"email", "New@Example.com"},
                  {"name", "New"},
                  {"role", "agent"},
                  {"password", "long enough"}};
  const std::size_t commits = office_.commits().size();
  const server::http::Headers key = {{"idempotency-key", "new user"}};
  const Reply made = call("admin", "POST", "/api/users", user.dump(), key);
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(office_.commits().size(), commits + 1);
  EXPECT_EQ(office_.commits_before_password(), commits) << "stored before the user is committed";
  EXPECT_FALSE(made.body.contains("password"));
  const Id id = *base::parse_id(made.body["id"].get<std::string>());
  EXPECT_EQ(office_.passwords().at(id), "long enough");
  EXPECT_EQ(office_.told(), std::vector<Id>{id});
  EXPECT_EQ(call("admin", "POST", "/api/users", user.dump(), key).body, made.body);
  EXPECT_EQ(office_.told().size(), 1u) << "a repeated answer is only that";
  EXPECT_EQ(patch("/api/users/" + base::to_string(id), {{"password", "another one"}}).status, 200);
  EXPECT_EQ(office_.passwords().at(id), "another one");
  EXPECT_EQ(patch("/api/users/" + base::to_string(id), {{"password", "short"}})
                .body["errors"][0]["field"],
            "password");
  EXPECT_EQ(
      patch("/api/users/" + base::to_string(id), {{"password", "hijacked it"}}, "agent").status,
      403);
  EXPECT_EQ(office_.passwords().at(id), "another one");
}

}  // namespace
}  // namespace syncline::tests
