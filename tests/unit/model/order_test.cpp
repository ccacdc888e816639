#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "sample.hpp"

namespace syncline::model {
namespace {

using sample::thing_field;
using sample::things;

int sign(int value) { return value < 0 ? -1 : value > 0; }

TEST(CompareValues, NullsComeFirst) {
  for (const Field& field : things().fields()) {
    EXPECT_EQ(compare_values(field.spec, {}, {}), 0);
    if (field.spec.type == FieldType::integer) {
      EXPECT_LT(compare_values(field.spec, {}, Value(-100)), 0);
      EXPECT_GT(compare_values(field.spec, Value(-100), {}), 0);
    }
  }
  EXPECT_LT(compare_values(thing_field("name"), {}, ""), 0);
  EXPECT_LT(compare_values(thing_field("active"), {}, false), 0);
}

TEST(CompareValues, ByType) {
  EXPECT_LT(compare_values(thing_field("active"), false, true), 0);
  EXPECT_LT(compare_values(thing_field("count"), -5, 3), 0);
  EXPECT_EQ(compare_values(thing_field("price"), Decimal{150, 2}, Decimal{15, 1}), 0);
  EXPECT_LT(compare_values(thing_field("state"), 0, 2), 0);  // as declared, not by name
  EXPECT_LT(compare_values(thing_field("name"), "a", "Ä"), 0);
  EXPECT_LT(compare_values(thing_field("name"), "Ä", "b"), 0);
  EXPECT_LT(compare_values(thing_field("tags"), TextSet{"a"}, TextSet{"a", "b"}), 0);
  EXPECT_LT(compare_values(thing_field("tags"), TextSet{"a", "c"}, TextSet{"b"}), 0);
  EXPECT_LT(compare_values(thing_field("tags"), TextSet{}, TextSet{"a"}), 0);
  EXPECT_LT(compare_values(thing_field("ownerId"), sample::id(1), sample::id(200)), 0);
  EXPECT_LT(compare_values(thing_field("at"), base::Timestamp{-1}, base::Timestamp{1}), 0);
  EXPECT_LT(compare_values(thing_field("on"), base::Date{-1}, base::Date{1}), 0);
}

TEST(CompareField, AgreesWithTheValues) {
  base::Random random(1);
  for (int i = 0; i < 5000; ++i) {
    const Record a = sample::random_thing(random);
    const Record b = sample::random_thing(random);
    for (const Field& field : things().fields()) {
      const FieldId id = field.spec.id;
      const int expected = sign(compare_values(field.spec, a.get(id), b.get(id)));
      ASSERT_EQ(sign(compare_field(field, a, b)), expected) << field.spec.name;
      ASSERT_EQ(sign(compare_field(field, a, b.get(id))), expected) << field.spec.name;
      ASSERT_EQ(sign(compare_field(field, b, a)), -expected) << field.spec.name;
      ASSERT_EQ(expected == 0, a.get(id) == b.get(id)) << field.spec.name;
    }
  }
}

TEST(CompareField, ADecimalOfAnotherScaleIsComparedAsANumber) {
  const Record record = RecordBuilder(things(), sample::id(1)).set(12, Decimal{150, 2}).build();
  EXPECT_EQ(compare_field(things().field(12), record, Value(Decimal{15, 1})), 0);
  EXPECT_GT(compare_field(things().field(12), record, Value(Decimal{1, 0})), 0);
}

Order random_order(base::Random& random) {
  Order order;
  const auto& fields = things().fields();
  for (std::uint64_t left = random.below(4); left > 0; --left) {
    order.push_back({fields[random.index(fields.size())].spec.id, random.below(2) == 0});
  }
  return order;
}

TEST(CompareRecords, IsATotalOrder) {
  base::Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    const Order order = random_order(random);
    const Record a = sample::random_thing(random);
    const Record b = sample::random_thing(random);
    const Record c = sample::random_thing(random);
    const auto compare = [&order](const Record& x, const Record& y) {
      return sign(compare_records(things(), order, x, y));
    };
    ASSERT_EQ(compare(a, b), -compare(b, a));
    ASSERT_EQ(compare(a, a), 0);
    if (compare(a, b) == 0) {
      ASSERT_EQ(a.id(), b.id());
    }
    if (compare(a, b) <= 0 && compare(b, c) <= 0) {
      ASSERT_LE(compare(a, c), 0);
    }
  }
}

TEST(CompareRecords, TermsThenId) {
  const auto row = [](std::uint8_t id, const char* name, int count) {
    return RecordBuilder(things(), sample::id(id)).set(8, name).set(11, count).build();
  };
  std::vector<Record> rows = {row(1, "b", 1), row(2, "a", 1), row(3, "Ä", 2), row(4, "a", 2),
                              row(5, "a", 1)};
  const Order order = {{11, true}, {8, false}};
  std::sort(rows.begin(), rows.end(), [&order](const Record& x, const Record& y) {
    return compare_records(things(), order, x, y) < 0;
  });
  std::vector<int> ids;
  for (const Record& r : rows) ids.push_back(r.id().bytes[15]);
  EXPECT_EQ(ids, (std::vector<int>{4, 3, 2, 5, 1}));
}

TEST(CompareRecords, DescendingPutsNullsLast) {
  const Record none = RecordBuilder(things(), sample::id(1)).build();
  const Record some = RecordBuilder(things(), sample::id(2)).set(11, 0).build();
  EXPECT_LT(compare_records(things(), {{11, false}}, none, some), 0);
  EXPECT_GT(compare_records(things(), {{11, true}}, none, some), 0);
  EXPECT_GT(compare_records(things(), {{kIdField, true}}, none, some), 0);
  EXPECT_LT(compare_records(things(), {}, none, some), 0);
}

// Of every field, in both directions, with nulls wherever they can be put.
TEST(OrderHead, ComesBeforeOnlyWhatComesBefore) {
  base::Random random(4);
  std::size_t told = 0;
  for (int i = 0; i < 40'000; ++i) {
    Order order = random_order(random);
    if (!order.empty()) order.front().nulls = static_cast<Nulls>(random.below(3));
    const Record a = sample::random_thing(random);
    const Record b = sample::random_thing(random);
    if (order_head(things(), order, a) >= order_head(things(), order, b)) continue;
    ++told;
    ASSERT_LT(compare_records(things(), order, a, b), 0);
  }
  EXPECT_GT(told, 10'000u);
}

TEST(OrderKey, StandsForItsRecord) {
  base::Random random(3);
  for (int i = 0; i < 10'000; ++i) {
    const Order order = random_order(random);
    const Record a = sample::random_thing(random);
    const Record b = sample::random_thing(random);
    const OrderKey key = key_of(order, b);
    ASSERT_EQ(sign(compare_record_to_key(things(), order, a, key)),
              sign(compare_records(things(), order, a, b)));
    ASSERT_EQ(compare_record_to_key(things(), order, b, key), 0);
  }
}

}  // namespace
}  // namespace syncline::model
