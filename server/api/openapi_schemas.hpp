// Parts of the OpenAPI description: the JSON schemas of records and bodies, and the fixed ones (Problem, figures, events).
#pragma once

#include "server/api/json.hpp"

namespace syncline::server::api {

// components.schemas, all of them.
[[nodiscard]] OutJson openapi_schemas(const mutation::Domain& domain);
// One value as REST writes it; null is allowed where `nullable`.
[[nodiscard]] OutJson field_schema(const model::FieldSpec& field, bool nullable);
// An object of arguments.
[[nodiscard]] OutJson arguments_schema(const std::vector<model::FieldSpec>& arguments);
[[nodiscard]] OutJson schema_reference(std::string_view name);

}  // namespace syncline::server::api
