// Queries, records and changes as text, so that a failed random test can be read and replayed.
#pragma once

#include <string>

#include "syncline/model/change.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::tests {

[[nodiscard]] std::string describe(const model::Value& value);
[[nodiscard]] std::string describe(const model::Collection& collection,
                                   const query::Predicate& predicate);
[[nodiscard]] std::string describe(const model::Schema& schema, const query::Query& query);
[[nodiscard]] std::string describe(const model::Record& record);
[[nodiscard]] std::string describe(const query::AggregateRow& row);
[[nodiscard]] std::string describe(const model::Change& change);
[[nodiscard]] std::string describe(const std::vector<model::Record>& records);

}  // namespace syncline::tests
