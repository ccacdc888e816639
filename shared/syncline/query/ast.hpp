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

// Three-valued as in SQL: a comparison with a null field is unknown, and unknown is not selected.
struct Predicate {
  enum class Kind : std::uint8_t { always, never, compare, all_of, any_of, negation };
  // A right-hand side that is filled in per user before a query is used (bind()).
  enum class Parameter : std::uint8_t { none, user_id };

  Kind kind = Kind::always;
  FieldId field = model::kNoField;       // compare
  Op op = Op::eq;                        // compare
  Parameter parameter = Parameter::none; // compare
  std::vector<model::Value> values;      // compare: one; `in`: any number; is_null: one boolean
  std::vector<Predicate> children;       // all_of, any_of; negation: one

  bool operator==(const Predicate&) const = default;
  SYNCLINE_FIELDS(kind, field, op, parameter, values, children)
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

// One related record per row, through a reference field of the queried collection.
struct Include {
  FieldId via = model::kNoField;
  bool operator==(const Include&) const = default;
  SYNCLINE_FIELDS(via)
};

enum class Aggregator : std::uint8_t { count, sum };
struct AggregateTerm {
  Aggregator aggregator = Aggregator::count;
  FieldId field = model::kNoField;  // sum: an integer or decimal field
  bool operator==(const AggregateTerm&) const = default;
  SYNCLINE_FIELDS(aggregator, field)
};
// Rows are replaced by one row per distinct value of group_by (kNoField: one row in all, also when empty).
struct Aggregate {
  FieldId group_by = model::kNoField;
  std::vector<AggregateTerm> terms;
  bool operator==(const Aggregate&) const = default;
  SYNCLINE_FIELDS(group_by, terms)
};

struct Query {
  CollectionId collection = model::kNoCollection;
  Predicate where;
  model::Order order;                      // ties by id
  std::uint32_t limit = 0;                 // 0: no limit
  std::optional<model::OrderKey> after;    // rows strictly after this position
  std::vector<Include> includes;
  std::optional<Aggregate> aggregate;      // then order, limit, after and includes are empty

  bool operator==(const Query&) const = default;
  SYNCLINE_FIELDS(collection, where, order, limit, after, includes, aggregate)
};

}  // namespace syncline::query
