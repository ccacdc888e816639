// The platform module: its collections, rules and rights.
#pragma once

#include <vector>

#include "syncline/mutation/mutator.hpp"

namespace syncline::domain::platform {

[[nodiscard]] std::vector<model::CollectionSpec> collections();
// Adds rules and rights. REQUIRES: the domain was built with collections().
void declare(mutation::Domain& domain);

}  // namespace syncline::domain::platform
