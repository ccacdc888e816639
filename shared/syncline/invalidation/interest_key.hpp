// What a predicate can be filed under: values by their hash, beginnings of texts, intervals. A key is never finer than what
// predicates compare by (SEMANTICS 31), so a hash collision costs an evaluation, never a missed change.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "syncline/invalidation/interval_index.hpp"
#include "syncline/model/record.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::invalidation {

struct InterestKey {
  // equals: the field has this value. item: the set has this item. prefix: the folded text begins with so many bytes of this
  // hash. range: the value lies within.
  enum class Kind : std::uint8_t { equals, item, prefix, range };
  model::FieldId field = model::kNoField;
  Kind kind = Kind::equals;
  std::uint64_t hash = 0;
  std::size_t length = 0;  // prefix
  Interval range;
  friend bool operator==(const InterestKey&, const InterestKey&) = default;
};

// Of one value, and of a record's field (equal for equal values).
[[nodiscard]] std::uint64_t hash_of(const model::Value& value);
[[nodiscard]] std::uint64_t hash_of(const model::Record& record, const model::Field& field);

[[nodiscard]] std::uint64_t hash_of_item(std::string_view item);
// Of folded text.
[[nodiscard]] std::uint64_t hash_of_prefix(std::string_view folded);

// Keys such that every row for which the predicate is true has at least one of them, as selective as can be told; empty when
// no row can match; nullopt when nothing bounds the predicate. REQUIRES: bound, and about the row alone.
[[nodiscard]] std::optional<std::vector<InterestKey>> keys_of(const query::Predicate& predicate);

}  // namespace syncline::invalidation
