// A request target taken apart: decoded path segments and parameters. Pure functions over hostile text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "syncline/base/result.hpp"

namespace syncline::server::api {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // decoded, in the order given

struct Target {
  std::vector<std::string>
      segments;  // "/api/crm/leads" → api, crm, leads; empty segments are left out
  Parameters parameters;
};

// Errors: malformed (broken percent-encoding, or bytes that are not UTF-8).
[[nodiscard]] base::Result<Target> parse_target(std::string_view target);
[[nodiscard]] base::Result<std::string> percent_decode(std::string_view text, bool plus_is_space);
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
// Errors: malformed.
[[nodiscard]] base::Result<std::string> base64url_decode(std::string_view text);

}  // namespace syncline::server::api
