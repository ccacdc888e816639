// Whatever the weather: no promise is broken while things go wrong, and when they calm down all is as it should be.
#include <gtest/gtest.h>

#include "tests/simulation/simulation.hpp"

namespace syncline::simulation {
namespace {

#if defined(__EMSCRIPTEN__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t kSeeds = 50;
#else
constexpr std::uint64_t kSeeds = 2'000;
#endif
constexpr std::uint64_t kSeedsPerCase = 50;

void run_seeds(std::uint64_t first, bool editing) {
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

class Seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, KeepEveryPromise) { run_seeds(GetParam(), false); }
TEST_P(Seeds, KeepEveryPromiseWhilePeopleEdit) { run_seeds(GetParam(), true); }

INSTANTIATE_TEST_SUITE_P(All, Seeds, testing::Range(std::uint64_t{1}, kSeeds + 1, kSeedsPerCase));

}  // namespace
}  // namespace syncline::simulation
