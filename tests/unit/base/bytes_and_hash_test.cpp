#include <bit>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "syncline/base/bytes.hpp"
#include "syncline/base/hash.hpp"

namespace syncline::base {
namespace {

TEST(Bytes, StoresLittleEndianAtAnyAlignment) {
  std::uint8_t buffer[16] = {};
  store_le<std::uint32_t>(buffer + 3, 0x01020304u);
  EXPECT_EQ(buffer[3], 4);
  EXPECT_EQ(buffer[6], 1);
  EXPECT_EQ(load_le<std::uint32_t>(buffer + 3), 0x01020304u);
  store_le<std::int64_t>(buffer + 5, -2);
  EXPECT_EQ(load_le<std::int64_t>(buffer + 5), -2);
}

TEST(Bytes, TextAndBytesAreViewsOfEachOther) {
  const std::string text("a\0\xff", 3);
  EXPECT_EQ(as_bytes(text).size(), 3u);
  EXPECT_EQ(as_bytes(text)[2], 0xff);
  EXPECT_EQ(as_text(as_bytes(text)), text);
}

// These numbers are persisted and travel: a change of the function is a change of format.
TEST(Hash, IsTheSameOnEveryBuild) {
  EXPECT_EQ(mix64(0), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(mix64(1), 0x910a2dec89025cc1ULL);
  EXPECT_EQ(hash_name(""), mix64(0xcbf29ce484222325ULL));
  static_assert(hash_name("leads") != hash_name("deals"));
}

TEST(Hash, DependsOnEveryByteLengthAndSeed) {
  std::set<std::uint64_t> seen;
  std::size_t count = 0;
  for (std::size_t length = 0; length < 40; ++length) {
    std::string text(length, 'x');
    seen.insert(hash_bytes(as_bytes(text)));
    ++count;
    for (std::size_t i = 0; i < length; ++i) {
      text[i] = 'y';
      seen.insert(hash_bytes(as_bytes(text)));
      ++count;
      text[i] = 'x';
    }
  }
  EXPECT_EQ(seen.size(), count);
  EXPECT_NE(hash_bytes(as_bytes("leads")), hash_bytes(as_bytes("leads"), 1));
  // A zero byte at the end counts, too.
  EXPECT_NE(hash_bytes(as_bytes(std::string("a\0", 2))), hash_bytes(as_bytes("a")));
}

TEST(Hash, OneBitOfInputMovesAboutHalfOfTheOutput) {
  int moved = 0;
  for (int bit = 0; bit < 64; ++bit) moved += std::popcount(mix64(42) ^ mix64(42 ^ (1ULL << bit)));
  EXPECT_GT(moved, 64 * 28);
  EXPECT_LT(moved, 64 * 36);
}

}  // namespace
}  // namespace syncline::base
