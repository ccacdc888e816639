// Incremental == from scratch, after every step, over tables in memory: the oracle (tests/oracle/oracle.hpp).
//
// SYNCLINE_ORACLE_STEPS=<count>: so many steps instead of those of this build (oracle.hpp). SYNCLINE_REGRESS=<folder>: where a failure is kept.
#include <algorithm>

#include "syncline/ivm/memory_source.hpp"
#include "tests/oracle/oracle.hpp"

namespace syncline::tests {
namespace {

class InMemory : public OracleBackend {
 public:
  explicit InMemory(const model::Schema& schema) : sources_(schema) {}
  ivm::SourceProvider& sources() override { return sources_; }
  void apply(const model::Change& change) override { sources_.apply(change); }

 private:
  ivm::MemorySources sources_;
};

OracleBackendFactory in_memory() {
  return [](const model::Schema& schema) { return std::make_unique<InMemory>(schema); };
}

// In parts, so that a failure is found at once and progress is seen; each long enough that everything moves in it.
constexpr std::size_t kStepsPerPart = 5'000;
std::uint64_t parts() { return std::max<std::uint64_t>(oracle_steps(50'000) / kStepsPerPart, 1); }

class RandomPipeline : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  // Everything moves often. Of all parts together: a single one may be about few groups, or few new rows.
  static void TearDownTestSuite() {
    const std::size_t steps = total.steps;
    EXPECT_GT(total.adds, steps / 10);
    EXPECT_GT(total.removes, steps / 20);
    EXPECT_GT(total.edits, steps / 20);
    EXPECT_GT(total.refills, steps / 50);
    EXPECT_GT(total.related, steps / 20);
    EXPECT_GT(total.groups, steps / 20);
  }
  static inline OracleTally total;
};

TEST_P(RandomPipeline, IncrementalEqualsFromScratch) {
  const std::size_t before = total.steps;
  run_oracle(GetParam() * 1'000'000, kStepsPerPart, in_memory(), total);
  EXPECT_GE(total.steps - before, kStepsPerPart);
}
INSTANTIATE_TEST_SUITE_P(Parts, RandomPipeline, ::testing::Range<std::uint64_t>(0, parts()));

TEST(Regress, WhatFailedOnceHoldsForEver) {
  for (const std::string& text : regress_files()) {
    const auto script = read_script(text);
    ASSERT_TRUE(script.ok()) << text;
    OracleTally tally;
    EXPECT_TRUE(run_script(*script, in_memory(), tally)) << text;
    EXPECT_GT(tally.steps, 0U) << text;
  }
}

// A backend that loses every seventh change: the oracle must see it, and shrink it to something a person can read.
class Forgetful : public InMemory {
 public:
  using InMemory::InMemory;
  void apply(const model::Change& change) override {
    if (change.kind == model::ChangeKind::update && change.id().bytes[15] % 7 == 3) {
      model::Change stale = change;
      stale.after = change.before;
      return InMemory::apply(stale);
    }
    InMemory::apply(change);
  }
};

TEST(OracleItself, FindsAndShrinksAMistake) {
  const OracleBackendFactory forgetful = [](const model::Schema& schema) {
    return std::make_unique<Forgetful>(schema);
  };
  int found = 0;
  for (std::uint64_t seed = 1; seed < 40 && found < 3; ++seed) {
    const OracleScript script = make_script(seed);
    OracleTally tally;
    if (run_script(script, forgetful, tally)) continue;
    ++found;
    const OracleScript small = shrink(script, forgetful);
    EXPECT_LT(small.ops.size(), script.ops.size() / 4);
    EXPECT_FALSE(run_script(small, forgetful, tally));
    EXPECT_TRUE(run_script(small, in_memory(), tally));
    const auto again = read_script(write_script(small, "a remark\nof two lines"));
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(write_script(*again, ""), write_script(small, ""));
    EXPECT_FALSE(run_script(*again, forgetful, tally));
  }
  EXPECT_EQ(found, 3);
}

}  // namespace
}  // namespace syncline::tests
