#include "syncline/mutation/text_merge.hpp"

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"

namespace syncline::mutation {
namespace {

TEST(MergeText, Table) {
  const struct {
    const char* name;
    const char* base;
    const char* mine;
    const char* theirs;
    std::optional<std::string> merged;
  } cases[] = {
      {"nobody", "a\n", "a\n", "a\n", "a\n"},
      {"only mine", "a\n", "b\n", "a\n", "b\n"},
      {"only theirs", "a\n", "a\n", "b\n", "b\n"},
      {"the same", "a\n", "b\n", "b\n", "b\n"},
      {"apart", "1\n2\n3\n", "one\n2\n3\n", "1\n2\nthree\n", "one\n2\nthree\n"},
      {"apart, last line without end", "1\n2\n3", "1\n2\nthree", "one\n2\n3", "one\n2\nthree"},
      {"same line", "1\n2\n3\n", "1\nx\n3\n", "1\ny\n3\n", std::nullopt},
      {"adjoining lines", "1\n2\n3\n", "x\n2\n3\n", "1\ny\n3\n", std::nullopt},
      {"both append differently", "1\n", "1\nx\n", "1\ny\n", std::nullopt},
      {"both append the same", "1\n", "1\nx\n", "1\nx\n", "1\nx\n"},
      {"prepend and append", "1\n2\n", "0\n1\n2\n", "1\n2\n3\n", "0\n1\n2\n3\n"},
      {"delete and change apart", "1\n2\n3\n4\n", "2\n3\n4\n", "1\n2\n3\nfour\n", "2\n3\nfour\n"},
      {"delete and change the same", "1\n2\n3\n", "1\n3\n", "1\nx\n3\n", std::nullopt},
      {"same change and another", "1\n2\n3\n4\n5\n", "x\n2\n3\n4\n5\n", "x\n2\n3\n4\nfive\n",
       "x\n2\n3\n4\nfive\n"},
      {"both from nothing", "", "a\n", "b\n", std::nullopt},
      {"one clears", "1\n2\n", "", "1\n2\n", ""},
      {"one clears, one changes", "1\n2\n", "", "1\nx\n", std::nullopt},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(merge_text(c.base, c.mine, c.theirs), c.merged) << c.name;
    EXPECT_EQ(merge_text(c.base, c.theirs, c.mine), c.merged) << c.name << ", sides swapped";
  }
}

std::string random_text(base::Random& random, std::uint64_t lines_max) {
  std::string text;
  for (std::uint64_t i = random.below(lines_max + 1); i > 0; --i) {
    text += std::string(1, static_cast<char>('a' + random.below(4))) + "\n";
  }
  return text;
}

// A merge does not depend on the side, and merging a merge with either side changes nothing more.
TEST(MergeText, IsSymmetricAndStable) {
  base::Random random(3);
  int merges = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string base = random_text(random, 8);
    const std::string mine = random_text(random, 8);
    const std::string theirs = random_text(random, 8);
    const auto merged = merge_text(base, mine, theirs);
    ASSERT_EQ(merged, merge_text(base, theirs, mine)) << base << "|" << mine << "|" << theirs;
    EXPECT_EQ(merge_text(base, mine, base), mine);
    if (merged && mine != base && theirs != base && mine != theirs) ++merges;
  }
  EXPECT_GT(merges, 100);
}

// 20,000 characters of single-letter lines, all different: the worst case stays a single change, at once.
TEST(MergeText, HasALimit) {
  std::string base;
  std::string mine;
  for (int i = 0; i < 6'000; ++i) {
    base += "a\n";
    mine += i % 2 == 0 ? "b\n" : "c\n";
  }
  EXPECT_EQ(merge_text("x\ny\n" + base, "x\ny\n" + mine, "z\ny\n" + base), "z\ny\n" + mine);
}

}  // namespace
}  // namespace syncline::mutation
