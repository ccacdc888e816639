// What a query would cost over SQLite: told from its indexes, before a row is read; and questions about related rows as SQL.
#include "syncline/authority/query_plan.hpp"

#include "syncline/ivm/relations.hpp"
#include "syncline/query/predicate.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/test_schema.hpp"
#include "tests/unit/server_storage/temporary_database.hpp"

namespace syncline::tests {
namespace {

using authority::PlanStep;
using query::Op;

// 20 groups and 1,000 items: every group has 50 items, every score 10.
class QueryPlan : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kGroupCount = 20, kItemCount = 1'000;
  QueryPlan() {
    EXPECT_TRUE(storage().begin().ok());
    for (std::uint32_t i = 0; i < kGroupCount; ++i)
      put(make_group(i, {{kGroupPosition, static_cast<int>(i)}}));
    for (std::uint32_t i = 0; i < kItemCount; ++i) {
      put(make_item(1'000 + i, {{kScore, static_cast<int>(i % 100)},
                                {kGroup, test_id(i % kGroupCount)},
                                {kNotes, "note"}}));
    }
    query_.collection = kItems;
  }
  ~QueryPlan() override { storage().rollback(); }
  server::storage::SqliteStorage& storage() { return database_.storage(); }
  void put(const model::Record& row) {
    const auto applied = storage().apply({model::ChangeKind::insert, {}, row});
    ASSERT_TRUE(applied.ok()) << applied.error().message;
  }
  authority::QueryPlan plan() {
    auto made = authority::make_plan(test_schema(), query_, storage().planner(), 1'000'000);
    EXPECT_TRUE(made.ok());
    return made.value();
  }
  std::uint64_t cost() { return plan().cost; }

  TemporaryDatabase database_{test_schema()};
  query::Query query_;
};

TEST_F(QueryPlan, AnIndexedConditionCostsTheRowsBehindIt) {
  query_.where = query::compare(kScore, Op::eq, 7);
  const auto equal = plan();
  EXPECT_EQ(equal.cost, 10u);
  ASSERT_EQ(equal.steps.size(), 1u);
  EXPECT_NE(equal.steps[0].how.find("_by_score"), std::string::npos) << equal.steps[0].how;
  query_.where = query::compare(kScore, Op::lt, 5);
  query_.order = {{kScore, false}};
  EXPECT_EQ(cost(), 50u);
  query_.limit = 7;
  EXPECT_EQ(cost(), 7u) << "they come in order";
  query_.order = {{kTitle, false}};
  EXPECT_GE(cost(), 50u) << "all of them are sorted";
  query_.limit = 0;
  query_.order = {};
  query_.where = query::in(kScore, {model::Value(1), model::Value(2)});
  EXPECT_EQ(cost(), 20u);
  query_.where = query::any_of(
      {query::compare(kScore, Op::eq, 1), query::compare(kGroup, Op::eq, test_id(3))});
  EXPECT_EQ(cost(), 60u) << "10 of the score, 50 of the group";
}

TEST_F(QueryPlan, AConditionThatNoIndexServesCostsTheTable) {
  query_.where = query::compare(kNotes, Op::like, "%o%");
  EXPECT_EQ(cost(), kItemCount);
  query_.limit = 5;
  EXPECT_EQ(cost(), kItemCount) << "it may be the last rows that match";
  query_.where = query::always();
  query_.order = {{kScore, true}};
  EXPECT_EQ(cost(), 5u) << "in the order's index the first ones come first";
  query_.order = {{kNotes, true}};
  EXPECT_EQ(cost(), kItemCount) << "all are sorted";
}

TEST_F(QueryPlan, RelatedTablesAreReadOnceHoweverDeepTheyNest) {
  query_.where =
      query::exists(kGroup, query::exists_in(kItems, kGroup, query::compare(kScore, Op::eq, 7)));
  const auto nested = plan();
  ASSERT_EQ(nested.steps.size(), 3u);
  EXPECT_EQ(nested.steps[0].rows, kItemCount);
  EXPECT_EQ(nested.steps[1].rows, kGroupCount);
  EXPECT_EQ(nested.steps[2].rows, 10u);
  EXPECT_EQ(nested.steps[2].role, PlanStep::Role::exists);
  EXPECT_EQ(nested.cost, kItemCount + kGroupCount + 10);
}

// SQL has no words for the equality of sets: the question is asked anew for every row, and the cost says so.
TEST_F(QueryPlan, WhatSqlCannotAnswerMultiplies) {
  query_.where = query::exists(
      kGroup, query::exists_in(kItems, kGroup, query::compare(kColors, Op::eq, model::TextSet{})));
  EXPECT_EQ(cost(), kItemCount + kItemCount + kItemCount * 50u);
  const auto refused = authority::admit(test_schema(), query_, storage().planner(), 10'000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::query_too_costly);
  EXPECT_NE(refused.error().message.find("52000"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("10000"), std::string::npos) << refused.error().message;
  ASSERT_EQ(refused.error().fields.size(), 2u);
  EXPECT_EQ(refused.error().fields[0].field, "cost");
  EXPECT_EQ(refused.error().fields[0].message, "52000");
  EXPECT_EQ(refused.error().fields[1].field, "limit");
  EXPECT_EQ(refused.error().fields[1].message, "10000");
  EXPECT_TRUE(authority::admit(test_schema(), query_, storage().planner(), 52'000).ok());
}

TEST_F(QueryPlan, IncludesCountForEveryRow) {
  query_.collection = kGroups;
  query::Include items;
  items.via = kGroup;
  items.from = kItems;
  items.limit = 3;
  query::Include group;
  group.via = kGroup;
  items.includes = {group};
  query_.includes = {items};
  EXPECT_EQ(cost(), kGroupCount + kGroupCount * 50 + kGroupCount * 3);
  query_.limit = 2;
  query_.order = {{model::kIdField}};
  EXPECT_EQ(cost(), 2u + 2 * 50 + 2 * 3);
}

TEST_F(QueryPlan, AnIndexLetsAQueryPassThatATableWouldNot) {
  query_.where = query::compare(kScore, Op::eq, 7);
  EXPECT_TRUE(authority::admit(test_schema(), query_, storage().planner(), 10).ok());
  EXPECT_FALSE(authority::admit(test_schema(), query_, storage().planner(), 9).ok());
}

TEST_F(QueryPlan, TheCountFollowsTheTable) {
  query_.where = query::compare(kNotes, Op::like, "%o%");
  EXPECT_EQ(cost(), kItemCount);
  authority::LogEntry entry;
  for (std::uint32_t i = 0; i < 200; ++i) {
    put(make_item(5'000 + i, {{kScore, 1}}));
    entry.version = storage().version() + 1;
    ASSERT_TRUE(storage().append(entry).ok());
  }
  EXPECT_EQ(cost(), kItemCount + 200);
}

// Both ways of answering, rows read one by one and one SELECT, give the same rows in the same order.
TEST_F(QueryPlan, SqlAnswersAsTheOperatorsDo) {
  auto& items = storage().sources().source(kItems);
  const auto scored = query::compare(kScore, Op::gte, 96);
  put(make_item(9'000, {{kScore, 99}}));  // in no group
  const query::Predicate questions[] = {
      query::exists(kGroup),
      query::negate(query::exists(kGroup)),
      query::exists(kGroup, query::exists_in(kItems, kGroup, scored)),
      query::negate(query::exists(kGroup, query::exists_in(kItems, kGroup, scored))),
      query::all_of({query::exists(kGroup, query::negate(query::exists_in(kItems, kGroup, scored))),
                     query::compare(kScore, Op::lt, 50)}),
      query::any_of({query::negate(query::exists_in(kItems, kRelated)), scored}),
  };
  for (const query::Predicate& where : questions) {
    ivm::FetchRequest request;
    request.where = where;
    request.order = {{kScore, true}};
    for (const std::uint32_t limit : {0u, 7u}) {
      request.limit = limit;
      std::vector<base::Id> by_sql, by_row;
      const auto told = items.fetch_related(request, [&](const model::Record& row) {
        by_sql.push_back(row.id());
        return true;
      });
      ASSERT_TRUE(told.ok()) << told.error().message;
      EXPECT_TRUE(*told);
      ivm::SourceRelations relations(storage().sources());
      ASSERT_TRUE(ivm::RelatedSource(items, relations)
                      .fetch(request,
                             [&](const model::Record& row) {
                               by_row.push_back(row.id());
                               return true;
                             })
                      .ok());
      EXPECT_EQ(by_sql, by_row) << describe(items.collection(), where);
    }
  }
}

}  // namespace
}  // namespace syncline::tests
