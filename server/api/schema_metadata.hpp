// SchemaMeta (web/packages/client/src/schema_types.ts) as JSON: what both forms of schema_export.hpp contain.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "syncline/mutation/mutator.hpp"

namespace syncline::server::api {

[[nodiscard]] nlohmann::ordered_json schema_metadata(const mutation::Domain& domain);

}  // namespace syncline::server::api
