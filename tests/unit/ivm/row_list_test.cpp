#include "syncline/ivm/row_list.hpp"

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

std::uint32_t number_of(const model::Record& row) {
  return static_cast<std::uint32_t>(row.integer(kScore));
}

// Many blocks come and go; a plain vector says what must be there.
TEST(RowList, IsAListForAnySequenceOfEdits) {
  base::Random random(11);
  ivm::RowList list;
  std::vector<model::Record> expected;
  for (std::uint32_t i = 0; i < 3'000; ++i) {
    expected.push_back(make_item(i, {{kScore, static_cast<int>(i)}}));
    list.append(expected.back());
  }
  ASSERT_TRUE(list.to_vector() == expected);
  for (std::uint32_t step = 0; step < 20'000; ++step) {
    const bool grows = step < 8'000 || random.below(3) == 0;
    const auto at = [&](std::size_t end) { return random.index(end); };
    const model::Record row = make_item(step, {{kScore, static_cast<int>(step)}});
    if (expected.empty() || (grows && random.below(4) != 0)) {
      const std::size_t position = random.below(8) == 0 ? expected.size() : at(expected.size() + 1);
      list.insert(position, row);
      expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(position), row);
    } else if (random.below(2) == 0) {
      const std::size_t position = at(expected.size());
      list.replace(position, row);
      expected[position] = row;
    } else {
      const std::size_t position = at(expected.size());
      list.erase(position);
      expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(position));
    }
    ASSERT_EQ(list.size(), expected.size());
    if (!expected.empty()) {
      const std::size_t position = at(expected.size());
      ASSERT_TRUE(list[position].same(expected[position])) << "step " << step;
      ASSERT_EQ(list.find_same(expected[position]), position) << "step " << step;
      ASSERT_EQ(list.find_same(make_item(step, {})), list.size()) << "an equal id is no same row";
      ASSERT_TRUE(list.back().same(expected.back())) << "step " << step;
    }
    if (step % 500 == 0) {
      ASSERT_TRUE(list.to_vector() == expected) << "step " << step;
    }
  }
  ASSERT_TRUE(list.to_vector() == expected);
}

TEST(RowList, FindsAPlaceInASortedList) {
  ivm::RowList list;
  for (std::uint32_t i = 0; i < 1'000; ++i)
    list.insert(i, make_item(i, {{kScore, static_cast<int>(2 * i)}}));
  for (std::uint32_t wanted = 0; wanted <= 2'000; ++wanted) {
    const std::size_t found =
        list.partition([&](const model::Record& row) { return number_of(row) < wanted; });
    ASSERT_EQ(found, (wanted + 1) / 2);
  }
  list.clear();
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.partition([](const model::Record&) { return true; }), 0u);
}

}  // namespace
}  // namespace syncline::tests
