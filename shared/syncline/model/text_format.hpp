// What an e-mail address, a URL, … looks like. Lenient: it refuses what is certainly wrong (or dangerous as a link), and
// leaves the rest to people.
#pragma once

#include <string_view>

#include "syncline/model/field.hpp"

namespace syncline::model {

// REQUIRES: valid UTF-8
[[nodiscard]] bool has_format(TextFormat format, std::string_view text);
// A sentence for people who entered something else. REQUIRES: not plain
[[nodiscard]] std::string_view format_hint(TextFormat format);

}  // namespace syncline::model
