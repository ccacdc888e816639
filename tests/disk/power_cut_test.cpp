// Whenever the power goes, nothing is lost that anybody was told of; and planted bugs are noticed. Here at every sync and one
// in so many of the writes; the nightly stage cuts everywhere.
#include "tests/disk/power_cut.hpp"

#include <gtest/gtest.h>

#include "tests/disk/canaries.hpp"

namespace syncline::disk {
namespace {

// The first of the 200 that the nightly stage cuts everywhere.
constexpr std::uint64_t kWorkloads = 60;
constexpr std::uint64_t kWorkloadsPerCase = 20;

class PowerCut : public testing::TestWithParam<std::uint64_t> {};

TEST_P(PowerCut, LosesNothingThatWasAcknowledged) {
  CutReport sum;
  for (std::uint64_t seed = GetParam(); seed < GetParam() + kWorkloadsPerCase; ++seed) {
    CutOptions options;
    options.one_in = 40;
    const CutReport report = cut_everywhere(seed, options);
    for (const std::string& violation : report.violations) ADD_FAILURE() << violation;
    sum.add(report);
  }
  // Workloads in which nothing happens would prove nothing.
  EXPECT_GE(sum.at_syncs, sum.sync_points);
  EXPECT_GT(sum.sync_points, 20 * kWorkloadsPerCase);
  EXPECT_GT(sum.commits, 10 * kWorkloadsPerCase);
  EXPECT_GT(sum.refusals, 0u);
}

INSTANTIATE_TEST_SUITE_P(All, PowerCut,
                         testing::Range(std::uint64_t{1}, kWorkloads + 1, kWorkloadsPerCase));

TEST(PowerCutReplay, IsTheSameAgain) {
  CutOptions options;
  options.one_in = 1'000'000;
  const CutReport once = cut_everywhere(7, options);
  const CutReport again = cut_everywhere(7, options);
  EXPECT_EQ(once.operations, again.operations);
  EXPECT_EQ(once.cuts, again.cuts);
  EXPECT_EQ(once.commits, again.commits);
}

class PowerCutCanaries : public testing::TestWithParam<Canary> {};

TEST_P(PowerCutCanaries, AreCaught) {
  EXPECT_TRUE(catch_canary(GetParam()).has_value()) << GetParam().about;
}

std::string test_name(const testing::TestParamInfo<Canary>& info) {
  std::string name = info.param.name;
  for (char& letter : name) {
    if (letter == '-') letter = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, PowerCutCanaries, testing::ValuesIn(canaries()), test_name);

}  // namespace
}  // namespace syncline::disk
