#include "syncline/ivm/memory_source.hpp"

#include <gtest/gtest.h>

#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

TEST(MemorySources, MakesOneTablePerCollectionAndKeepsIt) {
  ivm::MemorySources sources(test_schema());
  ivm::Source& items = sources.source(kItems);
  sources.apply({model::ChangeKind::insert, {}, make_item(1, {{kScore, 1}})});
  EXPECT_EQ(&sources.source(kItems), &items);
  EXPECT_EQ(sources.table(kItems).size(), 1U);
  EXPECT_EQ(sources.table(kGroups).size(), 0U);
  sources.clear();
  EXPECT_EQ(sources.table(kItems).size(), 0U);
}

TEST(MemorySources, ACollectionThatDoesNotExistIsABug) {
  ivm::MemorySources sources(test_schema());
  EXPECT_THROW((void)sources.source(77), base::CheckFailure);
}

TEST(MemorySources, ApplyFollowsTheChange) {
  ivm::MemorySources sources(test_schema());
  const auto first = make_item(1, {{kScore, 1}});
  const auto second = make_item(1, {{kScore, 2}});
  sources.apply({model::ChangeKind::insert, {}, first});
  sources.apply({model::ChangeKind::update, first, second});
  EXPECT_TRUE(sources.table(kItems).get(test_id(1)).same(second));
  sources.apply({model::ChangeKind::remove, second, {}});
  EXPECT_FALSE(sources.table(kItems).get(test_id(1)));
}

}  // namespace
}  // namespace syncline::tests
