// Every planted bug is noticed.
#include "tests/simulation/canaries.hpp"

#include <gtest/gtest.h>

namespace syncline::simulation {
namespace {

class Canaries : public testing::TestWithParam<Canary> {};

TEST_P(Canaries, AreCaught) {
  EXPECT_TRUE(catch_canary(GetParam()).has_value()) << GetParam().about;
}

std::string test_name(const testing::TestParamInfo<Canary>& info) {
  std::string name = info.param.name;
  for (char& letter : name) {
    if (letter == '-') letter = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Canaries, testing::ValuesIn(canaries()), test_name);

}  // namespace
}  // namespace syncline::simulation
