#include "syncline/base/id.hpp"

#include <set>

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"

namespace syncline::base {
namespace {

constexpr const char* kText = "018f3e2a-0b1c-7def-8123-456789abcdef";

TEST(Id, TextRoundTrip) {
  const auto id = parse_id(kText);
  ASSERT_TRUE(id);
  EXPECT_EQ(to_string(*id), kText);
  EXPECT_EQ(id->bytes[0], 0x01);
  EXPECT_EQ(id->bytes[15], 0xef);
  EXPECT_EQ(parse_id("018F3E2A-0B1C-7DEF-8123-456789ABCDEF"), id);
}

TEST(Id, RandomTextRoundTrip) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    Id id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random.next());
    EXPECT_EQ(parse_id(to_string(id)), id);
  }
}

TEST(Id, RefusesEverythingElse) {
  for (const char* text :
       {"", "018f3e2a", "018f3e2a-0b1c-7def-8123-456789abcde",
        "018f3e2a-0b1c-7def-8123-456789abcdef0", "018f3e2a00b1c-7def-8123-456789abcdef",
        "018f3e2a-0b1c-7def-8123-456789abcdeg", "018f3e2a-0b1c-7def-81234-56789abcdef",
        "{18f3e2a-0b1c-7def-8123-456789abcde}", "018f3e2a-0b1c-7def-8123--56789abcdef"}) {
    EXPECT_FALSE(parse_id(text)) << text;
  }
}

TEST(Id, OrderIsByUnsignedBytes) {
  Id low;
  Id high;
  low.bytes[0] = 0x7f;
  high.bytes[0] = 0x80;
  EXPECT_LT(low, high);
  EXPECT_LT(Id::compare(low, high), 0);
  EXPECT_EQ(Id::compare(low, low), 0);
  EXPECT_TRUE(Id{}.is_nil());
  EXPECT_FALSE(low.is_nil());
}

TEST(Id, Version7IsOrderedByTimeAndMarked) {
  Random random(2);
  Id previous;
  for (std::int64_t ms = 1'700'000'000'000; ms < 1'700'000'000'500; ++ms) {
    const Id id = make_id_v7({ms}, random.next(), random.next());
    EXPECT_LT(previous, id);
    EXPECT_EQ(id.bytes[6] >> 4, 7);
    EXPECT_EQ(id.bytes[8] >> 6, 2);
    previous = id;
  }
  EXPECT_EQ(to_string(make_id_v7({0x018f3e2a0b1c}, 0, 0)), "018f3e2a-0b1c-7000-8000-000000000000");
  EXPECT_TRUE(is_id_v7(make_id_v7({0}, ~0ULL, ~0ULL)));
  EXPECT_FALSE(is_id_v7(make_id_from_key("stock", {})));
  EXPECT_FALSE(is_id_v7(Id{}));
  EXPECT_FALSE(is_id_v7(*parse_id("018f3e2a-0b1c-7000-c000-000000000000"))) << "another variant";
  EXPECT_EQ(to_string(make_id_v7({0}, ~0ULL, ~0ULL)), "00000000-0000-7fff-bfff-ffffffffffff");
}

TEST(Id, FromKeyIsStableAndDistinct) {
  const Id id = make_id_from_key("stock", as_bytes("a:b"));
  EXPECT_EQ(id, make_id_from_key("stock", as_bytes("a:b")));
  EXPECT_EQ(id.bytes[6] >> 4, 8);
  EXPECT_EQ(id.bytes[8] >> 6, 2);
  EXPECT_FALSE(id == make_id_from_key("stock", as_bytes("a:c")));
  EXPECT_FALSE(id == make_id_from_key("price", as_bytes("a:b")));
}

TEST(Id, HashSpreads) {
  std::set<std::uint64_t> hashes;
  Id id;
  for (int byte = 0; byte < 16; ++byte) {
    for (int value = 1; value < 256; ++value) {
      id.bytes[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(value);
      hashes.insert(hash(id));
    }
    id.bytes[static_cast<std::size_t>(byte)] = 0;
  }
  EXPECT_EQ(hashes.size(), 16u * 255u);
}

TEST(Id, FromSixteenBytes) {
  const auto id = parse_id(kText);
  EXPECT_EQ(id_from_bytes(id->bytes.data()), *id);
}

}  // namespace
}  // namespace syncline::base
