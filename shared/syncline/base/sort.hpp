// std::sort, where speed matters less than the browser's module: there every instance of std::sort is three kilobytes, one of
// a heap's a tenth. As std::sort: O(n log n), equal items in any order.
#pragma once

#include <algorithm>
#include <functional>

namespace syncline::base {

template <class Iterator, class Less = std::less<>>
void sort(Iterator first, Iterator last, Less less = {}) {
#ifdef __EMSCRIPTEN__
  std::make_heap(first, last, less);
  std::sort_heap(first, last, less);
#else
  std::sort(first, last, less);
#endif
}

}  // namespace syncline::base
