// Window: which rows of a live query a reader wants to hear of. The query's rows are all held and kept in order; edits reach a
// reader as edits of its window, so a screen of 50 rows of 100,000 is told of 50.
#pragma once

#include <cstdint>
#include <vector>

#include "syncline/ivm/ordered_view.hpp"

namespace syncline::client {

inline constexpr std::uint32_t kAllRows = 0xffff'ffff;

struct Window {
  std::uint32_t first = 0;
  std::uint32_t count =
      kAllRows;  // 0: the rows shall be here, but nobody looks at them (preloading)

  [[nodiscard]] bool is_whole() const { return first == 0 && count == kAllRows; }
  // Rows of a list of `size` rows that are in the window.
  [[nodiscard]] std::uint32_t shown(std::size_t size) const;
};

// Edits of a list of `size` rows as edits of its window; `out` is appended to. Applied one after another they never make the
// window larger than it is, and rows of the new window that were not in the old one are always among those inserted or replaced.
void window_edits(const std::vector<ivm::ViewEdit>& edits, std::size_t size, const Window& window,
                  std::vector<ivm::ViewEdit>& out);

}  // namespace syncline::client
