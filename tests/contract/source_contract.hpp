// The contract of ivm::Source, run against every implementation. To instantiate it, in one unit of a test binary:
//
//   class MyHarness : public SourceHarness { … };
//   INSTANTIATE_TEST_SUITE_P(My, SourceContract, ::testing::Values(SourceFactory([] { return std::make_unique<MyHarness>(); })));
//
// Collections and fields are those of tests/support/test_schema.hpp.
#pragma once

#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "syncline/ivm/source.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/naive_evaluator.hpp"
#include "tests/support/random_world.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {

// An implementation with its rows, empty at first.
class SourceHarness {
 public:
  virtual ~SourceHarness() = default;
  virtual ivm::Source& source(model::CollectionId collection) = 0;
  // Afterwards the source shows the change.
  virtual void apply(const model::Change& change) = 0;
};
using SourceFactory = std::function<std::unique_ptr<SourceHarness>()>;

class SourceContract : public ::testing::TestWithParam<SourceFactory> {
 protected:
  SourceContract() : harness_(GetParam()()), oracle_(test_schema()) {}

  void apply(const model::Change& change) {
    harness_->apply(change);
    oracle_.apply(change);
  }
  void insert(const model::Record& row) { apply({model::ChangeKind::insert, {}, row}); }
  ivm::Source& items() { return harness_->source(kItems); }

  std::vector<model::Record> fetch(model::CollectionId collection, const NaiveFetch& asked) {
    ivm::FetchRequest request{asked.where, asked.order, asked.after, asked.reverse, asked.limit};
    std::vector<model::Record> rows;
    const auto status = harness_->source(collection).fetch(request, [&](const model::Record& row) {
      rows.push_back(row);
      return true;
    });
    EXPECT_TRUE(status.ok());
    return rows;
  }

  // What the source answers is what the oracle answers, byte for byte.
  ::testing::AssertionResult agrees(model::CollectionId collection, const NaiveFetch& request) {
    const auto rows = fetch(collection, request);
    const auto expected = oracle_.fetch(collection, request);
    if (rows == expected) return ::testing::AssertionSuccess();
    query::Query shown{.collection = collection, .where = request.where, .order = request.order};
    shown.limit = request.limit;
    shown.after = request.after;
    return ::testing::AssertionFailure()
           << describe(test_schema(), shown) << (request.reverse ? " reverse" : "")
           << "\nsource:" << describe(rows) << "\nexpected:" << describe(expected);
  }

  void fill(std::uint64_t seed, int changes) {
    base::Random random(seed);
    RandomChanges made(random, test_schema());
    for (int i = 0; i < changes; ++i) apply(made.next());
  }

  std::unique_ptr<SourceHarness> harness_;
  NaiveEvaluator oracle_;
};

TEST_P(SourceContract, NamesItsCollection) {
  EXPECT_EQ(items().collection().id(), kItems);
  EXPECT_EQ(harness_->source(kGroups).collection().id(), kGroups);
}

TEST_P(SourceContract, AnEmptySourceHasNoRows) {
  const auto row = items().get(test_id(1));
  ASSERT_TRUE(row.ok());
  EXPECT_FALSE(*row);
  EXPECT_TRUE(fetch(kItems, {}).empty());
  EXPECT_TRUE(fetch(kItems, {.where = query::always(), .order = {{kScore, true}}, .reverse = true})
                  .empty());
}

TEST_P(SourceContract, GetShowsTheRowAsItWasLastWritten) {
  const auto first = make_item(
      7, {{kTitle, "日本"}, {kColors, model::make_text_set({"red", "blue"})}, {kCode, "7"}}, 1);
  const auto second =
      make_item(7, {{kTitle, "a"}, {kPrice, model::Decimal{-150, 2}}, {kCode, "7"}}, 2);
  insert(first);
  EXPECT_TRUE(*items().get(test_id(7)) == first);
  apply({model::ChangeKind::update, first, second});
  EXPECT_TRUE(*items().get(test_id(7)) == second);
  EXPECT_FALSE(*items().get(test_id(8)));
  apply({model::ChangeKind::remove, second, {}});
  EXPECT_FALSE(*items().get(test_id(7)));
}

TEST_P(SourceContract, CollectionsDoNotMix) {
  insert(make_item(1, {{kCode, "1"}}));
  insert(make_group(1, {{kGroupName, "a"}}));
  insert(make_group(2, {{kGroupName, "b"}}));
  EXPECT_EQ(fetch(kItems, {}).size(), 1U);
  EXPECT_EQ(fetch(kGroups, {}).size(), 2U);
}

TEST_P(SourceContract, OrdersByEveryTypeBothWaysWithTiesById) {
  fill(1, 120);
  for (const model::Field& field : test_schema().collection(kItems).fields()) {
    for (const bool descending : {false, true}) {
      for (const bool reverse : {false, true}) {
        const model::Order order{{field.spec.id, descending}};
        EXPECT_TRUE(agrees(kItems, {.where = query::always(), .order = order, .reverse = reverse}));
      }
    }
  }
}

TEST_P(SourceContract, NullsComeFirstAscending) {
  insert(make_item(1, {{kScore, 5}, {kCode, "1"}}));
  insert(make_item(2, {{kCode, "2"}}));
  insert(make_item(3, {{kScore, -5}, {kCode, "3"}}));
  const auto rows = fetch(kItems, {.where = query::always(), .order = {{kScore, false}}});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].id(), test_id(2));
  EXPECT_EQ(rows[1].id(), test_id(3));
  EXPECT_EQ(rows[2].id(), test_id(1));
}

TEST_P(SourceContract, ReadsStrictlyAfterEveryRowInBothDirections) {
  fill(2, 80);
  const model::Order order{{kStatus, true}, {kTitle, false}};
  for (const model::Record& row : oracle_.fetch(kItems, {})) {
    NaiveFetch request{.where = query::always(), .order = order};
    request.after.emplace();
    request.after->id = row.id();
    request.after->values = {row.get(kStatus), row.get(kTitle)};
    EXPECT_TRUE(agrees(kItems, request));
    request.reverse = true;
    EXPECT_TRUE(agrees(kItems, request));
    request.limit = 1;
    EXPECT_TRUE(agrees(kItems, request));
  }
}

TEST_P(SourceContract, ReadsAfterPlacesWhereNoRowIs) {
  fill(3, 80);
  base::Random random(3);
  for (int i = 0; i < 60; ++i) {
    NaiveFetch request{.where = query::always(),
                       .order = random_order(random, test_schema().collection(kItems))};
    request.after = random_key(random, test_schema().collection(kItems), request.order);
    request.reverse = i % 2 == 0;
    EXPECT_TRUE(agrees(kItems, request));
  }
}

TEST_P(SourceContract, StopsAtTheLimitAndWhenTheVisitorSaysSo) {
  for (std::uint32_t i = 1; i <= 9; ++i) insert(make_item(i, {{kCode, std::to_string(i)}}));
  EXPECT_EQ(fetch(kItems, {.where = query::always(), .limit = 4}).size(), 4U);
  EXPECT_EQ(fetch(kItems, {.where = query::always(), .limit = 9}).size(), 9U);
  EXPECT_EQ(fetch(kItems, {.where = query::always(), .limit = 100}).size(), 9U);
  int visits = 0;
  const auto status = items().fetch({}, [&](const model::Record&) { return ++visits < 3; });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(visits, 3);
}

TEST_P(SourceContract, AnUnknownComparisonSelectsNothing) {
  insert(make_item(1, {{kScore, 1}, {kCode, "1"}}));
  insert(make_item(2, {{kCode, "2"}}));
  const auto count = [&](query::Predicate where) {
    return fetch(kItems, {.where = std::move(where)}).size();
  };
  EXPECT_EQ(count(query::compare(kScore, query::Op::eq, 1)), 1U);
  EXPECT_EQ(count(query::compare(kScore, query::Op::ne, 1)), 0U);
  EXPECT_EQ(count(query::negate(query::compare(kScore, query::Op::eq, 7))), 1U);
  EXPECT_EQ(count(query::compare(kScore, query::Op::eq, model::Value())), 0U);
  EXPECT_EQ(count(query::negate(query::compare(kScore, query::Op::eq, model::Value()))), 0U);
  EXPECT_EQ(count(query::is_null(kScore)), 1U);
  EXPECT_EQ(count(query::is_null(kScore, false)), 1U);
  EXPECT_EQ(count(query::in(kScore, {})), 0U);
  EXPECT_EQ(count(query::negate(query::in(kScore, {}))), 2U);
  EXPECT_EQ(count(query::negate(query::in(kScore, {2}))), 1U);
  EXPECT_EQ(count(query::negate(query::in(kScore, {2, model::Value()}))), 0U);
}

TEST_P(SourceContract, EqualityIsByBytesAndLikeIsFolded) {
  insert(make_item(1, {{kTitle, "Äb"}, {kCode, "1"}}));
  insert(make_item(2, {{kTitle, "ab"}, {kCode, "2"}}));
  const auto count = [&](query::Predicate where) {
    return fetch(kItems, {.where = std::move(where)}).size();
  };
  EXPECT_EQ(count(query::compare(kTitle, query::Op::eq, "ab")), 1U);
  EXPECT_EQ(count(query::in(kTitle, {"AB", "Äb"})), 1U);
  EXPECT_EQ(count(query::compare(kTitle, query::Op::like, "A_")), 2U);
}

TEST_P(SourceContract, FindsRowsByOneField) {
  fill(4, 120);
  base::Random random(4);
  for (const model::Field& field : test_schema().collection(kItems).fields()) {
    for (int i = 0; i < 4; ++i) {
      const model::Value value = random_value(random, field.spec, true);
      std::vector<std::string> found;
      const auto status = items().fetch_by(field.spec.id, value, [&](const model::Record& row) {
        found.push_back(describe(row));
        return true;
      });
      EXPECT_TRUE(status.ok());
      std::vector<std::string> expected;
      for (const model::Record& row : oracle_.fetch(kItems, {})) {
        if (row.get(field.spec.id) == value) expected.push_back(describe(row));
      }
      std::sort(found.begin(), found.end());
      std::sort(expected.begin(), expected.end());
      EXPECT_EQ(found, expected) << field.spec.name << " = " << describe(value);
    }
  }
}

TEST_P(SourceContract, FindsNoRowsByNull) {
  insert(make_item(1, {{kCode, "1"}}));
  int visits = 0;
  const auto status =
      items().fetch_by(kGroup, model::Value(), [&](const model::Record&) { return ++visits > 0; });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(visits, 0);
}

TEST_P(SourceContract, FindsRowsByIds) {
  fill(5, 60);
  std::vector<model::Value> ids;
  for (const std::uint32_t id : {12U, 3U, 99U, 3U, 7U, 1U}) ids.emplace_back(test_id(id));
  NaiveFetch request{.where = query::in(model::kIdField, ids), .order = {{kTitle, true}}};
  EXPECT_TRUE(agrees(kItems, request));
  request.where = query::all_of({request.where, query::compare(kScore, query::Op::gte, 0)});
  request.reverse = true;
  request.limit = 2;
  EXPECT_TRUE(agrees(kItems, request));
  EXPECT_TRUE(
      agrees(kItems, {.where = query::compare(model::kIdField, query::Op::eq, test_id(3))}));
}

TEST_P(SourceContract, AnEqualityWithinAnOrderReadsLikeAnyOther) {
  fill(6, 150);
  base::Random random(6);
  const model::Collection& collection = test_schema().collection(kItems);
  for (const model::FieldId field : {kStatus, kGroup, kActive, kTitle, kColors, kPrice, kCode}) {
    for (int i = 0; i < 8; ++i) {
      NaiveFetch request;
      request.where = query::compare(field, query::Op::eq,
                                     random_value(random, collection.field(field).spec, true));
      if (i % 2 == 0)
        request.where = query::all_of({request.where, random_predicate(random, collection, 2)});
      request.order = random_order(random, collection);
      if (i % 3 == 0) request.after = random_key(random, collection, request.order);
      request.reverse = i % 4 < 2;
      request.limit = static_cast<std::uint32_t>(i % 3);
      EXPECT_TRUE(agrees(kItems, request));
    }
  }
}

// The law of order: whatever was asked before, after each change the source shows exactly the state behind it.
TEST_P(SourceContract, RandomReadsBetweenRandomChangesAgreeWithTheOracle) {
  base::Random random(7);
  RandomChanges changes(random, test_schema());
  for (int i = 0; i < 1'500; ++i) {
    apply(changes.next());
    const model::CollectionId id = random.below(3) == 0 ? kGroups : kItems;
    const model::Collection& collection = test_schema().collection(id);
    NaiveFetch request;
    request.where =
        random.below(4) == 0 ? query::always() : random_predicate(random, collection, 3);
    request.order = random_order(random, collection);
    if (random.below(2) == 0) request.after = random_key(random, collection, request.order);
    request.reverse = random.below(2) == 0;
    request.limit = static_cast<std::uint32_t>(random.below(4));
    ASSERT_TRUE(agrees(id, request)) << "step " << i;
  }
}

}  // namespace syncline::tests
