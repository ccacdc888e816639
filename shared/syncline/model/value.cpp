#include "syncline/model/value.hpp"

#include <algorithm>

namespace syncline::model {

TextSet make_text_set(std::vector<std::string> items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
}

}  // namespace syncline::model
