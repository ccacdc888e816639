#include "syncline/query/canonical.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "syncline/query/predicate.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/random_world.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

using query::Op;
using query::Predicate;
using query::Query;

const Predicate kA = query::compare(kScore, Op::eq, 1);
const Predicate kB = query::compare(kTitle, Op::like, "a%");
const Predicate kC = query::is_null(kGroup);

Predicate canonical_where(Predicate where) {
  Query query;
  query.collection = kItems;
  query.where = std::move(where);
  return query::canonical(test_schema(), std::move(query)).where;
}

struct Pair {
  Predicate left, right;
};

TEST(Canonical, WritesOneMeaningInOneForm) {
  const Pair cases[] = {
      {query::all_of({kA, kB}), query::all_of({kB, kA})},
      {query::all_of({kA, query::all_of({kB, kC})}), query::all_of({query::all_of({kC, kA}), kB})},
      {query::any_of({kA, kA, kB}), query::any_of({kB, kA})},
      {query::all_of({kA}), kA},
      {query::negate(query::negate(kB)), kB},
      {query::negate(query::all_of({kA, kC})),
       query::any_of({query::compare(kScore, Op::ne, 1), query::is_null(kGroup, false)})},
      {query::negate(query::compare(kScore, Op::lt, 3)), query::compare(kScore, Op::gte, 3)},
      {query::negate(query::compare(kScore, Op::gt, 3)), query::compare(kScore, Op::lte, 3)},
      {query::negate(query::equals_user(kGroup)),
       query::negate(query::negate(query::negate(query::equals_user(kGroup))))},
      {query::in(kScore, {3, 1, 3, 2}), query::in(kScore, {1, 2, 3})},
      {query::in(kScore, {1, model::Value()}), kA},
      {query::in(kScore, {}), query::never()},
      {query::negate(query::in(kScore, {})), query::always()},
      {query::negate(query::in(kScore, {1, model::Value()})), query::never()},
      {query::negate(query::in(kScore, {1})), query::compare(kScore, Op::ne, 1)},
      {query::compare(kScore, Op::gt, model::Value()), query::never()},
      {query::negate(query::compare(kScore, Op::gt, model::Value())), query::never()},
      {query::all_of({kA, query::always()}), kA},
      {query::all_of({kA, query::never()}), query::never()},
      {query::any_of({kA, query::always()}), query::always()},
      {query::any_of({}), query::never()},
      {query::all_of({}), query::always()},
  };
  for (const Pair& pair : cases) {
    EXPECT_EQ(canonical_where(pair.left), canonical_where(pair.right))
        << describe(test_schema().collection(kItems), pair.left);
  }
}

TEST(Canonical, KeepsDifferentMeaningsApart) {
  const Predicate different[] = {kA,
                                 kB,
                                 kC,
                                 query::negate(kB),
                                 query::always(),
                                 query::never(),
                                 query::all_of({kA, kB}),
                                 query::any_of({kA, kB}),
                                 query::compare(kScore, Op::eq, 2),
                                 query::compare(kStatus, Op::eq, 1),
                                 query::in(kScore, {1, 2}),
                                 query::negate(query::in(kScore, {1, 2})),
                                 query::equals_user(kGroup),
                                 query::is_null(kGroup, false)};
  std::map<base::Bytes, const Predicate*> seen;
  for (const Predicate& predicate : different) {
    Query query;
    query.collection = kItems;
    query.where = predicate;
    const bool is_new =
        seen.emplace(query::key_bytes(query::canonical(test_schema(), query)), &predicate).second;
    EXPECT_TRUE(is_new) << describe(test_schema().collection(kItems), predicate);
  }
}

TEST(Canonical, DropsOrderTermsThatNeverDecide) {
  Query query;
  query.collection = kItems;
  query.order = {{kScore, true}, {kScore, false}, {kCode, false}, {kTitle, false}};
  query.after = model::OrderKey{{3, 3, "c", "t"}, test_id(1)};
  const Query short_form = query::canonical(test_schema(), query);
  EXPECT_EQ(short_form.order, (model::Order{{kScore, true}, {kCode, false}}));
  EXPECT_EQ(short_form.after->values, (std::vector<model::Value>{3, "c"}));
  query.after.reset();
  query.order = {{kTitle, false}, {model::kIdField, false}};
  EXPECT_EQ(query::canonical(test_schema(), query).order, (model::Order{{kTitle, false}}));
  query.order = {{kTitle, false}, {model::kIdField, true}, {kScore, false}};
  EXPECT_EQ(query::canonical(test_schema(), query).order,
            (model::Order{{kTitle, false}, {model::kIdField, true}}));
}

TEST(Canonical, SortsIncludesAndCountsRows) {
  Query query;
  query.collection = kItems;
  query.includes = {{kRelated}, {kGroup}, {kRelated}};
  EXPECT_EQ(query::canonical(test_schema(), query).includes,
            (std::vector<query::Include>{{kGroup}, {kRelated}}));
}

bool cuts_behind_id(const model::Order& order) {
  return std::any_of(order.begin(), order.end(),
                     [](const auto& term) { return term.field == model::kIdField; });
}

// The oracle selects the same rows, in the same order, for a query and for its canonical form.
TEST(Canonical, SelectsTheSameRows) {
  base::Random random(31);
  int rows = 0;
  for (int world = 0; world < 60; ++world) {
    RandomSchema schema(random);
    RandomChanges changes(random, schema.schema());
    for (int i = 0; i < 60; ++i) (void)changes.next();
    for (int i = 0; i < 30; ++i) {
      const auto checked = query::check(schema.schema(), random_query(random, schema.schema()));
      ASSERT_TRUE(checked.ok());
      const Query canonical = query::canonical(schema.schema(), *checked);
      // Terms behind the id are dropped: then a cursor does not return to its own row because that row changed since.
      if (checked->after && cuts_behind_id(checked->order)) continue;
      const NaiveResult expected = changes.rows().evaluate(*checked);
      const NaiveResult result = changes.rows().evaluate(canonical);
      ASSERT_EQ(result.rows, expected.rows) << describe(schema.schema(), *checked) << "\n"
                                            << describe(schema.schema(), canonical);
      ASSERT_EQ(result.related, expected.related);
      ASSERT_EQ(result.groups, expected.groups);
      rows += static_cast<int>(expected.rows.size());
    }
  }
  EXPECT_GT(rows, 1'000);
}

void shuffle(Predicate& predicate, base::Random& random) {
  for (std::size_t i = predicate.children.size(); i > 1; --i) {
    std::swap(predicate.children[i - 1], predicate.children[random.below(i)]);
  }
  for (std::size_t i = predicate.values.size(); i > 1; --i) {
    std::swap(predicate.values[i - 1], predicate.values[random.below(i)]);
  }
  for (Predicate& child : predicate.children) shuffle(child, random);
}

TEST(Canonical, IsIdempotentAndBlindToTheOrderOfWriting) {
  base::Random random(32);
  for (int i = 0; i < 500; ++i) {
    RandomSchema schema(random);
    const auto checked = query::check(schema.schema(), random_query(random, schema.schema()));
    ASSERT_TRUE(checked.ok());
    const Query once = query::canonical(schema.schema(), *checked);
    EXPECT_EQ(query::canonical(schema.schema(), once), once);
    Query shuffled = *checked;
    shuffle(shuffled.where, random);
    const Query again = query::canonical(schema.schema(), shuffled);
    EXPECT_EQ(query::key_bytes(again), query::key_bytes(once)) << describe(schema.schema(), once);
    EXPECT_EQ(query::hash(again), query::hash(once));
  }
}

TEST(Key, EveryMemberCounts) {
  Query query;
  query.collection = kItems;
  std::vector<Query> all(8, query);
  all[1].collection = kGroups;
  all[2].limit = 1;
  all[3].order = {{kScore, false}};
  all[4].order = {{kScore, true}};
  all[5].after = model::OrderKey{{}, test_id(1)};
  all[6].includes = {{kGroup}};
  all[7].aggregate.emplace();
  std::vector<base::Bytes> keys;
  for (const Query& each : all) keys.push_back(query::key_bytes(each));
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::unique(keys.begin(), keys.end()), keys.end());
}

// Hashes are kept on disk and compared across machines: this number changes only with the format, on purpose.
TEST(Key, HashIsStableAcrossBuilds) {
  Query query;
  query.collection = kItems;
  query.where = query::all_of({kA, kB});
  query.order = {{kPrice, true}};
  query.limit = 50;
  EXPECT_EQ(query::hash(query::canonical(test_schema(), query)), 1851849512349078662U);
}

}  // namespace
}  // namespace syncline::tests
