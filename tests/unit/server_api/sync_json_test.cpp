// Rule: what travels as frames can be said and read as JSON, and nothing else is understood.
#include "server/api/sync_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "domain/collections.hpp"
#include "domain/domain.hpp"
#include "syncline/model/record.hpp"
#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/version.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::tests {
namespace {

using Json = nlohmann::json;
using model::Value;

const base::Id kId = *base::parse_id("018f3e2a-0b1c-7000-8000-000000000001");

class SyncJsonTest : public ::testing::Test {
 protected:
  SyncJsonTest() : domain_(domain::make_domain()) {}
  base::Result<protocol::ClientMessage> read(const Json& json) {
    return server::api::client_message_from_json(domain_->schema, json.dump());
  }
  Json write(const protocol::ServerMessage& message) {
    return Json::parse(server::api::server_message_to_json(domain_->schema, message));
  }
  std::unique_ptr<mutation::Domain> domain_;
};

TEST_F(SyncJsonTest, AHelloNeedsOnlyWhoAndTheToken) {
  const auto message =
      read({{"type", "hello"}, {"client", base::to_string(kId)}, {"accessToken", "t"}});
  ASSERT_TRUE(message.ok()) << message.error().message;
  protocol::Hello expected;
  expected.protocol = protocol::kProtocolVersion;
  expected.schema_hash = domain_->schema.hash();
  expected.client = kId;
  expected.access_token = "t";
  EXPECT_EQ(*message, protocol::ClientMessage(expected));
}

TEST_F(SyncJsonTest, QueriesWithEveryKindOfPart) {
  const auto message = read(Json::parse(R"({"type": "subscribe", "queryId": 7, "query": {
    "collection": 3,
    "where": {"kind": "all_of", "children": [
      {"kind": "compare", "field": 9, "op": "gte", "values": [{"decimal": "1.50"}]},
      {"kind": "negation", "children": [{"kind": "compare", "field": 10, "op": "in", "values": [
        "text", 5, true, null, {"id": "018f3e2a-0b1c-7000-8000-000000000001"}, {"date": "2026-11-21"},
        {"timestamp": "2026-11-21T08:00:00.000Z"}, {"set": ["b", "a"]}]}]}]},
    "order": [{"field": 2, "descending": true}], "limit": 10,
    "after": {"values": [1], "id": "018f3e2a-0b1c-7000-8000-000000000001"},
    "includes": [{"via": 11}]}, "held": [{"collection": 3,
      "id": "018f3e2a-0b1c-7000-8000-000000000001", "version": 4}]})"));
  ASSERT_TRUE(message.ok()) << message.error().message;
  const auto& subscribe = std::get<protocol::Subscribe>(*message);
  EXPECT_EQ(subscribe.query_id, 7u);
  EXPECT_EQ(subscribe.held, (std::vector<protocol::Held>{{3, kId, 4}}));
  query::Query expected;
  expected.collection = 3;
  expected.where = query::all_of(
      {query::compare(9, query::Op::gte, model::Decimal{150, 2}),
       query::negate(query::in(10, {Value("text"), Value(5), Value(true), Value(), Value(kId),
                                    Value(*base::make_date(2026, 11, 21)),
                                    Value(*base::parse_timestamp("2026-11-21T08:00:00.000Z")),
                                    Value(model::make_text_set({"a", "b"}))}))});
  expected.order = {{2, true}};
  expected.limit = 10;
  expected.after = model::OrderKey{{Value(1)}, kId};
  expected.includes = {{11}};
  EXPECT_EQ(subscribe.query, expected);
}

TEST_F(SyncJsonTest, QueriesOverRelatedRows) {
  const auto message = read(Json::parse(R"({"type": "subscribe", "queryId": 7, "query": {
    "collection": 3,
    "where": {"kind": "exists", "field": 11, "from": 4, "children": [
      {"kind": "negation", "children": [{"kind": "exists", "field": 12, "children": [{}]}]}]},
    "order": [{"field": 2, "nulls": "last"}],
    "includes": [{"via": 11, "from": 4, "where": {"kind": "never"}, "limit": 3,
      "order": [{"field": 5, "descending": true, "nulls": "first"}], "includes": [{"via": 12}]}]}})"));
  ASSERT_TRUE(message.ok()) << message.error().message;
  query::Query expected;
  expected.collection = 3;
  expected.where = query::exists_in(4, 11, query::negate(query::exists(12)));
  expected.order = {{2, false, model::Nulls::last}};
  query::Include children;
  children.via = 11;
  children.from = 4;
  children.where = query::never();
  children.limit = 3;
  children.order = {{5, true, model::Nulls::first}};
  children.includes = {{12}};
  expected.includes = {children};
  EXPECT_EQ(std::get<protocol::Subscribe>(*message).query, expected);
}

TEST_F(SyncJsonTest, AggregatesOfEveryKind) {
  const auto message = read(Json::parse(R"({"type": "subscribe", "queryId": 7, "query": {
    "collection": 3, "aggregate": {
      "groupBy": [{"field": 9, "period": "quarter", "zone": "Europe/Berlin"}, {"field": 8, "via": 11}],
      "terms": [{"aggregator": "count"}, {"aggregator": "count_distinct", "field": 5},
        {"aggregator": "avg", "field": 6}, {"aggregator": "min", "field": 6}],
      "trend": {"field": 9, "previous": {"date": "2026-01-01"}, "from": {"date": "2026-02-01"},
        "to": {"date": "2026-03-01"}}}}})"));
  ASSERT_TRUE(message.ok()) << message.error().message;
  using query::Aggregator;
  const auto day = [](int month) { return Value(*base::make_date(2026, month, 1)); };
  query::Query expected;
  expected.collection = 3;
  expected.aggregate =
      query::Aggregate{{{9, model::kNoField, query::Period::quarter, "Europe/Berlin"}, {8, 11}},
                       {{Aggregator::count, model::kNoField},
                        {Aggregator::count_distinct, 5},
                        {Aggregator::avg, 6},
                        {Aggregator::min, 6}},
                       query::Trend{9, day(1), day(2), day(3)}};
  EXPECT_EQ(std::get<protocol::Subscribe>(*message).query, expected);
}

TEST_F(SyncJsonTest, TheOtherMessages) {
  EXPECT_EQ(std::get<protocol::Ping>(*read({{"type", "ping"}, {"nonce", ~0ULL}})).nonce, ~0ULL);
  EXPECT_EQ(
      std::get<protocol::Unsubscribe>(*read({{"type", "unsubscribe"}, {"queryId", 3}})).query_id,
      3u);
  EXPECT_EQ(
      std::get<protocol::Reauthenticate>(*read({{"type", "reauthenticate"}, {"accessToken", "u"}}))
          .access_token,
      "u");
  const auto push = read(Json::parse(R"({"type": "push", "mutations": [{
    "id": {"client": "018f3e2a-0b1c-7000-8000-000000000001", "sequence": 1}, "name": "crm.leads.update",
    "arguments": [{"field": 8, "kind": "assign", "value": "Ada"}],
    "bases": [{"collection": 1, "record": "018f3e2a-0b1c-7000-8000-000000000001", "version": 9}],
    "createdAt": "2026-11-21T08:00:00.000Z"}]})"));
  ASSERT_TRUE(push.ok()) << push.error().message;
  const model::Mutation& mutation = std::get<protocol::Push>(*push).mutations.at(0);
  EXPECT_EQ(mutation.id, (model::MutationId{kId, 1}));
  EXPECT_EQ(mutation.arguments.get(8), Value("Ada"));
  EXPECT_EQ(mutation.bases.at(0).version, 9u);
  EXPECT_EQ(mutation.bases.at(0).field, model::kNoField) << "left out: of all fields";
}

TEST_F(SyncJsonTest, WhatIsNotAMessageIsSaid) {
  for (const char* text :
       {"",
        "{",
        "[]",
        "7",
        "{}",
        R"({"type": 7})",
        R"({"type": "dance"})",
        R"({"type": "ping", "nonce": "x"})",
        R"({"type": "ping", "nonce": -1})",
        R"({"type": "ping", "nonce": 1.5})",
        R"({"type": "ping", "once": 1})",
        R"({"type": "hello", "client": "x"})",
        R"({"type": "unsubscribe", "queryId": 4294967296})",
        R"({"type": "subscribe", "query": []})",
        R"({"type": "subscribe", "query": {"where": {"kind": "maybe"}}})",
        R"({"type": "subscribe", "query": {"order": [{"field": 2, "nulls": "nowhere"}]}})",
        R"({"type": "subscribe", "query": {"aggregate": {"groupBy": [{"period": "decade"}]}}})",
        R"({"type": "subscribe", "query": {"where": {"values": [{"decimal": "1.00000000000"}]}}})",
        R"({"type": "subscribe", "query": {"where": {"values": [{"decimal": 1, "id": 2}]}}})",
        R"({"type": "push", "mutations": {}})"}) {
    const auto message = server::api::client_message_from_json(domain_->schema, text);
    ASSERT_FALSE(message.ok()) << text;
    EXPECT_EQ(message.error().code, base::Code::malformed) << text;
  }
}

TEST_F(SyncJsonTest, APokeShowsItsRecords) {
  const model::Collection& leads = *domain_->schema.find("leads");
  model::RecordBuilder builder(leads, kId);
  builder.set(leads.find("name")->spec.id, "Ada");
  protocol::SegmentBody body;
  const model::Record lead = builder.build();
  const base::ByteView packed = lead.bytes();
  body.puts.emplace_back(packed.begin(), packed.end());
  body.puts.push_back({1, 2, 3});
  body.removals.push_back({leads.id(), kId});
  query::AggregateRow group;
  group.key = {Value("new"), Value()};
  group.rows = 3;
  group.values = {Value(model::Decimal{150, 2})};
  group.previous = query::Figures{2, {Value(model::Decimal{50, 2})}, {}};
  body.groups.push_back({false, group});
  group.previous.reset();
  body.groups.push_back({true, group});
  protocol::Segment segment;
  segment.query_id = 7;
  segment.kind = protocol::Segment::Kind::snapshot;
  segment.body = protocol::encode_segment_body(body);
  protocol::Poke poke;
  poke.version = 12;
  poke.segments.push_back(segment);
  model::Verdict verdict;
  verdict.sequence = 4;
  verdict.outcome = model::Outcome::rejected;
  verdict.error = {base::Code::required, "Enter a name.", "name"};
  poke.verdicts.emplace_back(kId, verdict);

  const Json json = write(poke);
  EXPECT_EQ(json["type"], "poke");
  EXPECT_EQ(json["version"], 12);
  const Json& shown = json["segments"][0];
  EXPECT_EQ(shown["queryId"], 7);
  EXPECT_EQ(shown["kind"], "snapshot");
  EXPECT_EQ(shown["puts"][0]["collection"], "leads");
  EXPECT_EQ(shown["puts"][0]["record"]["name"], "Ada");
  EXPECT_TRUE(shown["puts"][1].contains("unreadable"));
  EXPECT_EQ(shown["removals"][0]["id"], base::to_string(kId));
  EXPECT_EQ(shown["groups"][0]["removed"], false);
  EXPECT_EQ(shown["groups"][0]["row"]["key"], (Json{"new", nullptr}));
  EXPECT_EQ(shown["groups"][0]["row"]["rows"], 3);
  EXPECT_EQ(shown["groups"][0]["row"]["values"][0]["decimal"], "1.50");
  EXPECT_EQ(shown["groups"][0]["row"]["previous"]["values"][0]["decimal"], "0.50");
  EXPECT_EQ(shown["groups"][1]["removed"], true);
  EXPECT_TRUE(shown["groups"][1]["row"]["previous"].is_null());
  const Json& told = json["verdicts"][0];
  EXPECT_EQ(told[0], base::to_string(kId));
  EXPECT_EQ(told[1]["outcome"], "rejected");
  EXPECT_EQ(told[1]["error"]["code"], "required");
  EXPECT_EQ(told[1]["error"]["fields"][0]["field"], "name");
}

TEST_F(SyncJsonTest, AnswersHaveTheirTypes) {
  EXPECT_EQ(write(protocol::Welcome{})["type"], "welcome");
  EXPECT_EQ(write(protocol::Pong{5, base::Timestamp{0}}),
            (Json{{"type", "pong"}, {"nonce", 5}, {"now", "1970-01-01T00:00:00.000Z"}}));
  EXPECT_EQ(write(protocol::Failure{{base::Code::token_expired, "x"}})["error"]["code"],
            "token_expired");
  EXPECT_EQ(write(protocol::Signatures{4, {{7, 9}}}),
            (Json{{"type", "signatures"},
                  {"version", 4},
                  {"results", Json::array({{{"queryId", 7}, {"rows", 9}}})}}));
  EXPECT_EQ(write(protocol::QueryFailed{3, {base::Code::forbidden, "x"}})["queryId"], 3);
}

}  // namespace
}  // namespace syncline::tests
