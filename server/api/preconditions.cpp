#include "server/api/preconditions.hpp"

#include <charconv>
#include <string>

namespace syncline::server::api {

base::Result<Precondition> parse_precondition(std::string_view header, std::string_view name) {
  Precondition condition;
  if (header.empty()) return condition;
  if (header == "*") {
    condition.any = true;
    return condition;
  }
  if (header.substr(0, 2) == "W/") header.remove_prefix(2);
  if (header.size() > 2 && header.front() == '"' && header.back() == '"')
    header = header.substr(1, header.size() - 2);
  model::Version version = 0;
  const auto parsed = std::from_chars(header.data(), header.data() + header.size(), version);
  if (parsed.ec != std::errc() || parsed.ptr != header.data() + header.size()) {
    return base::Error(base::Code::malformed,
                       std::string(name) + " takes * or one version such as \"17\".");
  }
  condition.version = version;
  return condition;
}

}  // namespace syncline::server::api
