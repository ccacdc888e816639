// One message of every kind with every part filled: round trips, the wire-layout tripwire and fuzz seeds are made of these.
#pragma once

#include <vector>

#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/poll.hpp"
#include "syncline/protocol/version.hpp"

namespace syncline::protocol::samples {

inline base::Id id(std::uint8_t n) {
  base::Id made;
  made.bytes.fill(n);
  return made;
}

inline std::vector<model::Value> every_value() {
  return {model::Value(),
          model::Value(true),
          model::Value(std::int64_t{-7}),
          model::Value(model::Decimal{39'500'000, 2}),
          model::Value("Zürich"),
          model::Value(id(9)),
          model::Value(base::Timestamp{1'763'712'000'000}),
          model::Value(base::Date{20'413}),
          model::Value(model::make_text_set({"vip", "abroad"}))};
}

inline query::Query query() {
  query::Query q;
  q.collection = 3;
  q.where = query::all_of({query::compare(9, query::Op::gte, model::Decimal{100'000, 2}),
                           query::negate(query::in(10, every_value())),
                           query::any_of({query::equals_user(11), query::is_null(12)}),
                           query::exists_in(4, 15, query::negate(query::exists(16)))});
  q.order = {{9, true}, {8, false}};
  q.limit = 50;
  q.after = model::OrderKey{{model::Value(1), model::Value("x")}, id(4)};
  query::Include children;
  children.via = 14;
  children.from = 5;
  children.where = query::is_null(15);
  children.order = {{16, true, model::Nulls::last}};
  children.limit = 3;
  children.includes = {{17}};
  q.includes = {{13}, children};
  return q;
}

inline query::Query aggregate_query() {
  query::Query q;
  q.collection = 3;
  q.aggregate = query::Aggregate{
      {{10}, {11, 12, query::Period::week, "Europe/Berlin"}},
      {{query::Aggregator::count, model::kNoField}, {query::Aggregator::avg, 9}},
      query::Trend{13, base::Timestamp{1}, base::Timestamp{2}, base::Timestamp{3}}};
  return q;
}

inline model::Mutation mutation(std::uint64_t sequence) {
  model::Mutation m;
  m.id = {id(1), sequence};
  m.name = "crm.leads.update";
  m.arguments.set(model::kIdField, id(4));
  m.arguments.set(9, model::Decimal{12'345, 2});
  m.arguments.set(10, model::Value());
  m.bases = {{3, id(4), model::kNoField, 17}, {3, id(4), 9, 18}};
  m.created_at = {1'763'712'000'123};
  return m;
}

inline base::Error error() {
  return {base::Code::out_of_range, "Value must be at least 0.", "value"};
}

inline model::Verdict verdict() {
  model::Verdict v;
  v.sequence = 5;
  v.outcome = model::Outcome::conflict;
  v.version = 99;
  v.error = error();
  v.conflicts = {
      {3, id(4), true, {{9, model::Value(1), model::Value(2), model::Value(), id(8), {77}}}}};
  v.result = {{"dealId", id(7)}, {"count", 3}};
  return v;
}

inline SegmentBody body() {
  SegmentBody b;
  b.puts = {{1, 2, 3}, {}, base::Bytes(300, 7)};
  b.removals = {{3, id(4)}, {2, id(5)}};
  query::AggregateRow row;
  row.key = {model::Value("won"), model::Value()};
  row.rows = 12;
  row.values = {model::Value(12), model::Decimal{500, 4}};
  row.averaged = {model::Decimal{60, 2}, model::Value(12)};
  row.previous =
      query::Figures{1, {model::Value(1), model::Value()}, {model::Value(0), model::Value(0)}};
  b.groups = {{false, row}, {true, {}}};
  return b;
}

inline Poke poke() {
  Poke p;
  p.version = 101;
  p.verdicts = {{id(1), verdict()}, {id(2), {}}};
  p.segments = {{7, Segment::Kind::delta, {}, encode_segment_body(body())},
                {8, Segment::Kind::snapshot, {{3, id(4), 50}}, encode_segment_body({})}};
  return p;
}

inline std::vector<ClientMessage> client_messages() {
  return {Hello{kProtocolVersion, 0x1122334455667788, id(1), {id(2), id(3)}, "token", {id(6), 42}},
          Reauthenticate{"newer"},
          Subscribe{7, query(), {{3, id(4), 41}}},
          Subscribe{8, aggregate_query(), {}},
          Unsubscribe{7},
          Push{{mutation(1), mutation(2)}},
          Ping{12'345}};
}

inline std::vector<ServerMessage> server_messages() {
  return {Welcome{kProtocolVersion, {id(6), 43}, id(7), id(8), 2, {1'763'712'000'000}},
          poke(),
          QueryFailed{7, error()},
          Pong{12'345, {1'763'712'000'001}},
          Failure{{base::Code::token_expired, "Sign in again."}},
          Signatures{101, {{7, 0x0102030405060708}, {8, ~0ULL}}}};
}

inline PollRequest poll_request() {
  return {id(1), 41, true, 25'000, 7, {{5, 1, 2}, {}, base::Bytes(300, 9)}};
}
inline PollAnswer poll_answer() { return {8, true, 42, {base::Bytes(200, 3), {1}}}; }

}  // namespace syncline::protocol::samples
