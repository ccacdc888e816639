// What the random test (random_pipeline_test.cpp) cannot see: which deltas are sent, in which order, and what errors do.
#include "syncline/ivm/pipeline.hpp"

#include <limits>

#include "tests/unit/ivm/pipeline_fixture.hpp"

namespace syncline::tests {
namespace {

TEST_F(PipelineTest, FilterTurnsEditsAcrossItsEdgeIntoAddAndRemove) {
  query_.where = query::compare(kScore, Op::gte, 10);
  put(scored(1, 10));
  put(scored(2, 5));
  open();
  EXPECT_EQ(hydrated_, "+1");
  EXPECT_EQ(update(scored(2, 12)), "+2");
  EXPECT_EQ(update(scored(1, 11)), "=1");
  EXPECT_EQ(update(scored(1, 1)), "-1");
  EXPECT_EQ(update(scored(1, 2)), "");
  EXPECT_EQ(remove(kItems, 1), "");
  EXPECT_EQ(remove(kItems, 2), "-2");
  EXPECT_EQ(pipeline_->size(), 0U);
}

TEST_F(PipelineTest, TakeRemovesBeforeItAdds) {
  query_.limit = 2;
  for (std::uint32_t i = 1; i <= 4; ++i) put(scored(i, static_cast<int>(i) * 10));
  open();
  EXPECT_EQ(hydrated_, "+1+2");
  EXPECT_EQ(insert(scored(5, 15)), "-2+5");  // 1 5 | 2 3 4
  EXPECT_EQ(insert(scored(6, 35)), "");      // behind the bound
  EXPECT_EQ(remove(kItems, 1), "-1+2");      // 5 2 | 3 6 4
  EXPECT_EQ(update(scored(5, 99)), "-5+3");  // 2 3 | 6 4 5
  EXPECT_EQ(update(scored(3, 34)), "=3");    // still first behind the old bound
  EXPECT_EQ(update(scored(4, 1)), "-3+4");   // 4 2 | 3 6 5
  EXPECT_EQ(pipeline_->size(), 2U);
}

TEST_F(PipelineTest, TakeShrinksWhenNothingIsLeftBehindItAndFillsUpAgain) {
  query_.limit = 2;
  put(scored(1, 10));
  put(scored(2, 20));
  open();
  EXPECT_EQ(remove(kItems, 2), "-2");
  EXPECT_EQ(remove(kItems, 1), "-1");
  EXPECT_EQ(insert(scored(3, 30)), "+3");
  EXPECT_EQ(insert(scored(4, 5)), "+4");
  EXPECT_EQ(insert(scored(5, 40)), "");
  EXPECT_EQ(update(scored(5, 6)), "-3+5");
}

TEST_F(PipelineTest, TakeReadsTheSourceOnlyAtItsBound) {
  query_.limit = 3;
  for (std::uint32_t i = 1; i <= 5; ++i) put(scored(i, static_cast<int>(i) * 10));
  open();
  items_.fetches = 0;
  update(scored(1, 11));   // inside
  update(scored(5, 500));  // outside
  insert(scored(6, 600));  // outside
  EXPECT_EQ(items_.fetches, 0);
  insert(scored(7, 12));
  EXPECT_EQ(items_.fetches, 1);
}

TEST_F(PipelineTest, AWindowBehindACursorIgnoresWhatLiesBefore) {
  query_.limit = 2;
  query_.after = model::OrderKey{{20}, test_id(2)};
  for (std::uint32_t i = 1; i <= 5; ++i) put(scored(i, static_cast<int>(i) * 10));
  open();
  EXPECT_EQ(hydrated_, "+3+4");
  EXPECT_EQ(update(scored(1, 15)), "");
  EXPECT_EQ(update(scored(1, 25)), "-4+1");
  EXPECT_EQ(update(scored(3, 5)), "-3+4");
  EXPECT_EQ(update(scored(2, 20)), "");
}

TEST_F(PipelineTest, IncludedRecordsAreCountedNotRepeated) {
  query_.includes = {{kGroup}};
  put(make_group(8, {}));
  put(grouped(1, 8));
  open();
  EXPECT_EQ(hydrated_, "+1(+8)");
  EXPECT_EQ(pipeline_->collections(), (std::vector<model::CollectionId>{kItems, kGroups}));
  EXPECT_EQ(insert(grouped(2, 8)), "+2");
  EXPECT_EQ(insert(grouped(3, 9)), "+3");        // dangling
  EXPECT_EQ(insert(make_group(9, {})), "(+9)");  // now it is there
  EXPECT_EQ(update(make_group(8, {{kGroupName, "x"}})), "(=8)");
  EXPECT_EQ(update(grouped(1, 9)), "=1");
  EXPECT_EQ(update(grouped(2, 9)), "=2(-8)");
  EXPECT_EQ(update(make_group(8, {{kGroupName, "y"}})), "");  // nobody refers to it
  EXPECT_EQ(remove(kGroups, 9), "(-9)");
  EXPECT_EQ(remove(kItems, 1), "-1");
}

TEST_F(PipelineTest, ARecordThatOnlyChangesItsRowDoesNotLeave) {
  query_.includes = {{kGroup}};
  query_.limit = 1;
  put(make_group(8, {}));
  put(grouped(1, 8, 10));
  open();
  EXPECT_EQ(insert(grouped(2, 8, 5)), "-1+2");
}

TEST_F(PipelineTest, ARowMayIncludeItself) {
  query_.includes = {{kRelated}};
  open();
  const auto self = [](std::uint32_t id, int score) {
    return make_item(id, {{kScore, score}, {kRelated, test_id(id)}});
  };
  EXPECT_EQ(pipeline_->collections(), (std::vector<model::CollectionId>{kItems}));
  EXPECT_EQ(insert(self(1, 1)), "+1(+1)");
  EXPECT_EQ(update(self(1, 2)), "=1(=1)");
  EXPECT_EQ(update(scored(1, 3)), "=1(-1)");
  EXPECT_EQ(update(self(1, 4)), "=1(+1)");
  EXPECT_EQ(remove(kItems, 1), "-1(-1)");
}

TEST_F(PipelineTest, GroupsAppearChangeAndDisappear) {
  query_.order.clear();
  query_.aggregate = query::Aggregate{
      {{kStatus}}, {{query::Aggregator::count}, {query::Aggregator::sum, kPrice}}, {}};
  const auto item = [](std::uint32_t id, int status, std::int64_t cents) {
    return make_item(id, {{kStatus, status}, {kPrice, model::Decimal{cents, 2}}});
  };
  put(item(1, 2, 150));
  put(item(2, 0, 5));
  open();
  EXPECT_EQ(hydrated_, "[+0:1 1 0.05][+2:1 1 1.50]");
  EXPECT_EQ(insert(item(3, 2, -50)), "[=2:2 2 1.00]");
  EXPECT_EQ(update(item(1, 2, 160)), "[=2:2 2 1.10]");
  EXPECT_EQ(update(item(1, 0, 160)), "[=0:2 2 1.65][=2:1 1 -0.50]");
  EXPECT_EQ(update(item(3, 1, 7)), "[+1:1 1 0.07][-2:1 1 -0.50]");
  EXPECT_EQ(update(make_item(3, {})), "[+null:1 1 0.00][-1:1 1 0.07]");
  EXPECT_EQ(pipeline_->size(), 2U);
}

TEST_F(PipelineTest, AnEditThatNoAggregateSeesSendsNothing) {
  query_.order.clear();
  query_.aggregate = query::Aggregate{{{kStatus}}, {{query::Aggregator::sum, kScore}}, {}};
  put(make_item(1, {{kStatus, 1}, {kScore, 4}}));
  open();
  EXPECT_EQ(update(make_item(1, {{kStatus, 1}, {kScore, 4}, {kTitle, "b"}}, 2)), "");
}

TEST_F(PipelineTest, WithoutGroupingThereIsOneRowAlsoWhenEmpty) {
  query_.order.clear();
  query_.aggregate =
      query::Aggregate{{}, {{query::Aggregator::count}, {query::Aggregator::sum, kScore}}, {}};
  open();
  EXPECT_EQ(hydrated_, "[+:0 0 0]");
  EXPECT_EQ(insert(scored(1, 7)), "[=:1 1 7]");
  EXPECT_EQ(remove(kItems, 1), "[=:0 0 0]");
  EXPECT_EQ(pipeline_->size(), 1U);
}

TEST_F(PipelineTest, ASumThatLeavesItsTypeIsAnErrorNotAWrongNumber) {
  query_.order.clear();
  query_.aggregate = query::Aggregate{{}, {{query::Aggregator::sum, kPrice}}, {}};
  const auto rich = [](std::uint32_t id) {
    return make_item(id, {{kPrice, model::Decimal{std::numeric_limits<std::int64_t>::max(), 2}}});
  };
  put(rich(1));
  open();
  EXPECT_EQ(insert(rich(2)), "overflow");
  apply({model::ChangeKind::remove, rich(2), {}});
  pipeline_->reset();
  ivm::ResultDelta delta;
  ASSERT_TRUE(pipeline_->hydrate(delta).ok());
  EXPECT_EQ(text(delta), "[+:1 92233720368547758.07]");
}

TEST_F(PipelineTest, FiguresOfEveryKind) {
  using query::Aggregator;
  query_.order.clear();
  query_.aggregate = query::Aggregate{{},
                                      {{Aggregator::avg, kScore},
                                       {Aggregator::avg, kPrice},
                                       {Aggregator::count_distinct, kTitle},
                                       {Aggregator::min, kPrice},
                                       {Aggregator::max, kTitle}},
                                      {}};
  const auto item = [](std::uint32_t id, int score, std::int64_t cents, const char* title) {
    return make_item(id, {{kScore, score}, {kPrice, model::Decimal{cents, 2}}, {kTitle, title}});
  };
  open();
  EXPECT_EQ(hydrated_, "[+:0 null null 0 null null]");
  EXPECT_EQ(insert(item(1, 1, 100, "a")), "[=:1 1.00 1.0000 1 1.00 \"a\"]");
  EXPECT_EQ(insert(item(2, 2, 105, "b")), "[=:2 1.50 1.0250 2 1.00 \"b\"]");
  EXPECT_EQ(insert(item(3, 2, 106, "a")), "[=:3 1.67 1.0367 2 1.00 \"b\"]");
  EXPECT_EQ(insert(make_item(4, {})), "[=:4 1.67 1.0367 2 1.00 \"b\"]");
  EXPECT_EQ(remove(kItems, 2), "[=:3 1.50 1.0300 1 1.00 \"a\"]");
  EXPECT_EQ(remove(kItems, 1), "[=:2 2.00 1.0600 1 1.06 \"a\"]");
  EXPECT_EQ(update(item(3, -5, -1, "ä")), "[=:2 -5.00 -0.0100 1 -0.01 \"ä\"]");
}

TEST_F(PipelineTest, AveragesPointsInTime) {
  query_.order.clear();
  query_.aggregate = query::Aggregate{{}, {{query::Aggregator::avg, kSeenAt}}, {}};
  const auto seen = [](std::uint32_t id, std::int64_t ms) {
    return make_item(id, {{kSeenAt, base::Timestamp{ms}}});
  };
  open();
  EXPECT_EQ(hydrated_, "[+:0 null]");
  EXPECT_EQ(insert(seen(1, 1'795'248'000'000)), "[=:1 1795248000000.00]");
  EXPECT_EQ(insert(seen(2, 1'795'248'000'001)), "[=:2 1795248000000.50]");
  EXPECT_EQ(insert(make_item(3, {})), "[=:3 1795248000000.50]");
  EXPECT_EQ(remove(kItems, 1), "[=:2 1795248000001.00]");
}

TEST_F(PipelineTest, GroupsByPeriodInATimeZone) {
  query_.order.clear();
  query_.aggregate = query::Aggregate{
      {{kSeenAt, model::kNoField, query::Period::month, "Europe/Berlin"}, {kStatus}}, {}, {}};
  const auto seen = [](std::uint32_t id, const char* at) {
    return make_item(id, {{kSeenAt, *base::parse_timestamp(at)}, {kStatus, 1}});
  };
  put(seen(1, "2026-07-31T21:59:59Z"));
  put(seen(2, "2026-07-31T22:00:00Z"));  // midnight in Berlin
  put(make_item(3, {}));
  open();
  EXPECT_EQ(hydrated_, "[+null,null:1][+2026-07-01,1:1][+2026-08-01,1:1]");
  EXPECT_EQ(update(seen(2, "2026-01-31T22:59:00Z")), "[+2026-01-01,1:1][-2026-08-01,1:1]");
}

// The day of a place may be one that no text can say.
TEST_F(PipelineTest, GroupsByPeriodAtTheEndsOfTheCalendar) {
  query_.order.clear();
  for (const auto period : {query::Period::month, query::Period::quarter, query::Period::year}) {
    query_.aggregate =
        query::Aggregate{{{kSeenAt, model::kNoField, period, "America/New_York"}}, {}, {}};
    open();
    const auto first = make_item(1, {{kSeenAt, *base::parse_timestamp("0001-01-01T00:00:00Z")}});
    EXPECT_NE(insert(first).find(":1]"), std::string::npos);
    query_.aggregate->group_by[0].zone = "Pacific/Auckland";
    open();
    const auto last = make_item(2, {{kSeenAt, *base::parse_timestamp("9999-12-31T23:59:59Z")}});
    EXPECT_NE(insert(last).find(":1]"), std::string::npos);
    (void)remove(kItems, 1);
    (void)remove(kItems, 2);
  }
}

TEST_F(PipelineTest, ATrendCountsTheEarlierPeriodBeside) {
  query_.order.clear();
  query_.aggregate =
      query::Aggregate{{},
                       {{query::Aggregator::sum, kScore}},
                       query::Trend{kDueOn, base::Date{10}, base::Date{20}, base::Date{30}}};
  const auto due = [](std::uint32_t id, std::int32_t day, int score) {
    return make_item(id, {{kDueOn, base::Date{day}}, {kScore, score}});
  };
  put(due(1, 9, 1));
  put(due(2, 10, 2));
  put(due(3, 20, 4));
  put(due(4, 30, 8));
  open();
  EXPECT_EQ(hydrated_, "[+:1 4 before 1 2]");
  EXPECT_EQ(update(due(4, 29, 8)), "[=:2 12 before 1 2]");
  EXPECT_EQ(update(due(4, 19, 8)), "[=:1 4 before 2 10]");
  EXPECT_EQ(remove(kItems, 1), "");
}

TEST_F(PipelineTest, MoreThanMayBeHeldIsAnError) {
  for (std::uint32_t i = 1; i <= 3; ++i) put(scored(i, static_cast<int>(i)));
  pipeline_ = std::make_unique<ivm::Pipeline>(test_schema(), query_, *this);
  pipeline_->limit_held(2);
  ivm::ResultDelta delta;
  const auto refused = pipeline_->hydrate(delta);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::query_too_costly);
  EXPECT_NE(refused.error().message.find("more than 2 rows"), std::string::npos);
  EXPECT_TRUE(delta.empty());
  apply({model::ChangeKind::remove, scored(3, 3), {}});
  pipeline_->reset();
  ASSERT_TRUE(pipeline_->hydrate(delta).ok());
  EXPECT_EQ(insert(scored(4, 4)), "query_too_costly");
}

TEST_F(PipelineTest, ChangesOfOtherCollectionsDoNothing) {
  open();
  EXPECT_EQ(insert(make_group(1, {})), "");
}

TEST_F(PipelineTest, AFailedReadSendsNothingAndHydratingAgainHeals) {
  query_.limit = 1;
  query_.includes = {{kGroup}};
  put(make_group(8, {}));
  put(grouped(1, 8, 10));
  put(grouped(2, 9, 20));
  open();
  items_.broken = true;
  EXPECT_EQ(remove(kItems, 1), "storage_failed");
  items_.broken = false;
  pipeline_->reset();
  groups_.broken = true;
  ivm::ResultDelta delta;
  delta.rows.push_back({DeltaKind::add, {}, scored(7, 7)});  // what was there before stays
  EXPECT_FALSE(pipeline_->hydrate(delta).ok());
  EXPECT_EQ(text(delta), "+7");
  groups_.broken = false;
  pipeline_->reset();
  ASSERT_TRUE(pipeline_->hydrate(delta).ok());
  EXPECT_EQ(text(delta), "+7+2");
  EXPECT_EQ(pipeline_->size(), 1U);
}

TEST_F(PipelineTest, PushingBeforeHydratingIsABug) {
  ivm::Pipeline pipeline(test_schema(), query_, *this);
  ivm::ResultDelta delta;
  EXPECT_THROW((void)pipeline.push({model::ChangeKind::insert, {}, scored(1, 1)}, delta),
               base::CheckFailure);
  ASSERT_TRUE(pipeline.hydrate(delta).ok());
  EXPECT_THROW((void)pipeline.hydrate(delta), base::CheckFailure);
}

}  // namespace
}  // namespace syncline::tests
