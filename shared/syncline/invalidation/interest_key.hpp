// Which equalities a predicate can be filed under, and the hash of one. A key is never finer than the equality that
// predicates use (byte equality of values, SEMANTICS 31), so a hash collision costs an evaluation, never a missed change.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "syncline/model/record.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::invalidation {

struct InterestKey {
  model::FieldId field = model::kNoField;
  std::uint64_t hash = 0;
  friend bool operator==(const InterestKey&, const InterestKey&) = default;
};

// Of one value, and of a record's field (equal for equal values).
[[nodiscard]] std::uint64_t hash_of(const model::Value& value);
[[nodiscard]] std::uint64_t hash_of(const model::Record& record, const model::Field& field);

// Keys such that every row for which the predicate is true has at least one of them, as few as can be told; empty when no
// row can match; nullopt when the predicate is not bound by equalities.
[[nodiscard]] std::optional<std::vector<InterestKey>> keys_of(const query::Predicate& predicate);

}  // namespace syncline::invalidation
