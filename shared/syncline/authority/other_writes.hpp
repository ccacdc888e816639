// What others did to a record since its author saw it, read from the commit log (SEMANTICS 2, 3).
#pragma once

#include <vector>

#include "syncline/authority/storage.hpp"
#include "syncline/mutation/conflict.hpp"

namespace syncline::authority {

// Writes by `own` clients are not somebody else's. REQUIRES: used while no write happens, by one mutation, and dropped:
// the answers of the log are remembered. `storage` outlives the function.
[[nodiscard]] mutation::OtherWrites other_writes(Storage& storage, std::vector<base::Id> own);

}  // namespace syncline::authority
