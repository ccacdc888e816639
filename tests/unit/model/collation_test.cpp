#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sample.hpp"
#include "syncline/model/utf8.hpp"

namespace syncline::model {
namespace {

int sign(int value) { return value < 0 ? -1 : value > 0; }

TEST(Collation, FoldsCaseAccentsAndWidth) {
  const std::pair<const char*, const char*> kSame[] = {{"Ä", "a"},
                                                       {"a\u0308", "ä"},
                                                       {"STRASSE", "straße"},
                                                       {"Łódź", "lodz"},
                                                       {"ÆON", "aeon"},
                                                       {"ﬁn", "FIN"},
                                                       {"ＡＢＣ１", "abc1"},
                                                       {"Ω", "ω"},
                                                       {"ά", "Α"},
                                                       {"Й", "и"},
                                                       {"İstanbul", "istanbul"},
                                                       {"ı", "I"},
                                                       {"Œuvre", "oeuvre"},
                                                       {"Đà Nẵng", "da nang"},
                                                       {"𝐀𝟙", "a1"},
                                                       {"ſ", "S"},
                                                       {"", ""},
                                                       {"", "\u0301"},
                                                       {"가", "가"},
                                                       {"Ⅳ", "iv"},
                                                       {"…", "..."},
                                                       {"ﷺ", "ﷺ"}};
  for (const auto& [a, b] : kSame) {
    EXPECT_EQ(collate(a, b), 0) << a << " and " << b;
    EXPECT_EQ(fold(a), fold(b)) << a << " and " << b;
  }
}

TEST(Collation, KeepsDifferentLettersApart) {
  const std::pair<const char*, const char*> kApart[] = {{"a", "b"},   {"а", "a"},  {"日", "本"},
                                                        {"가", "나"}, {"ض", "ص"},  {"1", "2"},
                                                        {"-", "_"},   {"a", "a "}, {"θ", "t"}};
  for (const auto& [a, b] : kApart) EXPECT_NE(collate(a, b), 0) << a << " and " << b;
}

TEST(Collation, AnAlphabetInOrder) {
  const std::vector<std::string> sorted = {
      "",  " ", "!",  "-",  "_",  "~",  "«",  "€",  "0",      "1",       "9",  "10a",
      "a", "Ä", "aa", "Äb", "b",  "Ç",  "da", "Đb", "straße", "strasst", "Z",  "Žz",
      "Ω", "Я", "ا",  "ひ", "カ", "㐀", "一", "日", "本",     "가",      "나", "😀x"};
  // The emoji is a symbol, not a letter, and the number with two digits sorts by its first one.
  std::vector<std::string> expected = sorted;
  std::sort(expected.begin(), expected.end(),
            [](const std::string& a, const std::string& b) { return compare_text(a, b) < 0; });
  const auto place = [&expected](const char* text) {
    return std::find(expected.begin(), expected.end(), text) - expected.begin();
  };
  for (const auto& [low, high] : std::vector<std::pair<const char*, const char*>>{
           {"", " "},        {" ", "!"},   {"~", "€"},   {"€", "0"},       {"~", "0"},
           {"«", "0"},       {"😀x", "0"},  {"0", "1"},   {"1", "10a"},     {"10a", "9"},
           {"9", "a"},       {"a", "Ä"},   {"Ä", "aa"},  {"aa", "Äb"},     {"Äb", "b"},
           {"b", "Ç"},       {"Ç", "da"},  {"da", "Đb"}, {"Đb", "straße"}, {"straße", "strasst"},
           {"strasst", "Z"}, {"Z", "Žz"},  {"Žz", "Ω"},  {"Ω", "Я"},       {"Я", "ا"},
           {"ا", "ひ"},      {"ひ", "カ"}, {"カ", "㐀"}, {"㐀", "一"},     {"一", "日"},
           {"日", "本"},     {"本", "가"}, {"가", "나"}}) {
    EXPECT_LT(place(low), place(high)) << low << " before " << high;
  }
}

TEST(Collation, AsciiIsPunctuationThenDigitsThenLetters) {
  const auto rank = [](int c) { return std::isalpha(c) ? 2 : std::isdigit(c) ? 1 : 0; };
  for (int a = 0; a < 128; ++a) {
    for (int b = 0; b < 128; ++b) {
      const std::string left(1, static_cast<char>(a));
      const std::string right(1, static_cast<char>(b));
      const int expected =
          rank(a) != rank(b) ? sign(rank(a) - rank(b)) : sign(std::tolower(a) - std::tolower(b));
      ASSERT_EQ(sign(collate(left, right)), expected) << a << " " << b;
      // The slow path, entered through a letter that is no ASCII, agrees.
      ASSERT_EQ(sign(collate("é" + left, "é" + right)), expected) << a << " " << b;
    }
  }
}

TEST(Collation, FoldingTwiceChangesNothing) {
  for (char32_t c = 0; c < 0x30000; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string text;
    append_utf8(text, c);
    const std::string once = fold(text);
    ASSERT_TRUE(is_valid_utf8(once)) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(fold(once), once) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(collate(text, once), 0) << std::hex << static_cast<unsigned>(c);
  }
}

TEST(Collation, IsATotalOrder) {
  base::Random random(1);
  for (int i = 0; i < 60'000; ++i) {
    const std::string a = sample::random_text(random);
    const std::string b = sample::random_text(random);
    const std::string c = sample::random_text(random);
    ASSERT_EQ(sign(compare_text(a, b)), -sign(compare_text(b, a))) << a << "|" << b;
    ASSERT_EQ(compare_text(a, b) == 0, a == b) << a << "|" << b;
    ASSERT_EQ(collate(a, b) == 0, fold(a) == fold(b)) << a << "|" << b;
    ASSERT_EQ(sign(collate(a, b)), sign(collate(fold(a), fold(b)))) << a << "|" << b;
    if (compare_text(a, b) <= 0 && compare_text(b, c) <= 0) {
      ASSERT_LE(compare_text(a, c), 0) << a << "|" << b << "|" << c;
    }
  }
}

TEST(Collation, AnyBytesHaveAPlace) {
  base::Random random(2);
  const auto any_bytes = [&random] {
    std::string text;
    for (std::uint64_t left = random.below(5); left > 0; --left)
      text.push_back(static_cast<char>(random.next()));
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string a = any_bytes();
    const std::string b = any_bytes();
    ASSERT_EQ(sign(compare_text(a, b)), -sign(compare_text(b, a)));
    ASSERT_EQ(compare_text(a, b) == 0, a == b);
  }
}

#ifndef __EMSCRIPTEN__
TEST(Collation, TheTableIsFresh) {
  const int status = std::system(SYNCLINE_SOURCE_DIR "/script/generate-collation --check");
  EXPECT_EQ(status, 0) << "run script/generate-collation";
}
#endif

}  // namespace
}  // namespace syncline::model
