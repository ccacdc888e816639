#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sample.hpp"

namespace syncline::model {
namespace {

struct Case {
  const char* text;
  const char* pattern;
  bool matches;
};

TEST(Like, Table) {
  for (const Case& c : {Case{"", "", true},
                        Case{"a", "", false},
                        Case{"", "%", true},
                        Case{"", "_", false},
                        Case{"Acme", "acme", true},
                        Case{"Acme", "a%", true},
                        Case{"Acme", "%E", true},
                        Case{"Acme", "%c%", true},
                        Case{"Acme", "_c__", true},
                        Case{"Acme", "_c_", false},
                        Case{"Acme", "a%e%", true},
                        Case{"Acme", "%x%", false},
                        Case{"100%", "100\\%", true},
                        Case{"1000", "100\\%", false},
                        Case{"a_b", "a\\_b", true},
                        Case{"axb", "a\\_b", false},
                        Case{"a\\b", "a\\\\b", true},
                        Case{"ab", "a\\b", true},
                        Case{"a\\", "a\\", true},
                        Case{"Müller", "muller", true},
                        Case{"Müller", "M_ller", true},
                        Case{"MÜLLER", "%ü%", true},
                        Case{"mu\u0308ller", "müller", true},
                        Case{"Straße", "%strasse%", true},
                        Case{"日本語", "_本_", true},
                        Case{"日本語", "日%", true},
                        Case{"日本語", "__", false},
                        Case{"😀", "_", true},
                        Case{"abc", "\uff05", false},
                        Case{"%", "\uff05", true},  // a full-width % is a letter of the pattern
                        Case{"aXbXc", "a%b%c", true},
                        Case{"mississippi", "m%iss%pi", true},
                        Case{"mississippi", "m%iss%si", false},
                        Case{"aab", "%ab", true},
                        Case{"ab", "%%%ab%%", true},
                        Case{"ab", "%_%_%", true},
                        Case{"a", "%_%_%", false}}) {
    EXPECT_EQ(like(c.text, c.pattern), c.matches) << c.text << " LIKE " << c.pattern;
  }
}

// The definition, straight from the words: a run may be anything.
bool slow_like(const std::u32string& text, std::size_t t, const std::u32string& pattern,
               std::size_t p) {
  if (p == pattern.size()) return t == text.size();
  if (pattern[p] == U'%') {
    for (std::size_t skip = t; skip <= text.size(); ++skip) {
      if (slow_like(text, skip, pattern, p + 1)) return true;
    }
    return false;
  }
  return t < text.size() && (pattern[p] == U'_' || pattern[p] == text[t]) &&
         slow_like(text, t + 1, pattern, p + 1);
}

TEST(Like, AgreesWithTheDefinition) {
  base::Random random(1);
  int matched = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::u32string text;
    std::u32string pattern;
    for (std::uint64_t left = random.below(8); left > 0; --left) text += U"abü"[random.index(3)];
    for (std::uint64_t left = random.below(6); left > 0; --left)
      pattern += U"abü%_"[random.index(5)];
    const auto narrow = [](const std::u32string& wide) {
      std::string out;
      for (const char32_t c : wide)
        out += c == U'ü' ? std::string("日") : std::string(1, static_cast<char>(c));
      return out;
    };
    const bool expected = slow_like(text, 0, pattern, 0);
    matched += expected;
    ASSERT_EQ(like(narrow(text), narrow(pattern)), expected)
        << narrow(text) << " LIKE " << narrow(pattern);
  }
  EXPECT_GT(matched, 5'000);
}

// The naive recursion needs more steps than there are atoms; the test ends only with the linear scan.
TEST(Like, ManyRunsStayAffordable) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a%";
  pattern += "b";
  EXPECT_FALSE(like(std::string(20'000, 'a'), pattern));
}

}  // namespace
}  // namespace syncline::model
