#include "syncline/store/id_index.hpp"

#include <map>

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

TEST(IdIndex, AgreesWithAMapThroughInsertsAndErasures) {
  base::Random random(1);
  store::Rows rows;
  store::IdIndex index(rows);
  std::map<std::uint32_t, store::Slot> expected;
  for (int step = 0; step < 20'000; ++step) {
    const auto number = static_cast<std::uint32_t>(random.below(700));
    const auto found = expected.find(number);
    if (found == expected.end()) {
      const auto slot = static_cast<store::Slot>(rows.size());
      rows.push_back(make_group(number, {}));
      index.insert(slot);
      expected.emplace(number, slot);
    } else if (random.below(2) == 0) {
      index.erase(test_id(number));
      expected.erase(found);
    }
    if (step % 97 != 0) continue;
    ASSERT_EQ(index.size(), expected.size());
    for (std::uint32_t probe = 0; probe < 700; ++probe) {
      const auto wanted = expected.find(probe);
      ASSERT_EQ(index.find(test_id(probe)),
                wanted == expected.end() ? store::kNoSlot : wanted->second);
    }
  }
}

TEST(IdIndex, IsEmptyAtFirstAndAfterClear) {
  store::Rows rows;
  store::IdIndex index(rows);
  EXPECT_EQ(index.find(test_id(1)), store::kNoSlot);
  rows.push_back(make_group(1, {}));
  index.insert(0);
  EXPECT_EQ(index.find(test_id(1)), 0U);
  index.clear();
  EXPECT_EQ(index.find(test_id(1)), store::kNoSlot);
  EXPECT_EQ(index.size(), 0U);
}

}  // namespace
}  // namespace syncline::tests
