// The schema as data for programs that are not C++: JSON for `syncline schema`, and the SDK's generated/schema.ts.
#pragma once

#include <string>

#include "syncline/mutation/mutator.hpp"

namespace syncline::server::api {

// Collections with fields, slots and rules, mutators with arguments, roles, error codes. Pretty-printed.
[[nodiscard]] std::string schema_json(const mutation::Domain& domain);
// web/packages/client/src/generated/schema.ts: types per collection and the metadata of schema_types.ts.
[[nodiscard]] std::string schema_typescript(const mutation::Domain& domain);

}  // namespace syncline::server::api
