#include "syncline/store/table.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/random_world.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

using model::Order;
using model::Record;

const model::Collection& items() { return test_schema().collection(kItems); }

using Keys = std::optional<model::OrderKey>;
std::vector<Record> scan(store::Table& table, const Order& order, const Keys& after = {},
                         bool reverse = false) {
  std::vector<Record> rows;
  table.scan(order, after, reverse, [&](const Record& row) {
    rows.push_back(row);
    return true;
  });
  return rows;
}

TEST(Table, PutReplacesAndAnswersWhatWasThere) {
  store::Table table(items());
  const Record first = make_item(1, {{kScore, 1}});
  const Record second = make_item(1, {{kScore, 2}});
  EXPECT_FALSE(table.put(first));
  EXPECT_TRUE(table.put(second).same(first));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_TRUE(table.get(test_id(1)).same(second));
  EXPECT_FALSE(table.get(test_id(2)));
  EXPECT_FALSE(table.erase(test_id(2)));
  EXPECT_TRUE(table.erase(test_id(1)).same(second));
  EXPECT_EQ(table.size(), 0U);
  EXPECT_FALSE(table.get(test_id(1)));
}

TEST(Table, RefusesRowsOfAnotherCollection) {
  store::Table table(items());
  EXPECT_THROW(table.put(make_group(1, {})), base::CheckFailure);
  EXPECT_THROW(table.put(Record()), base::CheckFailure);
}

// With and without indexes and free slots; the oracle is the newest row of each id.
TEST(Table, BringsWhatIsNewer) {
  using Brought = store::Table::Brought;
  base::Random random(5);
  for (int round = 0; round < 50; ++round) {
    store::Table table(items());
    std::map<std::uint32_t, Record> expected;
    for (int step = 0; step < 300; ++step) {
      if (random.below(40) == 0) table.reserve(random.index(200));
      if (random.below(60) == 0) (void)scan(table, {{kScore, false}});
      if (random.below(60) == 0) table.drop_indexes();
      const auto number = static_cast<std::uint32_t>(random.below(100));
      if (random.below(20) == 0) {
        EXPECT_EQ(static_cast<bool>(table.erase(test_id(number))), expected.erase(number) == 1);
        continue;
      }
      if (random.below(20) == 0) {
        table.hide(test_id(number));
        expected.erase(number);
        continue;
      }
      const Record row = model::with_version(
          make_item(number, {{kScore, static_cast<int>(random.below(3))}}), random.below(4));
      const auto there = expected.find(number);
      const auto [brought, slot] = table.bring(row);
      EXPECT_EQ(table.at(slot).id(), row.id());
      EXPECT_EQ(table.slot_of(row.id()), slot);
      if (there == expected.end()) {
        EXPECT_EQ(brought, Brought::fresh);
      } else if (row.version() < there->second.version() || row == there->second) {
        EXPECT_EQ(brought, Brought::nothing);
        continue;
      } else {
        EXPECT_EQ(brought, Brought::newer);
      }
      expected[number] = row;
    }
    ASSERT_EQ(table.size(), expected.size());
    ASSERT_EQ(scan(table, {{kScore, false}}).size(), expected.size());
    for (const auto& [number, row] : expected) ASSERT_TRUE(table.get(test_id(number)) == row);
  }
}

// The oracle: the shown rows, and the slots of all.
TEST(Table, HiddenRowsHaveTheirSlotAndAreNowhereElse) {
  base::Random random(7);
  store::Table table(items());
  std::map<std::uint32_t, Record> shown;
  std::map<std::uint32_t, store::Slot> slots;
  const Order order{{kScore, false}};
  for (int step = 0; step < 5'000; ++step) {
    const auto number = static_cast<std::uint32_t>(random.below(300));
    const base::Id id = test_id(number);
    const Record row = make_item(number, {{kScore, static_cast<int>(random.below(9))}});
    switch (random.below(4)) {
      case 0:
        if (slots.contains(number)) break;
        slots[number] = table.keep(row);
        break;
      case 1:
        table.hide(id);
        shown.erase(number);
        break;
      case 2:
        EXPECT_EQ(static_cast<bool>(table.erase(id)), shown.erase(number) == 1);
        slots.erase(number);
        break;
      default: {
        const Record before = table.put(row);
        EXPECT_EQ(static_cast<bool>(before), shown.contains(number));
        shown[number] = row;
        slots.try_emplace(number, table.slot_of(id));
      }
    }
    ASSERT_EQ(table.slot_of(id), slots.contains(number) ? slots[number] : store::kNoSlot);
    if (slots.contains(number)) {
      ASSERT_EQ(table.at(slots[number]).id(), id);
    }
    ASSERT_EQ(static_cast<bool>(table.get(id)), shown.contains(number));
    ASSERT_EQ(table.size(), shown.size());
    if (step % 400 == 0) table.drop_indexes();
    if (step % 100 != 0) continue;
    ASSERT_EQ(scan(table, order).size(), shown.size());
    std::size_t visited = 0;
    table.for_each([&](const Record&) { return ++visited > 0; });
    ASSERT_EQ(visited, shown.size());
  }
}

TEST(Table, ClearKeepsItsIndexesUsable) {
  store::Table table(items());
  table.put(make_item(1, {{kScore, 1}}));
  EXPECT_EQ(scan(table, {{kScore, false}}).size(), 1U);
  table.clear();
  EXPECT_EQ(table.size(), 0U);
  EXPECT_TRUE(scan(table, {{kScore, false}}).empty());
  table.put(make_item(2, {{kScore, 2}}));
  EXPECT_EQ(scan(table, {{kScore, false}}).size(), 1U);
}

TEST(Table, ScanEqualFindsNullsToo) {
  store::Table table(items());
  for (std::uint32_t i = 1; i <= 6; ++i) {
    table.put(
        make_item(i, {{kScore, i % 2 == 0 ? model::Value() : model::Value(static_cast<int>(i))}}));
  }
  std::vector<base::Id> found;
  table.scan_equal(kScore, model::Value(), [&](const Record& row) {
    found.push_back(row.id());
    return true;
  });
  EXPECT_EQ(found, (std::vector<base::Id>{test_id(2), test_id(4), test_id(6)}));
}

TEST(Table, VisitorsCanStop) {
  store::Table table(items());
  for (std::uint32_t i = 1; i <= 5; ++i) table.put(make_item(i, {{kStatus, 1}}));
  int visits = 0;
  const auto two = [&](const Record&) { return ++visits % 2 != 0; };
  table.for_each(two);
  table.scan({{kTitle, false}}, {}, false, two);
  table.scan({{kTitle, false}}, {}, true, two);
  table.scan_equal_ordered(kStatus, 1, {{kTitle, true}}, {}, true, two);
  EXPECT_EQ(visits, 8);
}

// Thousands of rows, so that blocks of an index split, empty and merge; against plain sorting.
TEST(Table, IndexesHoldExactlyTheRowsInOrderThroughManyChanges) {
  base::Random random(5);
  store::Table table(items());
  std::map<std::uint32_t, Record> rows;
  // Texts, nulls and equal values have one head: blocks are then told apart by their rows.
  const Order orders[] = {{},
                          {{kScore, false}},
                          {{kScore, true, model::Nulls::first}},
                          {{kStatus, true}, {kScore, true}},
                          {{kTitle, false}}};
  const auto compare_all = [&] {
    for (const Order& order : orders) {
      std::vector<Record> expected;
      for (const auto& entry : rows) expected.push_back(entry.second);
      std::sort(expected.begin(), expected.end(), [&](const Record& a, const Record& b) {
        return model::compare_records(items(), order, a, b) < 0;
      });
      ASSERT_EQ(scan(table, order), expected);
      std::reverse(expected.begin(), expected.end());
      ASSERT_EQ(scan(table, order, {}, true), expected);
    }
  };
  // Grow beyond several blocks, then shrink to nothing.
  for (const std::uint64_t erasures_of_ten : {2U, 9U}) {
    for (int step = 0; step < 6'000; ++step) {
      const auto number = static_cast<std::uint32_t>(random.below(3'000));
      if (random.below(10) < erasures_of_ten) {
        const Record before = table.erase(test_id(number));
        ASSERT_EQ(static_cast<bool>(before), rows.erase(number) == 1);
      } else {
        const auto score = static_cast<int>(random.below(50));
        const auto title = "item " + std::to_string(random.below(2'000));
        const model::Value scored = score == 0 ? model::Value() : model::Value(score);
        const Record row = make_item(
            number,
            {{kScore, scored}, {kStatus, static_cast<int>(random.below(3))}, {kTitle, title}});
        table.put(row);
        rows[number] = row;
      }
      if (step % 500 == 0) compare_all();
    }
    compare_all();
  }
  while (!rows.empty()) {
    ASSERT_TRUE(table.erase(test_id(rows.begin()->first)));
    rows.erase(rows.begin());
  }
  compare_all();
  EXPECT_EQ(table.size(), 0U);
}

// Ascending and descending bulk inserts put every split at an end of the index.
TEST(Table, SortedBulkInsertsKeepTheOrder) {
  store::Table table(items());
  (void)scan(table, {{kScore, false}});
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    table.put(make_item(i, {{kScore, static_cast<int>(i)}}));
    table.put(make_item(10'000 - i, {{kScore, 10'000 - static_cast<int>(i)}}));
  }
  const auto rows = scan(table, {{kScore, false}});
  ASSERT_EQ(rows.size(), 4'000U);
  for (std::size_t i = 1; i < rows.size(); ++i)
    ASSERT_LT(rows[i - 1].integer(kScore), rows[i].integer(kScore));
}

TEST(Table, ScansAfterAKeyWithinAnEquality) {
  base::Random random(6);
  store::Table table(items());
  RandomChanges changes(random, test_schema());
  for (int i = 0; i < 1'500; ++i) {
    const model::Change change = changes.next();
    if (change.collection().id() != kItems) continue;
    change.after ? table.put(change.after) : table.erase(change.id());
    const model::Field& field = items().fields()[random.below(items().fields().size())];
    const model::Value value = random_value(random, field.spec, true);
    const Order order = random_order(random, items());
    const bool reverse = random.below(2) == 0;
    Keys after;
    if (random.below(2) == 0) after = random_key(random, items(), order);
    std::vector<Record> found;
    table.scan_equal_ordered(field.spec.id, value, order, after, reverse, [&](const Record& row) {
      found.push_back(row);
      return true;
    });
    NaiveFetch request{query::compare(field.spec.id, query::Op::eq, value), order, after, reverse,
                       0};
    ASSERT_EQ(found, changes.rows().fetch(kItems, request))
        << field.spec.name << " " << describe(value);
  }
}

}  // namespace
}  // namespace syncline::tests
