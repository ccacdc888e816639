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

}  // namespace
}  // namespace syncline::tests
