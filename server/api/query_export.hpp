// The queries of domain/crm/metrics.hpp as TypeScript: so that a browser's dashboard and REST have one definition of each figure.
#pragma once

#include <string>

#include "syncline/mutation/mutator.hpp"

namespace syncline::server::api {

// web/packages/client/src/generated/crm_queries.ts: a function for each of dashboard_queries(), of the periods if it has any.
[[nodiscard]] std::string crm_queries_typescript(const mutation::Domain& domain);

}  // namespace syncline::server::api
