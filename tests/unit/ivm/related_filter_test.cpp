// Conditions on related rows: which rows a change of a related row lets in and out, and what a window makes of several at once.
#include "syncline/query/predicate.hpp"
#include "tests/unit/ivm/pipeline_fixture.hpp"

namespace syncline::tests {
namespace {

class RelatedFilterTest : public PipelineTest {
 protected:
  // Groups in which some item has a score of at least 5.
  void groups_with_score() {
    query_.collection = kGroups;
    query_.order = {{kGroupPosition, false}};
    query_.where = query::exists_in(kItems, kGroup, query::compare(kScore, Op::gte, 5));
  }
  void put_groups(std::uint32_t count) {
    for (std::uint32_t i = 1; i <= count; ++i)
      put(make_group(i, {{kGroupPosition, static_cast<int>(i)}}));
  }
};

TEST_F(RelatedFilterTest, ARowFollowsTheRowItNames) {
  query_.where = query::exists(kGroup, query::compare(kGroupPosition, Op::eq, 1));
  put(make_group(8, {{kGroupPosition, 1}}));
  put(make_group(9, {{kGroupPosition, 2}}));
  put(grouped(1, 8));
  put(grouped(2, 9));
  put(grouped(3, 7));  // dangling
  open();
  EXPECT_EQ(hydrated_, "+1");
  EXPECT_EQ(pipeline_->collections(), (std::vector<model::CollectionId>{kItems, kGroups}));
  EXPECT_EQ(update(make_group(9, {{kGroupPosition, 1}})), "+2");
  EXPECT_EQ(update(make_group(9, {{kGroupPosition, 1}, {kGroupName, "x"}})), "");
  EXPECT_EQ(update(make_group(8, {})), "-1");
  EXPECT_EQ(insert(make_group(7, {{kGroupPosition, 1}})), "+3");
  EXPECT_EQ(update(grouped(2, 7)), "=2");
  EXPECT_EQ(remove(kGroups, 7), "-2-3");
}

TEST_F(RelatedFilterTest, AParentFollowsItsChildren) {
  groups_with_score();
  put_groups(3);
  put(grouped(1, 1, 5));
  put(grouped(2, 1, 9));
  put(grouped(3, 2, 1));
  open();
  EXPECT_EQ(hydrated_, "+1");
  EXPECT_EQ(update(grouped(1, 1, 0)), "");      // the other one is left
  EXPECT_EQ(update(grouped(2, 2, 9)), "-1+2");  // a child moves between parents
  EXPECT_EQ(update(grouped(3, 2, 8)), "");      // a second one
  EXPECT_EQ(update(grouped(3, 3, 8)), "+3");
  EXPECT_EQ(remove(kItems, 2), "-2");
  EXPECT_EQ(update(make_group(3, {{kGroupPosition, 0}})), "=3");
  EXPECT_EQ(remove(kGroups, 3), "-3");
  EXPECT_EQ(insert(make_group(3, {})), "+3");  // its child was there before it
}

TEST_F(RelatedFilterTest, NoneIsTheOpposite) {
  groups_with_score();
  query_.where = query::negate(query_.where);
  put_groups(2);
  put(grouped(1, 1, 5));
  open();
  EXPECT_EQ(hydrated_, "+2");
  EXPECT_EQ(update(grouped(1, 2, 5)), "+1-2");
  EXPECT_EQ(remove(kItems, 1), "+2");
}

TEST_F(RelatedFilterTest, ConditionsNest) {
  // Items whose group's parent has position 1: from the grandparent down to the row.
  query_.where =
      query::exists(kGroup, query::exists(kGroupParent, query::compare(kGroupPosition, Op::eq, 1)));
  put(make_group(1, {}));
  put(make_group(2, {{kGroupParent, test_id(1)}}));
  put(grouped(1, 2));
  put(grouped(2, 1));
  open();
  EXPECT_EQ(hydrated_, "");
  EXPECT_EQ(update(make_group(1, {{kGroupPosition, 1}})), "+1");
  EXPECT_EQ(update(make_group(1, {{kGroupPosition, 1}, {kGroupParent, test_id(1)}})), "+2");
  EXPECT_EQ(update(make_group(2, {})), "-1");
  EXPECT_EQ(remove(kGroups, 1), "-2");
}

TEST_F(RelatedFilterTest, AWindowTakesSeveralAtOnce) {
  query_.where = query::exists(kGroup, query::compare(kGroupPosition, Op::eq, 1));
  query_.limit = 2;
  put(make_group(8, {{kGroupPosition, 1}}));
  put(make_group(9, {{kGroupPosition, 2}}));
  for (std::uint32_t i = 1; i <= 6; ++i) put(grouped(i, i % 2 == 0 ? 8 : 9, static_cast<int>(i)));
  open();
  EXPECT_EQ(hydrated_, "+2+4");                                     // 2 4 | 6
  EXPECT_EQ(update(make_group(9, {{kGroupPosition, 1}})), "-4+1");  // 1 2 | 3 4 5 6
  EXPECT_EQ(update(make_group(8, {{kGroupPosition, 3}})), "-2+3");  // 1 3 | 5
  EXPECT_EQ(update(make_group(9, {{kGroupPosition, 3}})), "-1+5-3-5");
  EXPECT_EQ(pipeline_->size(), 0U);
}

TEST_F(RelatedFilterTest, CountsFollowTheirRows) {
  groups_with_score();
  query_.order.clear();
  query_.aggregate = query::Aggregate{{}, {{query::Aggregator::sum, kGroupPosition}}, {}};
  put_groups(3);
  put(grouped(1, 3, 5));
  open();
  EXPECT_EQ(hydrated_, "[+:1 3]");
  EXPECT_EQ(update(grouped(1, 2, 5)), "[=:1 2]");
}

TEST_F(RelatedFilterTest, GroupsFollowTheRowThatNamesThem) {
  query_.order.clear();
  query_.aggregate =
      query::Aggregate{{{kGroupPosition, kGroup}}, {{query::Aggregator::sum, kScore}}, {}};
  put(make_group(8, {{kGroupPosition, 1}}));
  put(make_group(9, {{kGroupPosition, 2}}));
  put(grouped(1, 8, 10));
  put(grouped(2, 8, 20));
  put(grouped(3, 9, 30));
  put(grouped(4, 7, 40));  // dangling
  open();
  EXPECT_EQ(hydrated_, "[+null:1 40][+1:2 30][+2:1 30]");
  EXPECT_EQ(update(make_group(8, {{kGroupPosition, 2}})), "[-1:2 30][=2:3 60]");
  EXPECT_EQ(update(grouped(3, 7, 30)), "[=null:2 70][=2:2 30]");
  EXPECT_EQ(remove(kGroups, 8), "[=null:4 100][-2:2 30]");
  EXPECT_EQ(update(make_group(9, {{kGroupPosition, 3}})), "");
}

TEST_F(RelatedFilterTest, AFailedReadOfAGroupsKeyIsNoGroupWithoutKey) {
  query_.order.clear();
  query_.aggregate = query::Aggregate{{{kGroupPosition, kGroup}}, {}, {}};
  put(make_group(8, {{kGroupPosition, 1}}));
  put(grouped(1, 8));
  open();
  groups_.broken = true;
  EXPECT_EQ(insert(grouped(2, 8)), "storage_failed");
  pipeline_->reset();
  ivm::ResultDelta delta;
  EXPECT_FALSE(pipeline_->hydrate(delta).ok());
  EXPECT_TRUE(delta.empty());
  groups_.broken = false;
  pipeline_->reset();
  ASSERT_TRUE(pipeline_->hydrate(delta).ok());
  EXPECT_EQ(text(delta), "[+1:2]");
}

TEST_F(RelatedFilterTest, AFailedReadOfRelatedRowsIsAnError) {
  groups_with_score();
  put_groups(1);
  open();
  items_.broken = true;
  EXPECT_EQ(insert(make_group(2, {})), "storage_failed");
  items_.broken = false;
  pipeline_->reset();
  ivm::ResultDelta delta;
  EXPECT_TRUE(pipeline_->hydrate(delta).ok());
}

}  // namespace
}  // namespace syncline::tests
