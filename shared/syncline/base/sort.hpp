// std::sort, small: in the browser's module every instance of it is three to five kilobytes, these are a tenth and a fifth. As
// std::sort: O(n log n), equal items in any order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

namespace syncline::base {

// Where there are few items.
template <class Iterator, class Less = std::less<>>
void sort(Iterator first, Iterator last, Less less = {}) {
#ifdef __EMSCRIPTEN__
  std::make_heap(first, last, less);
  std::sort_heap(first, last, less);
#else
  std::sort(first, last, less);
#endif
}

// Where there are many: quicksort around the middle item, which a heap ends where the halves are too unequal too often
// (introsort: Musser 1997).
template <class Iterator, class Less>
void sort_many(Iterator first, Iterator last, const Less& less, std::size_t halvings = 48) {
#ifdef __EMSCRIPTEN__
  while (last - first > 16 && halvings > 0) {
    --halvings;
    std::swap(*first, first[(last - first) / 2]);
    Iterator low = first;
    Iterator high = last;
    for (;;) {
      do ++low;
      while (low != last && less(*low, *first));
      do --high;
      while (less(*first, *high));
      if (low >= high) break;
      std::swap(*low, *high);
    }
    std::swap(*first, *high);
    // The smaller half by recursion, so that the stack stays low.
    if (high - first < last - low) {
      sort_many(first, high, less, halvings);
      first = high + 1;
    } else {
      sort_many(high + 1, last, less, halvings);
      last = high;
    }
  }
  if (halvings == 0) return base::sort(first, last, less);
  for (Iterator next = first; next != last; ++next) {
    for (Iterator at = next; at != first && less(*at, at[-1]); --at) std::swap(*at, at[-1]);
  }
#else
  (void)halvings;
  std::sort(first, last, less);
#endif
}

}  // namespace syncline::base
