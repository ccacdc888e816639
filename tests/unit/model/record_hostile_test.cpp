// Record::from_bytes() against bytes that no builder made. The oracle: what it accepts, rebuilt field by field through a
// RecordBuilder, gives the very same bytes.
#include <bit>
#include <functional>
#include <limits>
#include <memory>

#include <gtest/gtest.h>

#include "sample.hpp"
#include "syncline/model/validate.hpp"

namespace syncline::model {
namespace {

using base::Bytes;
using base::Code;
using base::load_le;
using base::store_le;
using sample::things;

Bytes bytes_of(const Record& record) { return {record.bytes().begin(), record.bytes().end()}; }

// A copy on the heap of exactly this size, so that the sanitizer sees every read behind it.
base::Result<Record> decode(const Bytes& bytes) {
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  return Record::from_bytes(sample::schema(), {exact.get(), bytes.size()});
}

bool is_canonical(const Record& record) {
  RecordBuilder builder(record.collection(), record.id());
  builder.set_version(record.version());
  for (const Field& field : record.collection().fields()) {
    if (field.slot == kNoSlot) continue;
    Value value = record.get(field.spec.id);
    if (value.kind() == Value::Kind::set) value = make_text_set(value.set());
    builder.set(field.spec.id, std::move(value));
  }
  return builder.build() == record;
}

TEST(RecordFromBytes, AcceptsEveryBuiltRecord) {
  base::Random random(1);
  for (int i = 0; i < 5000; ++i) {
    const Record record = sample::random_thing(random);
    const auto decoded = decode(bytes_of(record));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(*decoded, record);
    EXPECT_FALSE(decoded->same(record));
  }
}

TEST(RecordFromBytes, EveryCutAndEveryExtensionIsRefused) {
  base::Random random(2);
  const Bytes whole = bytes_of(sample::random_thing(random));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    ASSERT_FALSE(decode(cut).ok()) << length;
    // With a size that is right, the content is missing.
    if (length >= 4) store_le(cut.data(), static_cast<std::uint32_t>(length));
    ASSERT_FALSE(decode(cut).ok()) << length;
  }
  Bytes longer = whole;
  for (int i = 0; i < 16; ++i) {
    longer.push_back(0);
    store_le(longer.data(), static_cast<std::uint32_t>(longer.size()));
    ASSERT_FALSE(decode(longer).ok()) << i;
  }
}

TEST(RecordFromBytes, WhatSurvivesFlippedBitsIsCanonical) {
  base::Random random(3);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 60'000; ++i) {
    Bytes bytes = bytes_of(sample::random_thing(random));
    for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
      bytes[random.index(bytes.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
    }
    const auto decoded = decode(bytes);
    if (!decoded.ok()) {
      ASSERT_EQ(decoded.error().code, Code::malformed);
      ++refused;
      continue;
    }
    ++accepted;
    ASSERT_EQ(bytes_of(*decoded), bytes);
    ASSERT_TRUE(is_canonical(*decoded));
  }
  EXPECT_GT(accepted, 1000);  // a flip in an id or a number is another good record
  EXPECT_GT(refused, 1000);
}

TEST(RecordFromBytes, WhatSurvivesForeignWordsIsCanonical) {
  base::Random random(4);
  constexpr std::uint32_t kWords[] = {
      0, 1, 4, 16, 32, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0xfffffff0, 120, 200};
  for (int i = 0; i < 60'000; ++i) {
    Bytes bytes = bytes_of(sample::random_thing(random));
    const std::size_t at = random.index(bytes.size() / 4) * 4;
    store_le(bytes.data() + at, kWords[random.index(std::size(kWords))]);
    const auto decoded = decode(bytes);
    if (decoded.ok()) {
      ASSERT_TRUE(is_canonical(*decoded));
    }
  }
}

TEST(RecordFromBytes, AnyBytesAreHarmless) {
  base::Random random(5);
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes(random.index(400));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
    if (bytes.size() >= 8) {
      store_le(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
      store_le(bytes.data() + 4, sample::kOwners);
      store_le<std::uint16_t>(bytes.data() + 6, 4);
    }
    const auto decoded = decode(bytes);
    if (decoded.ok()) {
      ASSERT_TRUE(is_canonical(*decoded));
    }
  }
}

// One row of the table: a good record, spoilt in one way.
struct Spoiling {
  const char* what;
  std::function<void(Bytes&)> spoil;
};

constexpr std::size_t kValues = 40;  // one word of bitmap
std::uint64_t bit_of(FieldId id) { return 1ULL << things().field(id).slot; }
std::uint64_t bits(const Bytes& bytes) { return load_le<std::uint64_t>(bytes.data() + 32); }
std::size_t count(std::uint64_t of) { return static_cast<std::size_t>(std::popcount(of)); }
void mark(Bytes& bytes, FieldId id) { store_le(bytes.data() + 32, bits(bytes) | bit_of(id)); }
void unmark(Bytes& bytes, FieldId id) { store_le(bytes.data() + 32, bits(bytes) & ~bit_of(id)); }
// Of fields that are not null.
void number(Bytes& bytes, FieldId id, std::int64_t value) {
  const std::uint64_t before = bits(bytes) & things().slot_masks().numbers[0] & (bit_of(id) - 1);
  store_le<std::int64_t>(bytes.data() + kValues + count(before) * 8, value);
}
std::uint8_t* end_of(Bytes& bytes, FieldId id) {
  const SlotMasks& masks = things().slot_masks();
  const std::uint64_t before = bits(bytes) & masks.texts[0] & (bit_of(id) - 1);
  return bytes.data() + kValues + count(bits(bytes) & masks.numbers[0]) * 8 +
         count(bits(bytes) & masks.ids[0]) * 16 + count(before) * 4;
}
std::uint32_t end(Bytes& bytes, FieldId id) { return load_le<std::uint32_t>(end_of(bytes, id)); }
void set_end(Bytes& bytes, FieldId id, std::uint32_t to) { store_le(end_of(bytes, id), to); }

TEST(RecordFromBytes, EachRuleOfTheFormIsChecked) {
  const Record good = RecordBuilder(things(), sample::id(1))
                          .set(8, "abcd")
                          .set(9, "efgh")
                          .set(10, true)
                          .set(11, 0)
                          .set(13, 1)
                          .set(14, make_text_set({"a", "b"}))
                          .set(16, sample::id(2))
                          .set(17, base::Timestamp{1})
                          .set(18, base::Date{1})
                          .build();
  ASSERT_TRUE(decode(bytes_of(good)).ok());
  const Spoiling kSpoilings[] = {
      {"another size",
       [](Bytes& b) { store_le(b.data(), static_cast<std::uint32_t>(b.size() - 8)); }},
      {"no such collection", [](Bytes& b) { store_le<std::uint16_t>(b.data() + 4, 77); }},
      {"another collection", [](Bytes& b) { store_le(b.data() + 4, sample::kOwners); }},
      {"another slot count", [](Bytes& b) { ++b[6]; }},
      {"a bit behind the slots", [](Bytes& b) { b[32 + 7] = 0x80; }},
      {"a present text without content", [](Bytes& b) { mark(b, 20); }},
      {"a present number without content", [](Bytes& b) { mark(b, 12); }},
      {"a number without a bit", [](Bytes& b) { unmark(b, 11); }},
      {"an id without a bit", [](Bytes& b) { unmark(b, 16); }},
      {"a text without a bit", [](Bytes& b) { unmark(b, 9); }},
      {"a boolean of 2", [](Bytes& b) { number(b, 10, 2); }},
      {"an option too far", [](Bytes& b) { number(b, 13, 3); }},
      {"a negative option", [](Bytes& b) { number(b, 13, -1); }},
      {"a date beyond 32 bits", [](Bytes& b) { number(b, 18, std::int64_t{1} << 32); }},
      {"a date beyond the calendar", [](Bytes& b) { number(b, 18, 3'000'000); }},
      {"a time beyond the calendar",
       [](Bytes& b) { number(b, 17, std::numeric_limits<std::int64_t>::min()); }},
      {"a time before the year 1", [](Bytes& b) { number(b, 17, -62'135'596'800'001); }},
      {"a time after the year 9999", [](Bytes& b) { number(b, 17, 253'402'300'800'000); }},
      {"an end outside", [](Bytes& b) { set_end(b, 8, 0x7ffffff0); }},
      {"an end in the header", [](Bytes& b) { set_end(b, 8, 0); }},
      {"an end before that of the text before", [](Bytes& b) { set_end(b, 9, end(b, 8) - 1); }},
      {"an end beyond that of the text behind", [](Bytes& b) { set_end(b, 9, end(b, 14) + 1); }},
      {"bytes behind the last end", [](Bytes& b) { set_end(b, 14, end(b, 9)); }},
      {"a flag on plain ASCII", [](Bytes& b) { set_end(b, 8, end(b, 8) | kNonAsciiFlag); }},
      {"no flag on more than ASCII",
       [](Bytes& b) {
         b[end(b, 8) - 4] = 0xc3;
         b[end(b, 8) - 3] = 0xa4;
       }},
      {"no UTF-8",
       [](Bytes& b) {
         b[end(b, 8) - 4] = 0xff;
         set_end(b, 8, end(b, 8) | kNonAsciiFlag);
       }},
      {"a set with a wrong count", [](Bytes& b) { ++b[end(b, 9)]; }},
      {"a set with a count of billions", [](Bytes& b) { b[end(b, 9) + 3] = 0xff; }},
      {"a set with an item too long", [](Bytes& b) { b[end(b, 9) + 4] = 0x7f; }},
      {"a set out of order", [](Bytes& b) { b[end(b, 9) + 8] = 'c'; }},
      {"a set with duplicates", [](Bytes& b) { b[end(b, 9) + 8] = 'b'; }},
      {"padding that is not zero", [](Bytes& b) { b.back() = 1; }},
  };
  for (const Spoiling& spoiling : kSpoilings) {
    Bytes bytes = bytes_of(good);
    spoiling.spoil(bytes);
    ASSERT_NE(bytes, bytes_of(good)) << spoiling.what;
    EXPECT_FALSE(decode(bytes).ok()) << spoiling.what;
  }
}

TEST(RecordFromBytes, TheSizeLimitHolds) {
  RecordBuilder builder(things(), sample::id(1));
  const Record good = builder.set(9, std::string(kRecordSizeMax - 1024, 'x')).build();
  EXPECT_TRUE(decode(bytes_of(good)).ok());
  EXPECT_TRUE(validate_record(builder.set(8, "a").build()).ok());
  const Record large = builder.set(9, std::string(kRecordSizeMax, 'x')).build();
  EXPECT_FALSE(decode(bytes_of(large)).ok());
  EXPECT_EQ(validate_record(large).error().code, Code::too_large);
}

TEST(RecordAdopt, ForeignBytesAreABug) {
  const Record record = RecordBuilder(things(), sample::id(1)).build();
  const Collection& owners = sample::schema().collection(sample::kOwners);
  EXPECT_THROW(static_cast<void>(Record::adopt(owners, record.bytes())), base::CheckFailure);
  EXPECT_THROW(static_cast<void>(Record::adopt(things(), record.bytes().first(32))),
               base::CheckFailure);
  EXPECT_THROW(static_cast<void>(Record::adopt(things(), {})), base::CheckFailure);
}

}  // namespace
}  // namespace syncline::model
