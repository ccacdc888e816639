// Queries in words, and what an explanation says.
#include "server/api/explain.hpp"

#include "server/api/query_text.hpp"
#include "tests/unit/server_api/office.hpp"

namespace syncline::tests {
namespace {

using base::Code;

class Explain : public ApiTest {
 protected:
  base::Result<server::api::ExplainAsk> parse(const Json& ask) {
    return server::api::parse_explain(office_.domain(), ask.dump());
  }
  Json explain(const std::string& query, const std::string& role = "admin",
               std::uint64_t most = 1'000) {
    const auto ask = parse({{"query", query}, {"role", role}});
    EXPECT_TRUE(ask.ok()) << query << (ask.ok() ? "" : ": " + ask.error().message);
    const auto snapshot = office_.snapshot();
    const auto told =
        server::api::explain_query(office_.domain(), *ask, (*snapshot)->planner(), most);
    EXPECT_TRUE(told.ok());
    return Json::parse(told->dump());
  }
};

TEST_F(Explain, SaysWhoRoutesItAndWhoFeedsIt) {
  create_lead();
  create_lead();
  const Json json = explain("crm.leads?status=new&sort=-value");
  EXPECT_EQ(json.at("query"), "crm.leads where status = \"new\" order by -value");
  EXPECT_EQ(json.at("routes"), Json::parse(R"([{"collection": "crm.leads", "by": "equality",
                                                "field": "status", "keys": 1}])"));
  EXPECT_EQ(json.at("residual"), false);
  EXPECT_EQ(json.at("reads").at(0).at("for"), "rows");
  EXPECT_EQ(json.at("reads").at(0).at("rows"), 2);
  EXPECT_EQ(json.at("cost"), 2);
  EXPECT_EQ(json.at("allowed"), true);
  EXPECT_EQ(explain("/api/crm/leads?status=new&sort=-value"), json);
  EXPECT_EQ(explain("crm.leads?status=new", "admin", 1).at("allowed"), false);
}

TEST_F(Explain, NamesTheResidualList) {
  EXPECT_EQ(explain("crm.leads?name[like]=%25x%25").at("residual"), true);
  EXPECT_EQ(explain("crm.leads?name[like]=x%25").at("routes").at(0).at("by"), "prefix");
  EXPECT_EQ(explain("crm.leads").at("residual"), true);
}

TEST_F(Explain, TakesTheSyncSocketsQueries) {
  const auto& leads = office_.domain().schema.collection(domain::kLeadsId);
  const auto owner = leads.find("ownerId")->spec.id;
  const Json query = {
      {"collection", leads.id()},
      {"where", {{"kind", "exists"}, {"field", owner}, {"children", {{{"kind", "always"}}}}}}};
  const Json json = explain(query.dump());
  EXPECT_EQ(json.at("query"), "crm.leads where exists ownerId (true)");
  EXPECT_EQ(json.at("routes").size(), 2u);
  EXPECT_EQ(json.at("reads").at(1).at("for"), "exists");
}

TEST_F(Explain, WhatIsNoQuestionIsRefused) {
  EXPECT_EQ(parse({{"query", "crm.lead"}}).error().code, Code::unknown_collection);
  EXPECT_EQ(parse({{"query", "crm.leads?colour=red"}}).error().code, Code::unknown_parameter);
  EXPECT_EQ(parse({{"query", "{\"collection\":1,\"colour\":2}"}}).error().code, Code::malformed);
  EXPECT_EQ(parse({{"query", "crm.leads"}, {"role", "king"}}).error().code, Code::malformed);
  EXPECT_EQ(parse({{"query", 7}}).error().code, Code::malformed);
  EXPECT_FALSE(parse({{"running", true}})->query);
}

TEST_F(Explain, QueriesInWords) {
  using namespace query;
  const model::Schema& schema = office_.domain().schema;
  const auto& leads = schema.collection(domain::kLeadsId);
  const auto field = [&](const char* name) { return leads.find(name)->spec.id; };
  Query asked;
  asked.collection = leads.id();
  asked.where = all_of({any_of({is_null(field("ownerId")), compare(field("name"), Op::like, "a%")}),
                        negate(in(field("score"), {model::Value(1), model::Value(2)}))});
  asked.order = {{field("name"), false}, {field("score"), true}};
  asked.limit = 9;
  asked.includes.resize(1);
  asked.includes[0].via = field("ownerId");
  EXPECT_EQ(server::api::query_text(schema, asked),
            "crm.leads where (ownerId is null or name like \"a%\") and not (score in (1, 2)) "
            "order by name, -score limit 9 include ownerId");
  Query sums;
  sums.collection = leads.id();
  sums.aggregate.emplace();
  sums.aggregate->terms = {{Aggregator::count, model::kNoField}, {Aggregator::sum, field("value")}};
  sums.aggregate->group_by = {{field("status")}};
  EXPECT_EQ(server::api::query_text(schema, sums), "crm.leads count, sum value by status");
}

}  // namespace
}  // namespace syncline::tests
