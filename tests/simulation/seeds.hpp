// Many seeds in a row: no promise may be broken in any of them. Two programs share this, so that two cores do.
#pragma once

#include <gtest/gtest.h>

#include "tests/simulation/simulation.hpp"

namespace syncline::simulation {

#if defined(__EMSCRIPTEN__) || defined(__SANITIZE_ADDRESS__)
inline constexpr std::uint64_t kSeeds = 50;
#else
inline constexpr std::uint64_t kSeeds = 2'000;
#endif
inline constexpr std::uint64_t kSeedsPerCase = 50;

inline void run_seeds(std::uint64_t first, bool editing) {
  std::uint64_t faults = 0;
  std::uint64_t mutations = 0;
  for (std::uint64_t seed = first; seed < first + kSeedsPerCase; ++seed) {
    const Report report = run_seed(seed, editing);
    for (const std::string& violation : report.violations)
      ADD_FAILURE() << violation << "\nscript/simulate --verbose --seed " << seed
                    << (editing ? " --editing" : "");
    faults += report.faults;
    mutations += report.mutations;
  }
  // A simulation in which nothing happens proves nothing.
  EXPECT_GT(faults, 20 * kSeedsPerCase);
  EXPECT_GT(mutations, 20 * kSeedsPerCase);
}

// Where each case begins.
inline const auto kFirstSeeds = testing::Range(std::uint64_t{1}, kSeeds + 1, kSeedsPerCase);

}  // namespace syncline::simulation
