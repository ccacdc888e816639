#include "syncline/model/value.hpp"

#include <algorithm>

#include "syncline/base/sort.hpp"

namespace syncline::model {

TextSet make_text_set(std::vector<std::string> items) {
  base::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
}

}  // namespace syncline::model
