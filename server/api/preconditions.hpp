// If-Match and If-None-Match: "*", or one entity tag, which here is a record's version.
#pragma once

#include <optional>
#include <string_view>

#include "syncline/base/result.hpp"
#include "syncline/model/field.hpp"

namespace syncline::server::api {

struct Precondition {
  bool any = false;                       // "*"
  std::optional<model::Version> version;  // absent: no such header
};
// Errors: malformed (anything but *, "17", W/"17" or 17).
[[nodiscard]] base::Result<Precondition> parse_precondition(std::string_view header,
                                                            std::string_view name);

}  // namespace syncline::server::api
