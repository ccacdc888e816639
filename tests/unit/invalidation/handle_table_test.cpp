#include "syncline/invalidation/handle_table.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"

namespace syncline::tests {
namespace {

using invalidation::HandleTable;

std::vector<std::uint64_t> found(const HandleTable& table, std::uint64_t hash) {
  std::vector<std::uint64_t> handles;
  table.find(hash, handles);
  std::sort(handles.begin(), handles.end());
  return handles;
}

TEST(HandleTable, EveryNumberIsAHashAndAHandle) {
  HandleTable table;
  EXPECT_TRUE(found(table, 0).empty());
  table.remove(0, 0);
  for (const std::uint64_t hash : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    table.add(hash, 0);
    table.add(hash, 0);
    EXPECT_EQ(found(table, hash), (std::vector<std::uint64_t>{0}));
    table.add(hash, 5);
    EXPECT_EQ(found(table, hash), (std::vector<std::uint64_t>{0, 5}));
  }
  for (const std::uint64_t hash : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    table.remove(hash, 0);
    table.remove(hash, 1);
    EXPECT_EQ(found(table, hash), (std::vector<std::uint64_t>{5}));
    table.remove(hash, 5);
  }
  EXPECT_TRUE(table.empty());
}

// Hashes that are wanted at few places, so that runs grow long, wrap around and lose their members in the middle.
TEST(HandleTable, IsAMapOfSets) {
  base::Random random(7);
  HandleTable table;
  std::map<std::uint64_t, std::set<std::uint64_t>> expected;
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t hash = random.below(40) << 32 | random.below(3) | 0xFFFF'FFF0u;
    const std::uint64_t handle = random.below(4);
    if (random.below(2) == 0) {
      table.add(hash, handle);
      expected[hash].insert(handle);
    } else {
      table.remove(hash, handle);
      expected[hash].erase(handle);
      if (expected[hash].empty()) expected.erase(hash);
    }
    ASSERT_EQ(table.empty(), expected.empty());
    if (step % 50 != 0) continue;
    for (std::uint64_t high = 0; high < 40; ++high) {
      for (std::uint64_t low = 0; low < 3; ++low) {
        const std::uint64_t asked = high << 32 | low | 0xFFFF'FFF0u;
        const auto& handles = expected[asked];
        ASSERT_EQ(found(table, asked), std::vector<std::uint64_t>(handles.begin(), handles.end()));
        if (handles.empty()) expected.erase(asked);
      }
    }
  }
}

}  // namespace
}  // namespace syncline::tests
