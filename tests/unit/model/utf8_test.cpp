#include "syncline/model/utf8.hpp"

#include <string>

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"
#include "syncline/model/order.hpp"

namespace syncline::model {
namespace {

TEST(Utf8, EveryCodePointRoundTrips) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string text;
    append_utf8(text, c);
    std::size_t at = 0;
    bool valid = false;
    ASSERT_EQ(decode_utf8(text, at, valid), c);
    ASSERT_TRUE(valid && at == text.size());
    ASSERT_EQ(utf8_length(text), 1u);
  }
}

TEST(Utf8, RefusesWhatIsNot) {
  for (const char* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x80\x80", "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff", "a\xe2\x82", "\xe2\x82z", "ok \xc3("}) {
    EXPECT_FALSE(is_valid_utf8(text)) << text;
  }
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("\xef\xbf\xbd"));  // U+FFFD itself
  EXPECT_TRUE(is_valid_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
}

TEST(Utf8, DecodingAnyBytesEndsAndStaysInside) {
  base::Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t left = random.below(8); left > 0; --left) {
      text.push_back(
          static_cast<char>(random.below(3) == 0 ? random.below(128) : 128 + random.below(128)));
    }
    std::size_t decoded = 0;
    for (std::size_t at = 0; at < text.size(); ++decoded) static_cast<void>(decode_utf8(text, at));
    EXPECT_LE(decoded, text.size());
    if (is_valid_utf8(text)) {
      EXPECT_EQ(decoded, utf8_length(text));
    }
  }
}

TEST(Utf8, AsciiIsSeenAtEveryPosition) {
  for (std::size_t length = 0; length < 20; ++length) {
    std::string text(length, 'a');
    EXPECT_TRUE(is_ascii(text));
    for (std::size_t i = 0; i < length; ++i) {
      text[i] = '\x80';
      EXPECT_FALSE(is_ascii(text));
      text[i] = 'a';
    }
  }
}

TEST(Utf8, TrimKnowsUnicodeSpaces) {
  EXPECT_EQ(trim(" \t\r\n a b \u00a0\u3000"), "a b");
  EXPECT_EQ(trim("\ufeffé\u2003"), "é");
  EXPECT_EQ(trim("   "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\xff"), "\xff");
}

}  // namespace
}  // namespace syncline::model
