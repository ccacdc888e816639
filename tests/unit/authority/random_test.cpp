#include "tests/unit/authority/random_history.hpp"

namespace syncline::tests {
namespace {

TEST(Random, EveryBrowserHoldsWhatItsUserMaySee) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World world(history_options());
    run_history(world, seed);
    if (HasFatalFailure()) return;
  }
}

// Each turn has time for one snapshot only, whoever waits for others.
TEST(Random, AlsoWhenEverySnapshotLetsOthersHaveTheirTurn) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    std::uint64_t clock = 0;
    authority::Options options = history_options();
    options.stopwatch = [&clock] { return clock += 10'000'000; };
    World world(options);
    run_history(world, seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace syncline::tests
