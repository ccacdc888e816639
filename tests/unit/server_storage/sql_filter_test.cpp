// SQL conditions against the naive evaluator: the database's count() and an aggregate over random predicates, and that what a
// list filters by is pushed down at all.
#include "server/storage/sql_text.hpp"
#include "server/storage/sqlite_reader.hpp"
#include "syncline/query/canonical.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/naive_evaluator.hpp"
#include "tests/support/random_world.hpp"
#include "tests/unit/server_storage/temporary_database.hpp"

namespace syncline::tests {
namespace {

using namespace server::storage;

class SqlFilter : public ::testing::Test {
 protected:
  SqlFilter() {
    base::Random random(7);
    RandomChanges changes(random, test_schema());
    EXPECT_TRUE(database_.storage().begin().ok());
    for (int i = 0; i < 150; ++i) {
      const model::Change change = changes.next();
      EXPECT_TRUE(database_.storage().apply(change).ok());
      oracle_.apply(change);
    }
    EXPECT_TRUE(database_.storage().commit().ok());
    auto pool = ReaderPool::open(database_.path(), test_schema(), 1);
    EXPECT_TRUE(pool.ok());
    pool_ = std::move(pool).value();
  }
  TemporaryDatabase database_{test_schema()};
  NaiveEvaluator oracle_{test_schema()};
  std::unique_ptr<ReaderPool> pool_;
};

TEST_F(SqlFilter, CountsAgreeWithTheNaiveEvaluator) {
  base::Random random(11);
  auto snapshot = pool_->snapshot();
  ASSERT_TRUE(snapshot.ok());
  int exact = 0;
  for (int i = 0; i < 1'500; ++i) {
    query::Query query;
    query.collection = random.below(2) == 0 ? kItems : kGroups;
    const model::Collection& collection = test_schema().collection(query.collection);
    query.where = random_predicate(random, collection, 3);
    if (i % 97 == 0) {  // a snapshot lives 2 s
      snapshot->reset();
      snapshot = pool_->snapshot();
      ASSERT_TRUE(snapshot.ok());
    }
    const auto count = (*snapshot)->count(query);
    ASSERT_TRUE(count.ok()) << count.error().message;
    ASSERT_EQ(*count, oracle_.fetch(query.collection, {query.where, {}, {}, false, 0}).size())
        << describe(test_schema(), query);
    exact += sql_text::where(test_schema(), collection, query.where).exact ? 1 : 0;
  }
  EXPECT_GT(exact, 500) << "nearly everything should be left to SQL";
}

TEST_F(SqlFilter, AggregatesAgreeWithTheNaiveEvaluator) {
  auto snapshot = pool_->snapshot();
  ASSERT_TRUE(snapshot.ok());
  base::Random random(13);
  for (int i = 0; i < 200; ++i) {
    query::Query query;
    query.collection = kItems;
    query.where = random_predicate(random, test_schema().collection(kItems), 2);
    query.aggregate.emplace();
    const model::FieldId keys[] = {model::kNoField, kStatus, kTitle, kGroup,
                                   kDueOn,          kActive, kPrice, kColors};
    for (std::uint64_t n = random.below(3); n > 0; --n) {
      const model::FieldId key = keys[random.below(8)];
      if (key != model::kNoField) query.aggregate->group_by.push_back({key});
    }
    query.aggregate->terms = {{query::Aggregator::sum, kScore},
                              {query::Aggregator::count, model::kNoField},
                              {query::Aggregator::avg, kPrice},
                              {query::Aggregator::min, kDueOn},
                              {query::Aggregator::count_distinct, kTitle},
                              {query::Aggregator::max, kScore},
                              {query::Aggregator::avg, kScore}};
    const auto rows = (*snapshot)->aggregate(query);
    ASSERT_TRUE(rows.ok());
    const auto expected = oracle_.evaluate(query).groups;
    ASSERT_EQ(rows->size(), expected.size()) << describe(test_schema(), query);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      const ivm::AggregateRow& row = (*rows)[k];
      ASSERT_EQ(row.key, expected[k].key) << describe(test_schema(), query);
      ASSERT_EQ(row.rows, expected[k].rows) << describe(test_schema(), query);
      ASSERT_EQ(row.values, expected[k].values) << describe(test_schema(), query);
      ASSERT_EQ(row.averaged, expected[k].averaged) << describe(test_schema(), query);
    }
  }
}

TEST_F(SqlFilter, WhatListsAskForIsExact) {
  const model::Collection& items = test_schema().collection(kItems);
  const query::Predicate predicates[] = {
      query::compare(kTitle, query::Op::eq, "a"),
      query::compare(kTitle, query::Op::like, "%a%"),
      query::compare(kPrice, query::Op::gte, model::Decimal{100, 2}),
      query::compare(kColors, query::Op::contains, "red"),
      query::in(kStatus, {model::Value(1), model::Value(2)}),
      query::is_null(kGroup),
      query::negate(query::compare(kActive, query::Op::eq, true)),
      query::compare(kDueOn, query::Op::lt, base::Date{20'000}),
      query::compare(model::kVersionField, query::Op::gt, 5),
      query::compare(model::kIdField, query::Op::eq, test_id(1)),
  };
  for (const query::Predicate& predicate : predicates) {
    EXPECT_TRUE(sql_text::where(test_schema(), items, predicate).exact)
        << describe(items, predicate);
  }
  // Another scale is left to the evaluator, and so is its negation.
  const auto odd = query::compare(kPrice, query::Op::gte, model::Decimal{1, 0});
  EXPECT_FALSE(sql_text::where(test_schema(), items, odd).exact);
  EXPECT_EQ(sql_text::where(test_schema(), items, query::negate(odd)).sql, "1");
}

// More rows than a limited reading looks along the order's index: the rest comes by SQLite's own plan, without a seam.
TEST(SqlReading, FindsRareRowsBehindTheFirstLook) {
  TemporaryDatabase database(test_schema());
  NaiveEvaluator oracle(test_schema());
  base::Random random(5);
  ASSERT_TRUE(database.storage().begin().ok());
  for (std::uint32_t i = 1; i <= 1'500; ++i) {
    std::vector<FieldValue> values = {{kCode, std::to_string(i)},
                                      {kStatus, static_cast<int>(i % 3)}};
    if (random.below(4) != 0) values.push_back({kScore, static_cast<int>(random.below(40))});
    if (random.below(100) == 0) values.push_back({kActive, true});
    const model::Change change{model::ChangeKind::insert, {}, make_item(i, values)};
    ASSERT_TRUE(database.storage().apply(change).ok());
    oracle.apply(change);
  }
  ASSERT_TRUE(database.storage().commit().ok());
  auto& source = database.storage().sources().source(kItems);
  const query::Predicate rules[] = {query::compare(kActive, query::Op::eq, true),
                                    query::compare(kStatus, query::Op::eq, 1),
                                    query::compare(kCode, query::Op::eq, "1400"), query::never()};
  for (int i = 0; i < 300; ++i) {
    NaiveFetch asked;
    asked.where = rules[random.below(4)];
    if (random.below(4) != 0) asked.order = {{kScore, random.below(2) == 0}};
    asked.reverse = random.below(2) == 0;
    asked.limit = 1 + static_cast<std::uint32_t>(random.below(300));
    if (random.below(2) == 0) {
      const auto place = *source.get(test_id(1 + static_cast<std::uint32_t>(random.below(1'500))));
      asked.after = model::key_of(asked.order, place);
    }
    std::vector<model::Record> rows;
    ASSERT_TRUE(source
                    .fetch({asked.where, asked.order, asked.after, asked.reverse, asked.limit},
                           [&](const model::Record& row) {
                             rows.push_back(row);
                             return true;
                           })
                    .ok());
    ASSERT_EQ(rows, oracle.fetch(kItems, asked)) << i;
  }
}

// A list in an indexed order reads as many rows as it shows; a sort step would read all of them at every refill of a window.
TEST_F(SqlFilter, OrdersUseIndexes) {
  const model::Collection& items = test_schema().collection(kItems);
  for (const model::FieldId field : {kTitle, kScore, kPrice, kStatus, kSeenAt, kDueOn, kGroup,
                                     kCode, model::kCreatedAtField, model::kUpdatedAtField}) {
    for (const bool descending : {false, true}) {
      const model::Order order = {{field, descending}};
      // Ties by id ascend whatever the direction, so SQLite sorts within equal values only.
      const std::string sql = "EXPLAIN QUERY PLAN " + sql_text::select_columns(items) +
                              sql_text::order_by(items, order, false) + " LIMIT 10";
      auto plan = database_.storage().connection().prepare(sql);
      ASSERT_TRUE(plan.ok()) << plan.error().message;
      ASSERT_TRUE(*plan->step());
      EXPECT_NE(plan->text(3).find("USING INDEX"), std::string_view::npos) << plan->text(3);
    }
  }
}

}  // namespace
}  // namespace syncline::tests
