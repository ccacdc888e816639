#include "syncline/invalidation/interest_index.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "syncline/invalidation/interest_key.hpp"
#include "syncline/query/canonical.hpp"
#include "syncline/query/predicate.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/random_world.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

using invalidation::InterestIndex;
using query::Op;
using query::Predicate;
using Handles = std::vector<InterestIndex::Handle>;

model::Change inserted(const model::Record& row) { return {model::ChangeKind::insert, {}, row}; }

Handles affected(const InterestIndex& index, const model::Change& change) {
  Handles out;
  index.affected(change, out);
  return out;
}

TEST(InterestIndex, EqualitiesAreFoundByValue) {
  InterestIndex index;
  index.add(1, kItems, query::compare(kStatus, Op::eq, 1));
  index.add(2, kItems, query::compare(kStatus, Op::eq, 2));
  index.add(3, kItems, query::in(kStatus, {0, 2}));
  index.add(4, kItems, query::is_null(kStatus));
  EXPECT_EQ(affected(index, inserted(make_item(1, {{kStatus, 1}}))), (Handles{1}));
  EXPECT_EQ(affected(index, inserted(make_item(1, {{kStatus, 2}}))), (Handles{2, 3}));
  EXPECT_EQ(affected(index, inserted(make_item(1, {}))), (Handles{4}));
}

TEST(InterestIndex, BothImagesOfAChangeCountAndAHandleIsNamedOnce) {
  InterestIndex index;
  index.add(7, kItems, query::in(kStatus, {1, 2}));
  index.add(3, kItems, query::compare(kStatus, Op::eq, 2));
  const model::Record before = make_item(1, {{kStatus, 1}});
  const model::Record after = make_item(1, {{kStatus, 2}});
  EXPECT_EQ(affected(index, {model::ChangeKind::update, before, after}), (Handles{3, 7}));
  EXPECT_EQ(affected(index, {model::ChangeKind::remove, before, {}}), (Handles{7}));
}

TEST(InterestIndex, AppendsBehindWhatIsThere) {
  InterestIndex index;
  index.add(1, kItems, query::always());
  Handles out{9, 1};
  index.affected(inserted(make_item(1, {})), out);
  EXPECT_EQ(out, (Handles{9, 1, 1}));
}

TEST(InterestIndex, AnAndIsFiledUnderItsFewestValues) {
  const Predicate parts[] = {query::compare(kScore, Op::gt, 3), query::in(kStatus, {0, 1}),
                             query::compare(kGroup, Op::eq, test_id(5))};
  for (const bool backwards : {false, true}) {
    InterestIndex index;
    std::vector<Predicate> children(std::begin(parts), std::end(parts));
    if (backwards) std::reverse(children.begin(), children.end());
    index.add(1, kItems, query::all_of(std::move(children)));
    EXPECT_EQ(index.stats().by_equality, 1U);
    EXPECT_EQ(affected(index, inserted(make_item(1, {{kGroup, test_id(5)}}))), (Handles{1}));
    EXPECT_TRUE(
        affected(index, inserted(make_item(1, {{kStatus, 0}, {kGroup, test_id(6)}}))).empty());
  }
}

TEST(InterestIndex, AnOrNeedsABoundOnEverySide) {
  InterestIndex index;
  const Predicate left = query::compare(kStatus, Op::eq, 1);
  index.add(1, kItems, query::any_of({left, query::compare(kGroup, Op::eq, test_id(5))}));
  index.add(2, kItems, query::any_of({left, query::compare(kScore, Op::ne, 5)}));
  EXPECT_EQ(index.stats().by_equality, 1U);
  EXPECT_EQ(index.stats().residual, 1U);
  EXPECT_EQ(affected(index, inserted(make_item(1, {{kGroup, test_id(5)}}))), (Handles{1, 2}));
  EXPECT_EQ(affected(index, inserted(make_item(1, {{kStatus, 2}}))), (Handles{2}));
}

TEST(InterestIndex, RangesAreFoundByTheirInterval) {
  InterestIndex index;
  index.add(1, kItems,
            query::all_of({query::compare(kScore, Op::gte, 3), query::compare(kScore, Op::lt, 7)}));
  index.add(2, kItems, query::compare(kScore, Op::gt, 5));
  index.add(3, kItems, query::compare(kDueOn, Op::lte, base::Date{20'000}));
  index.add(4, kItems,
            query::all_of({query::compare(kScore, Op::gt, 7), query::compare(kScore, Op::lt, 3)}));
  EXPECT_EQ(index.stats().by_range, 3U);
  EXPECT_EQ(index.stats().by_equality, 1U) << "the fourth can never match";
  const auto scored = [&](int score) {
    return affected(index, inserted(make_item(1, {{kScore, score}})));
  };
  EXPECT_EQ(scored(2), (Handles{}));
  EXPECT_EQ(scored(3), (Handles{1}));
  EXPECT_EQ(scored(6), (Handles{1, 2}));
  EXPECT_EQ(scored(8), (Handles{2}));
  EXPECT_EQ(affected(index, inserted(make_item(1, {{kDueOn, base::Date{19'999}}}))), (Handles{3}));
  EXPECT_EQ(affected(index, inserted(make_item(1, {}))), (Handles{}));
  index.remove(2);
  EXPECT_EQ(scored(6), (Handles{1}));
}

TEST(InterestIndex, ManyRangesCostNoMoreThanThoseThatAreHit) {
  InterestIndex index;
  base::Random random(9);
  struct Range {
    int low;
    int high;
  };
  std::map<InterestIndex::Handle, Range> ranges;
  for (InterestIndex::Handle handle = 0; handle < 500; ++handle) {
    const int low = static_cast<int>(random.below(1'000));
    const Range range{low, low + static_cast<int>(random.below(20))};
    ranges.emplace(handle, range);
    index.add(handle, kItems,
              query::all_of({query::compare(kScore, Op::gte, range.low),
                             query::compare(kScore, Op::lte, range.high)}));
    if (handle % 3 == 0) {
      index.remove(handle / 2);
      ranges.erase(handle / 2);
    }
  }
  for (int score = -1; score < 1'022; ++score) {
    Handles expected;
    for (const auto& [handle, range] : ranges) {
      if (range.low <= score && score <= range.high) expected.push_back(handle);
    }
    EXPECT_EQ(affected(index, inserted(make_item(1, {{kScore, score}}))), expected) << score;
  }
}

// Whoever subscribes chooses bounds and order; a list instead of a tree would end in a stack overflow.
TEST(IntervalIndex, StaysFlatInEveryOrder) {
  constexpr int kMany = 4'096;
  for (const bool falling : {false, true}) {
    invalidation::IntervalIndex index;
    const auto interval = [&](int i) {
      const int low = falling ? kMany - i : i;
      return invalidation::Interval{model::Value(low), model::Value(low + 1)};
    };
    for (int i = 0; i < kMany; ++i) index.add(interval(i), static_cast<std::uint64_t>(i));
    EXPECT_LE(index.depth(), 18);
    for (int i = 0; i < kMany; i += 2) index.remove(interval(i), static_cast<std::uint64_t>(i));
    EXPECT_LE(index.depth(), 17);
    std::vector<invalidation::IntervalIndex::Handle> found;
    index.find(model::Value(falling ? kMany - 7 : 7), found);
    EXPECT_EQ(found, (std::vector<invalidation::IntervalIndex::Handle>{7}));
    for (int i = 1; i < kMany; i += 2) index.remove(interval(i), static_cast<std::uint64_t>(i));
    EXPECT_TRUE(index.empty());
  }
}

// Close together, far apart and at the ends of what there is.
model::Value random_value(base::Random& random, model::Value::Kind kind) {
  using Kind = model::Value::Kind;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const auto near = static_cast<std::int64_t>(random.below(40)) - 20;
  const std::int64_t number = (random.below(3) == 0)   ? near
                              : (random.below(2) == 0) ? near * (kMax / 20)
                                                       : near + (std::int64_t{1} << 59);
  switch (kind) {
    case Kind::boolean: return near > 0;
    case Kind::decimal:
      return model::Decimal{number, static_cast<std::uint8_t>(random.below(model::kScaleMax + 1))};
    case Kind::text: return std::string(random.below(4), static_cast<char>('a' + random.below(3)));
    case Kind::id: {
      base::Id id;
      id.bytes[random.below(2) * 15] = static_cast<std::uint8_t>(random.below(256));
      return id;
    }
    case Kind::timestamp: return base::Timestamp{number};
    case Kind::date: return base::Date{static_cast<std::int32_t>(number)};
    default: return number;
  }
}

TEST(IntervalIndex, FindsEveryIntervalThatContainsAValueWhateverItsKind) {
  using Kind = model::Value::Kind;
  base::Random random(12);
  std::size_t hits = 0;
  for (const Kind kind : {Kind::boolean, Kind::integer, Kind::decimal, Kind::text, Kind::id,
                          Kind::timestamp, Kind::date}) {
    invalidation::IntervalIndex index;
    std::vector<invalidation::Interval> intervals(300);
    for (std::size_t i = 0; i < intervals.size(); ++i) {
      if (!(random.below(8) == 0)) intervals[i].low = random_value(random, kind);
      if (!(random.below(8) == 0)) intervals[i].high = random_value(random, kind);
      index.add(intervals[i], i);
    }
    for (int round = 0; round < 300; ++round) {
      const model::Value value = random_value(random, kind);
      Handles expected;
      for (std::size_t i = 0; i < intervals.size(); ++i) {
        const auto& [low, high] = intervals[i];
        if (low && invalidation::compare_plain(*low, value) > 0) continue;
        if (high && invalidation::compare_plain(*high, value) < 0) continue;
        expected.push_back(i);
      }
      Handles found;
      index.find(value, found);
      std::sort(found.begin(), found.end());
      ASSERT_EQ(found, expected) << static_cast<int>(kind);
      hits += found.size();
    }
  }
  EXPECT_GT(hits, 10'000U);
}

TEST(InterestIndex, LongBeginningsAreCut) {
  InterestIndex index;
  const std::string start(100, 'a');
  index.add(1, kItems, query::compare(kTitle, Op::like, start + "%"));
  index.add(2, kItems, query::compare(kTitle, Op::like, start + "b%"));
  // A superset: the exact predicate decides about the second.
  EXPECT_EQ(affected(index, inserted(make_item(1, {{kTitle, start}}))), (Handles{1, 2}));
  EXPECT_EQ(affected(index, inserted(make_item(1, {{kTitle, "aa"}}))), (Handles{}));
}

TEST(InterestIndex, BeginningsOfTextsAndItemsOfSetsAreFoundByHash) {
  InterestIndex index;
  index.add(1, kItems, query::compare(kTitle, Op::like, "Äb%"));
  index.add(2, kItems, query::compare(kTitle, Op::like, "a\\%c_"));
  index.add(3, kItems, query::compare(kTitle, Op::like, "%b"));
  index.add(4, kItems, query::compare(kColors, Op::contains, "red"));
  EXPECT_EQ(index.stats().by_range, 2U);
  EXPECT_EQ(index.stats().residual, 1U);
  const auto titled = [&](const char* title) {
    return affected(index, inserted(make_item(1, {{kTitle, title}})));
  };
  EXPECT_EQ(titled("ABC"), (Handles{1, 3}));
  EXPECT_EQ(titled("a%cd"), (Handles{2, 3}));
  EXPECT_EQ(titled("a"), (Handles{3}));
  EXPECT_EQ(
      affected(index, inserted(make_item(1, {{kColors, model::make_text_set({"red", "blue"})}}))),
      (Handles{3, 4}));
  index.remove(1);
  EXPECT_EQ(titled("ABC"), (Handles{3}));
}

TEST(InterestIndex, WhatCanNeverMatchIsFiledNowhere) {
  InterestIndex index;
  index.add(1, kItems, query::never());
  index.add(2, kItems, query::all_of({query::always(), query::in(kStatus, {})}));
  index.add(3, kItems, query::compare(kStatus, Op::eq, model::Value()));
  EXPECT_EQ(index.stats().handles, 3U);
  EXPECT_TRUE(affected(index, inserted(make_item(1, {{kStatus, 1}}))).empty());
  EXPECT_TRUE(affected(index, inserted(make_item(1, {}))).empty());
}

TEST(InterestIndex, OneHandleMayStandUnderSeveralCollections) {
  InterestIndex index;
  index.add(1, kItems, query::compare(kStatus, Op::eq, 1));
  index.add(1, kGroups, query::always());
  EXPECT_EQ(affected(index, inserted(make_item(1, {{kStatus, 1}}))), (Handles{1}));
  EXPECT_EQ(affected(index, inserted(make_group(1, {}))), (Handles{1}));
  index.remove(1);
  EXPECT_TRUE(affected(index, inserted(make_item(1, {{kStatus, 1}}))).empty());
  EXPECT_TRUE(affected(index, inserted(make_group(1, {}))).empty());
  EXPECT_EQ(index.stats().handles, 0U);
}

TEST(InterestIndex, RemovingTakesOutNothingElse) {
  InterestIndex index;
  index.add(1, kItems, query::in(kStatus, {1, 1, 2}));
  index.add(2, kItems, query::compare(kStatus, Op::eq, 1));
  index.remove(1);
  index.remove(77);
  EXPECT_EQ(affected(index, inserted(make_item(1, {{kStatus, 1}}))), (Handles{2}));
  EXPECT_EQ(index.stats().by_equality, 1U);
}

// A key may never be finer than equality: record and value of every type hash alike.
TEST(InterestKey, ARecordsFieldHashesAsItsValue) {
  base::Random random(3);
  RandomChanges changes(random, test_schema());
  for (int i = 0; i < 300; ++i) {
    const model::Change change = changes.next();
    for (const model::Field& field : change.collection().fields()) {
      const model::Record& row = change.any();
      EXPECT_EQ(invalidation::hash_of(row, field), invalidation::hash_of(row.get(field.spec.id)))
          << field.spec.name;
    }
  }
}

TEST(InterestKey, DifferentValuesHashApart) {
  const model::Value values[] = {model::Value(),
                                 0,
                                 1,
                                 -1,
                                 false,
                                 true,
                                 "",
                                 "a",
                                 "b",
                                 base::Timestamp{0},
                                 base::Timestamp{1},
                                 base::Date{0},
                                 base::Date{1},
                                 model::Decimal{0, 0},
                                 model::Decimal{0, 2},
                                 model::Decimal{1, 2},
                                 test_id(0),
                                 test_id(1),
                                 model::TextSet{},
                                 model::TextSet{"a"},
                                 model::TextSet{"a", "b"}};
  std::map<std::uint64_t, int> seen;
  for (const model::Value& value : values)
    EXPECT_EQ(seen[invalidation::hash_of(value)]++, 0) << describe(value);
}

// Nothing that a change can alter is ever missed, and most of what it cannot is never asked.
TEST(InterestIndex, IsASupersetOfTheTruth) {
  base::Random random(4);
  std::size_t reported = 0;
  std::size_t needed = 0;
  std::size_t asked = 0;
  for (int world = 0; world < 40; ++world) {
    RandomSchema schema(random);
    RandomChanges changes(random, schema.schema());
    InterestIndex index;
    std::map<InterestIndex::Handle, query::Query> queries;
    for (InterestIndex::Handle handle = 0; handle < 40; ++handle) {
      auto query = query::check(schema.schema(), random_query(random, schema.schema()));
      ASSERT_TRUE(query.ok());
      if (handle % 2 == 0) *query = query::canonical(schema.schema(), *query);
      // Who asks about related rows is filed by what the row alone can tell (ivm::interests).
      query->where = query::without_relations(query->where);
      index.add(handle, query->collection, query->where);
      queries.emplace(handle, *query);
    }
    for (int step = 0; step < 100; ++step) {
      if (step % 10 == 9) {  // queries come and go
        index.remove(queries.begin()->first);
        queries.erase(queries.begin());
      }
      const model::Change change = changes.next();
      const Handles found = affected(index, change);
      ASSERT_TRUE(std::is_sorted(found.begin(), found.end()));
      ASSERT_EQ(std::adjacent_find(found.begin(), found.end()), found.end());
      for (const InterestIndex::Handle handle : found) ASSERT_TRUE(queries.contains(handle));
      reported += found.size();
      for (const auto& entry : queries) {
        const query::Query& query = entry.second;
        if (query.collection != change.collection().id()) continue;
        ++asked;
        const bool hit = (change.before && changes.rows().truth(query.where, change.before) == 1) ||
                         (change.after && changes.rows().truth(query.where, change.after) == 1);
        if (!hit) continue;
        ++needed;
        ASSERT_TRUE(std::binary_search(found.begin(), found.end(), entry.first))
            << describe(schema.schema(), query);
      }
    }
  }
  EXPECT_GT(needed, 5'000U);
  EXPECT_LT(reported, asked);
}

}  // namespace
}  // namespace syncline::tests
