// Includes of rows that name the row, with order and limit for each, and includes within includes.
#include "tests/unit/ivm/pipeline_fixture.hpp"

namespace syncline::tests {
namespace {

class IncludeTest : public PipelineTest {
 protected:
  // Groups, each with its items by score.
  void groups_with_items(std::uint32_t limit) {
    query_.collection = kGroups;
    query_.order = {{kGroupPosition, false}};
    query::Include items;
    items.via = kGroup;
    items.from = kItems;
    items.order = {{kScore, false}};
    items.limit = limit;
    query_.includes = {items};
  }
};

TEST_F(IncludeTest, ChildrenComeWithTheirParents) {
  groups_with_items(0);
  put(make_group(8, {}));
  put(grouped(1, 8));
  put(grouped(2, 9));
  open();
  EXPECT_EQ(hydrated_, "+8(+1)");
  EXPECT_EQ(pipeline_->collections(), (std::vector<model::CollectionId>{kGroups, kItems}));
  EXPECT_EQ(insert(make_group(9, {})), "+9(+2)");
  EXPECT_EQ(insert(grouped(3, 9)), "(+3)");
  EXPECT_EQ(update(grouped(3, 9, 4)), "(=3)");
  EXPECT_EQ(update(grouped(3, 8, 4)), "(=3)");  // moves between two that are both there
  EXPECT_EQ(update(grouped(3, 7, 4)), "(-3)");
  EXPECT_EQ(update(grouped(3, 8, 5)), "(+3)");
  EXPECT_EQ(remove(kGroups, 8), "-8(-1-3)");
  EXPECT_EQ(remove(kItems, 1), "");
  EXPECT_EQ(remove(kItems, 2), "(-2)");
}

TEST_F(IncludeTest, TheLimitIsForEachParent) {
  groups_with_items(2);
  put(make_group(8, {}));
  put(make_group(9, {}));
  for (std::uint32_t i = 1; i <= 4; ++i) put(grouped(i, 8, static_cast<int>(i) * 10));
  put(grouped(5, 9, 1));
  open();
  EXPECT_EQ(hydrated_, "+8+9(+1+2+5)");
  EXPECT_EQ(insert(grouped(6, 8, 15)), "(-2+6)");  // 1 6 | 2 3 4
  EXPECT_EQ(remove(kItems, 1), "(-1+2)");          // 6 2 | 3 4
  EXPECT_EQ(update(grouped(6, 8, 99)), "(+3-6)");  // 2 3 | 4 6
  EXPECT_EQ(update(grouped(2, 9, 0)), "(=2+4)");   // 3 4 | 6 and 2 5
  EXPECT_EQ(update(grouped(6, 9, 3)), "");         // behind both
}

TEST_F(IncludeTest, OnlyRowsThatSatisfyTheCondition) {
  groups_with_items(0);
  query_.includes[0].where = query::compare(kScore, Op::gte, 5);
  put(make_group(8, {}));
  put(grouped(1, 8, 4));
  open();
  EXPECT_EQ(hydrated_, "+8");
  EXPECT_EQ(update(grouped(1, 8, 5)), "(+1)");
  EXPECT_EQ(update(grouped(1, 8, 1)), "(-1)");
}

TEST_F(IncludeTest, OneNamedRowMayHaveToSatisfyACondition) {
  query_.includes = {{kGroup}};
  query_.includes[0].where = query::compare(kGroupPosition, Op::eq, 1);
  put(make_group(8, {{kGroupPosition, 1}}));
  put(grouped(1, 8));
  open();
  EXPECT_EQ(hydrated_, "+1(+8)");
  EXPECT_EQ(update(make_group(8, {{kGroupPosition, 2}})), "(-8)");
  EXPECT_EQ(update(grouped(1, 8, 3)), "=1");
  EXPECT_EQ(update(make_group(8, {{kGroupPosition, 1}})), "(+8)");
}

TEST_F(IncludeTest, MoreThanMayBeHeldIsAnError) {
  groups_with_items(0);
  put(make_group(8, {}));
  for (std::uint32_t i = 1; i <= 3; ++i) put(grouped(i, 8));
  pipeline_ = std::make_unique<ivm::Pipeline>(test_schema(), query_, *this);
  pipeline_->limit_held(2);
  ivm::ResultDelta delta;
  const auto refused = pipeline_->hydrate(delta);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("more than 2 related records"), std::string::npos);
  EXPECT_TRUE(delta.empty());
  apply({model::ChangeKind::remove, grouped(3, 8), {}});
  pipeline_->reset();
  ASSERT_TRUE(pipeline_->hydrate(delta).ok());
  EXPECT_EQ(insert(grouped(4, 8)), "query_too_costly");
}

TEST_F(IncludeTest, IncludesWithinIncludes) {
  // Items with their group, and its parent.
  query_.includes = {{kGroup}};
  query_.includes[0].includes = {{kGroupParent}};
  put(make_group(7, {}));
  put(make_group(8, {{kGroupParent, test_id(7)}}));
  put(grouped(1, 8));
  open();
  EXPECT_EQ(hydrated_, "+1(+7+8)");
  EXPECT_EQ(update(make_group(7, {{kGroupName, "x"}})), "(=7)");
  EXPECT_EQ(update(make_group(8, {})), "(-7=8)");
  EXPECT_EQ(update(make_group(8, {{kGroupParent, test_id(8)}})), "(=8)");  // its own parent
  EXPECT_EQ(update(make_group(8, {{kGroupParent, test_id(7)}})), "(+7=8)");
  EXPECT_EQ(remove(kGroups, 8), "(-7-8)");
  EXPECT_EQ(insert(make_group(8, {{kGroupParent, test_id(7)}})), "(+7+8)");
  EXPECT_EQ(remove(kItems, 1), "-1(-7-8)");
}

}  // namespace
}  // namespace syncline::tests
