// Evaluating, binding and analysing predicates.
#pragma once

#include "syncline/base/result.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::query {

enum class Truth : std::uint8_t { no, unknown, yes };

[[nodiscard]] Truth evaluate(const Predicate& predicate, const model::Record& record);
// evaluate() == yes. REQUIRES: bound (no parameters left), fields exist in the record's collection.
[[nodiscard]] bool matches(const Predicate& predicate, const model::Record& record);
// Parameters replaced by values.
[[nodiscard]] Predicate bind(const Predicate& predicate, const base::Id& user);
// Every field that the predicate mentions, ascending, once each.
[[nodiscard]] std::vector<FieldId> mentioned_fields(const Predicate& predicate);

}  // namespace syncline::query
