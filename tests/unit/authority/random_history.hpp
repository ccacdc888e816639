// Random histories of browsers, submissions and subscriptions. The law: after any history every browser holds exactly the rows
// of its queries that its user may see, as a fresh look at the storage gives them.
#pragma once

#include "syncline/base/random.hpp"
#include "syncline/query/predicate.hpp"
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {

inline authority::Options history_options() {
  authority::Options options;
  options.look_ahead_rows = 1;
  options.mutations_per_commit_max = 4;
  return options;
}

// REQUIRES: `world` is new and has history_options().
void run_history(World& world, std::uint64_t seed);

}  // namespace syncline::tests
