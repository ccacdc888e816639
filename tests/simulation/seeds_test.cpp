// Whatever the weather: no promise is broken while things go wrong, and when they calm down all is as it should be.
#include "tests/simulation/seeds.hpp"

namespace syncline::simulation {
namespace {

class Seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, KeepEveryPromise) { run_seeds(GetParam(), false); }

INSTANTIATE_TEST_SUITE_P(All, Seeds, kFirstSeeds);

}  // namespace
}  // namespace syncline::simulation
