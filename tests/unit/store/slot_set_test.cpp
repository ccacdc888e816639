#include "syncline/store/slot_set.hpp"

#include <set>

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"

namespace syncline::tests {
namespace {

using store::Slot;

std::set<Slot> content(const store::SlotSet& set) {
  std::set<Slot> all;
  set.for_each([&all](Slot slot) { EXPECT_TRUE(all.insert(slot).second); });
  return all;
}

// Dense, sparse, and from one to the other: the slots come from ranges of very different sizes.
TEST(SlotSet, AgreesWithAnOrderedSet) {
  base::Random random(3);
  for (int round = 0; round < 200; ++round) {
    store::SlotSet set;
    std::set<Slot> expected;
    std::uint64_t range = 1 + random.below(2'000);
    for (int step = 0; step < 600; ++step) {
      if (random.below(150) == 0) range = std::uint64_t{1} << random.below(22);
      const auto slot = static_cast<Slot>(random.below(range));
      if (random.below(3) == 0) {
        ASSERT_EQ(set.erase(slot), expected.erase(slot) == 1);
      } else {
        ASSERT_EQ(set.insert(slot), expected.insert(slot).second);
      }
      const auto other = static_cast<Slot>(random.below(range));
      ASSERT_EQ(set.contains(other), expected.contains(other));
      ASSERT_EQ(set.size(), expected.size());
    }
    ASSERT_EQ(content(set), expected);
    if (random.below(2) == 0) continue;
    set.clear();
    ASSERT_TRUE(set.empty());
    ASSERT_TRUE(content(set).empty());
    ASSERT_FALSE(set.contains(0));
  }
}

TEST(SlotSet, IsEmptyAtFirst) {
  store::SlotSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_FALSE(set.contains(0));
  EXPECT_FALSE(set.erase(0));
}

}  // namespace
}  // namespace syncline::tests
