// The same while people also type, edit drafts, take back and do again.
#include "tests/simulation/seeds.hpp"

namespace syncline::simulation {
namespace {

class EditingSeeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(EditingSeeds, KeepEveryPromise) { run_seeds(GetParam(), true); }

INSTANTIATE_TEST_SUITE_P(All, EditingSeeds, kFirstSeeds);

}  // namespace
}  // namespace syncline::simulation
