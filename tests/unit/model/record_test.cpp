#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sample.hpp"
#include "syncline/base/random.hpp"

namespace syncline::model {
namespace {

using base::as_text;
using base::CheckFailure;
using base::load_le;
using sample::things;

Record full() {
  return RecordBuilder(things(), sample::id(7))
      .set_version(42)
      .set(kCreatedAtField, base::Timestamp{-5})
      .set(kCreatedByField, sample::id(3))
      .set(8, "Acme")
      .set(9, "Grüße\nzwei")
      .set(10, false)
      .set(11, -3)
      .set(12, Decimal{39500000, 2})
      .set(13, 2)
      .set(14, make_text_set({"b", "a"}))
      .set(15, TextSet{})
      .set(16, sample::id(9))
      .set(17, base::Timestamp{1'795'248'000'000})
      .set(18, base::Date{-20'000})
      .build();
}

// In the browser what is let go of is taken again: nobody's bytes may become another's.
TEST(Record, KeepsItsBytesWhileOthersOfAnySizeComeAndGo) {
  base::Random random(11);
  std::vector<std::pair<Record, std::string>> held(200);
  for (int step = 0; step < 20'000; ++step) {
    auto& [record, text] = held[random.index(held.size())];
    if (record) {
      ASSERT_EQ(record.text(9), text);
    }
    if (record && random.below(3) == 0) {
      record = Record();
      continue;
    }
    const std::size_t size = random.below(20) == 0 ? 900 + random.index(4'000) : random.index(300);
    text.assign(size, static_cast<char>('a' + random.below(26)));
    record = RecordBuilder(things(), sample::id(1)).set(9, text).build();
  }
  for (const auto& [record, text] : held) {
    if (record) {
      ASSERT_EQ(record.text(9), text);
    }
  }
}

TEST(Record, GivesBackWhatWasSet) {
  const Record record = full();
  EXPECT_EQ(record.id(), sample::id(7));
  EXPECT_EQ(record.version(), 42u);
  EXPECT_EQ(&record.collection(), &things());
  EXPECT_EQ(record.get(kIdField), Value(sample::id(7)));
  EXPECT_EQ(record.get(kVersionField), Value(42));
  EXPECT_EQ(record.get(kCreatedAtField), Value(base::Timestamp{-5}));
  EXPECT_EQ(record.get(kUpdatedAtField), Value());
  EXPECT_EQ(record.get(8), Value("Acme"));
  EXPECT_EQ(record.get(9), Value("Grüße\nzwei"));
  EXPECT_EQ(record.get(10), Value(false));
  EXPECT_EQ(record.get(11), Value(-3));
  EXPECT_EQ(record.get(12), Value(Decimal{39500000, 2}));
  EXPECT_EQ(record.get(13), Value(2));
  EXPECT_EQ(record.get(14), Value(TextSet{"a", "b"}));
  EXPECT_EQ(record.get(15), Value(TextSet{}));
  EXPECT_EQ(record.get(16), Value(sample::id(9)));
  EXPECT_EQ(record.get(17), Value(base::Timestamp{1'795'248'000'000}));
  EXPECT_EQ(record.get(18), Value(base::Date{-20'000}));
  EXPECT_EQ(record.get(20), Value());
}

TEST(Record, ReadsWithoutBuildingValues) {
  const Record record = full();
  EXPECT_EQ(record.text(8), "Acme");
  EXPECT_EQ(record.text(20), "");
  EXPECT_EQ(record.integer(10), 0);
  EXPECT_EQ(record.integer(11), -3);
  EXPECT_EQ(record.integer(12), 39500000);
  EXPECT_EQ(record.integer(18), -20'000);
  EXPECT_EQ(record.integer(kVersionField), 42);
  EXPECT_EQ(record.integer(kUpdatedAtField), 0);
  EXPECT_EQ(record.reference(16), sample::id(9));
  EXPECT_EQ(record.reference(kIdField), sample::id(7));
  EXPECT_TRUE(RecordBuilder(things(), {}).build().reference(16).is_nil());
  EXPECT_TRUE(record.has(10));  // false is a value
  EXPECT_TRUE(record.has(15));  // so is the empty set
  EXPECT_TRUE(record.has(kIdField));
  EXPECT_TRUE(record.has(kVersionField));
  EXPECT_FALSE(record.has(20));
}

TEST(Record, WrongReadsAreBugs) {
  const Record record = full();
  EXPECT_THROW(static_cast<void>(record.text(11)), CheckFailure);
  EXPECT_THROW(static_cast<void>(record.integer(8)), CheckFailure);
  EXPECT_THROW(static_cast<void>(record.reference(8)), CheckFailure);
  EXPECT_THROW(static_cast<void>(record.get(19)), CheckFailure);
  EXPECT_THROW(static_cast<void>(Record().id()), CheckFailure);
  EXPECT_THROW(static_cast<void>(Record().collection()), CheckFailure);
}

TEST(RecordBuilder, RefusesWhatDoesNotFit) {
  RecordBuilder builder(things(), sample::id(1));
  EXPECT_THROW(builder.set(8, 1), CheckFailure);
  EXPECT_THROW(builder.set(10, 1), CheckFailure);
  EXPECT_THROW(builder.set(12, Decimal{1, 3}), CheckFailure);
  EXPECT_THROW(builder.set(13, 3), CheckFailure);
  EXPECT_THROW(builder.set(13, -1), CheckFailure);
  EXPECT_THROW(builder.set(kIdField, sample::id(1)), CheckFailure);
  EXPECT_THROW(builder.set(kVersionField, 1), CheckFailure);
  EXPECT_THROW(builder.set(19, 1), CheckFailure);
  builder.set(8, "a").set(8, Value());
  EXPECT_FALSE(builder.build().has(8));
}

// Read by TypeScript from the raw bytes: every offset is a promise.
TEST(Record, LayoutIsAsWritten) {
  static constexpr FieldSpec kFields[] = {text(8, "name"), integer(9, "count"),
                                          text_set(10, "tags"), text(11, "city"),
                                          reference(12, "parent", 5)};
  const Schema schema({CollectionSpec{5, "m", "rows", "row", "Row", "/api/rows", 8, kFields}});
  const Record record = RecordBuilder(schema.collection(5), sample::id(0xaa))
                            .set_version(0x0102030405060708)
                            .set(8, "ab")
                            .set(9, -2)
                            .set(10, make_text_set({"x", "é"}))
                            .set(12, sample::id(0xbb))
                            .build();
  const std::uint8_t* data = record.bytes().data();
  // Header 32, bitmap 8, a number, an id, two ends, then 2 + 15 bytes; slots are createdAt, updatedAt, createdBy, name,
  // count, tags, city, parent.
  ASSERT_EQ(record.bytes().size(), 96u);
  EXPECT_EQ(load_le<std::uint32_t>(data), 96u);
  EXPECT_EQ(load_le<std::uint16_t>(data + 4), 5);
  EXPECT_EQ(load_le<std::uint16_t>(data + 6), 8);
  EXPECT_EQ(data[23], 0xaa);
  EXPECT_EQ(load_le<std::uint64_t>(data + 24), 0x0102030405060708u);
  EXPECT_EQ(load_le<std::uint64_t>(data + 32), 0b10111000u);
  EXPECT_EQ(load_le<std::int64_t>(data + 40), -2);
  EXPECT_EQ(data[48 + 15], 0xbb);
  EXPECT_EQ(load_le<std::uint32_t>(data + 64), 74u);
  EXPECT_EQ(load_le<std::uint32_t>(data + 68), 89u | 0x80000000u);
  EXPECT_EQ(as_text({data + 72, 2}), "ab");
  EXPECT_EQ(load_le<std::uint32_t>(data + 74), 2u);
  EXPECT_EQ(load_le<std::uint32_t>(data + 78), 1u);
  EXPECT_EQ(data[82], 'x');
  EXPECT_EQ(load_le<std::uint32_t>(data + 83), 2u);
  EXPECT_EQ(as_text({data + 87, 2}), "é");
  for (std::size_t i = 89; i < 96; ++i) EXPECT_EQ(data[i], 0);
}

TEST(Record, MoreThan64Slots) {
  std::vector<FieldSpec> fields;
  std::vector<std::string> names;
  for (int i = 0; i < 150; ++i) names.push_back("f" + std::to_string(i));
  for (FieldId i = 0; i < 150; ++i)
    fields.push_back(integer(static_cast<FieldId>(8 + i), names[i]));
  const Schema schema({CollectionSpec{5, "m", "rows", "row", "Row", "/api/rows", 8, fields}});
  RecordBuilder builder(schema.collection(5), sample::id(1));
  for (FieldId i = 0; i < 150; i = static_cast<FieldId>(i + 7))
    builder.set(static_cast<FieldId>(8 + i), i);
  const Record record = builder.build();
  for (FieldId i = 0; i < 150; ++i) {
    const auto id = static_cast<FieldId>(8 + i);
    EXPECT_EQ(record.get(id), i % 7 == 0 ? Value(static_cast<int>(i)) : Value());
  }
  EXPECT_TRUE(Record::from_bytes(schema, record.bytes()).ok());
}

TEST(Record, EqualContentGivesEqualBytesHoweverItWasMade) {
  base::Random random(1);
  for (int i = 0; i < 3000; ++i) {
    const Record record = sample::random_thing(random);
    RecordBuilder forward(things(), record.id());
    RecordBuilder backward(things(), record.id());
    const auto& fields = things().fields();
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const Field& up = fields[f];
      const Field& down = fields[fields.size() - 1 - f];
      if (up.slot != kNoSlot) forward.set(up.spec.id, record.get(up.spec.id));
      if (down.slot != kNoSlot) backward.set(down.spec.id, sample::random_value(random, down.spec));
    }
    for (const Field& field : fields) {
      if (field.slot != kNoSlot) backward.set(field.spec.id, record.get(field.spec.id));
    }
    EXPECT_EQ(forward.set_version(record.version()).build(), record);
    EXPECT_EQ(backward.set_version(record.version()).build(), record);
    EXPECT_EQ(RecordBuilder(record).build(), record);
    EXPECT_EQ(Record::adopt(things(), record.bytes()), record);
  }
}

TEST(RecordBuilder, StartsFromARecord) {
  const Record before = full();
  RecordBuilder builder(before);
  EXPECT_EQ(builder.get(8), Value("Acme"));
  const Record after = builder.set(8, "Other").build();
  EXPECT_EQ(after.version(), 42u);
  EXPECT_EQ(after.text(8), "Other");
  EXPECT_EQ(after.get(14), before.get(14));
  EXPECT_EQ(before.text(8), "Acme");
  EXPECT_FALSE(after == before);
}

TEST(Record, CopiesShareOneBlock) {
  Record a = full();
  const Record b = a;
  EXPECT_TRUE(a.same(b));
  EXPECT_EQ(a, b);
  Record c = std::move(a);
  EXPECT_TRUE(c.same(b));
  EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move): a moved-from record is none
  const Record& itself = c;
  c = itself;
  EXPECT_TRUE(c.same(b));
  c = Record();
  EXPECT_FALSE(c);
  EXPECT_EQ(b.text(8), "Acme");
  EXPECT_EQ(Record(), Record());
  EXPECT_FALSE(b == Record());
}

TEST(Record, WithVersionChangesNothingElse) {
  const Record before = full();
  const Record after = with_version(before, 43);
  EXPECT_EQ(after.version(), 43u);
  EXPECT_EQ(before.version(), 42u);
  EXPECT_FALSE(after == before);
  EXPECT_EQ(with_version(after, 42), before);
  EXPECT_TRUE(changed_fields(before, after).empty());
}

TEST(Record, ChangedFieldsAreOwnFieldsInSlotOrder) {
  const Record before = full();
  const Record after = RecordBuilder(before)
                           .set(kUpdatedAtField, base::Timestamp{99})
                           .set(20, "a@b.cd")
                           .set(9, Value())
                           .set(11, -3)
                           .set(12, Decimal{39500001, 2})
                           .set(14, make_text_set({"a"}))
                           .set_version(50)
                           .build();
  EXPECT_EQ(changed_fields(before, after), (std::vector<FieldId>{9, 12, 14, 20}));
  EXPECT_EQ(changed_fields(after, before), (std::vector<FieldId>{9, 12, 14, 20}));
}

TEST(Record, ChangedFieldsAgreeWithTheValues) {
  base::Random random(2);
  for (int i = 0; i < 3000; ++i) {
    const Record a = sample::random_thing(random);
    const Record b = sample::random_thing(random);
    std::vector<FieldId> expected;
    for (const Field& field : things().fields()) {
      if (field.spec.id >= kFirstOwnField && !(a.get(field.spec.id) == b.get(field.spec.id))) {
        expected.push_back(field.spec.id);
      }
    }
    EXPECT_EQ(changed_fields(a, b), expected);
  }
}

}  // namespace
}  // namespace syncline::model
