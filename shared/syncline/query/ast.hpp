// The query language as data: what REST parameters, the SDK and row rules all become. Plain values; no engine inside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "syncline/base/fields.hpp"
#include "syncline/model/order.hpp"
#include "syncline/model/schema.hpp"

namespace syncline::query {

using model::CollectionId;
using model::FieldId;

enum class Op : std::uint8_t { eq, ne, lt, lte, gt, gte, in, like, is_null, contains };

// Three-valued as in SQL: a comparison with a null field is unknown, and unknown is not selected. `exists` is yes or no.
struct Predicate {
  enum class Kind : std::uint8_t { always, never, compare, all_of, any_of, negation, exists };
  // A right-hand side that is filled in per user before a query is used (bind()).
  enum class Parameter : std::uint8_t { none, user_id };

  Kind kind = Kind::always;
  FieldId field = model::kNoField;  // compare; exists: the reference that relates the two rows
  Op op = Op::eq;                   // compare
  Parameter parameter = Parameter::none;  // compare
  std::vector<model::Value> values;       // compare: one; `in`: any number; is_null: one boolean
  std::vector<Predicate> children;        // all_of, any_of; negation, exists: one
  // exists: kNoCollection: the row that `field` of this row names; else rows of this collection whose `field` names this row.
  CollectionId from = model::kNoCollection;

  bool operator==(const Predicate&) const = default;
  SYNCLINE_FIELDS(kind, field, op, parameter, values, children, from)
};

[[nodiscard]] Predicate always();
[[nodiscard]] Predicate never();
[[nodiscard]] Predicate compare(FieldId field, Op op, model::Value value);
[[nodiscard]] Predicate in(FieldId field, std::vector<model::Value> values);
[[nodiscard]] Predicate is_null(FieldId field, bool null = true);
[[nodiscard]] Predicate equals_user(FieldId field);  // field = $user
[[nodiscard]] Predicate all_of(std::vector<Predicate> children);
[[nodiscard]] Predicate any_of(std::vector<Predicate> children);
[[nodiscard]] Predicate negate(Predicate child);
// Some related row satisfies `inner`: the one that the reference names, or one of those that name this row.
[[nodiscard]] Predicate exists(FieldId reference, Predicate inner = always());
[[nodiscard]] Predicate exists_in(CollectionId from, FieldId reference, Predicate inner = always());

// Related records of every row: the one that the reference `via` of the row names, or (`from`) those rows of that collection
// whose `via` names the row: in order and as many as the limit says, for each row. They may bring along others in turn.
struct Include {
  FieldId via = model::kNoField;
  CollectionId from = model::kNoCollection;
  Predicate where;          // about the related row alone
  model::Order order;       // with `from`; ties by id
  std::uint32_t limit = 0;  // with `from`; 0: no limit
  std::vector<Include> includes;
  bool operator==(const Include&) const = default;
  SYNCLINE_FIELDS(via, from, where, order, limit, includes)
};

// count: rows. The others look at one field and leave out its nulls; avg, min and max of nothing are null, sum is 0.
enum class Aggregator : std::uint8_t { count, sum, count_distinct, avg, min, max };
struct AggregateTerm {
  Aggregator aggregator = Aggregator::count;
  FieldId field = model::kNoField;  // sum, avg: an integer or decimal field; avg: also a timestamp
  bool operator==(const AggregateTerm&) const = default;
  SYNCLINE_FIELDS(aggregator, field)
};
enum class Period : std::uint8_t { none, day, week, month, quarter, year };
// What rows are grouped by: a field of the row, or of the row that its reference `via` names; of a date or timestamp also the
// first day of its period, weeks beginning on Monday.
struct GroupKey {
  FieldId field = model::kNoField;
  FieldId via = model::kNoField;
  Period period = Period::none;
  std::string zone;  // where a timestamp's day is looked up ("Europe/Berlin"); empty: UTC
  bool operator==(const GroupKey&) const = default;
  SYNCLINE_FIELDS(field, via, period, zone)
};
// The comparison with an earlier period: rows with from <= field < to count, those with previous <= field < from are counted
// beside them, all others not at all.
struct Trend {
  FieldId field = model::kNoField;  // a date or timestamp
  model::Value previous;
  model::Value from;
  model::Value to;
  bool operator==(const Trend&) const = default;
  SYNCLINE_FIELDS(field, previous, from, to)
};
// Rows are replaced by one row per distinct combination of keys (no keys: one row in all, also when empty).
struct Aggregate {
  std::vector<GroupKey> group_by;
  std::vector<AggregateTerm> terms;
  std::optional<Trend> trend;
  bool operator==(const Aggregate&) const = default;
  SYNCLINE_FIELDS(group_by, terms, trend)
};

// What an aggregate answers. `values`: one per term: count, count_distinct integer; sum as its field; avg a decimal of two
// digits more than its field (at most 6), rounded half up, of a timestamp its milliseconds; min, max as the field. `averaged`: per avg its sum and the number
// of its values, so that a difference can be added exactly.
struct Figures {
  std::int64_t rows = 0;
  std::vector<model::Value> values;
  std::vector<model::Value> averaged;
  bool operator==(const Figures&) const = default;
  SYNCLINE_FIELDS(rows, values, averaged)
};
struct AggregateRow : Figures {
  std::vector<model::Value> key;    // one per group key; a period is a date
  std::optional<Figures> previous;  // where the query has a trend
  bool operator==(const AggregateRow&) const = default;
  SYNCLINE_FIELDS(key, rows, values, averaged, previous)
};

struct Query {
  CollectionId collection = model::kNoCollection;
  Predicate where;
  model::Order order;                    // ties by id
  std::uint32_t limit = 0;               // 0: no limit
  std::optional<model::OrderKey> after;  // rows strictly after this position
  std::vector<Include> includes;
  std::optional<Aggregate> aggregate;  // then order, limit, after and includes are empty

  bool operator==(const Query&) const = default;
  SYNCLINE_FIELDS(collection, where, order, limit, after, includes, aggregate)
};

}  // namespace syncline::query
