// Conditions as JSON: query_parameters.hpp says how they are written. Types are checked later, by query::check.
#pragma once

#include "server/api/json.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::server::api {

// `op`: eq ne lt lte gt gte in like null contains. On a set, eq and ne ask for an item, `in` for any of them.
// Errors: unknown_parameter, malformed.
[[nodiscard]] base::Result<query::Predicate> make_condition(const model::Field& field,
                                                            std::string_view op,
                                                            const ParsedJson& operand);
// Errors: unknown_parameter, malformed.
[[nodiscard]] base::Result<query::Predicate> where_from_json(const model::Schema& schema,
                                                             const model::Collection& collection,
                                                             const ParsedJson& json);

}  // namespace syncline::server::api
