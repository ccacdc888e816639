#include "server/net/request_rules.hpp"

#include <algorithm>
#include <array>

namespace syncline::server::net {
namespace {

bool starts_with_scheme(std::string_view target, std::string_view scheme) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  };
  return target.size() >= scheme.size() &&
         std::equal(scheme.begin(), scheme.end(), target.begin(),
                    [&](char wanted, char is) { return same(is, wanted); });
}

}  // namespace

std::optional<RequestTarget> parse_request_target(std::string_view target) {
  if (target == "*" || (!target.empty() && target.front() == '/'))
    return RequestTarget{std::string(target), ""};
  constexpr std::array<std::string_view, 2> kSchemes{"http://", "https://"};
  const auto* const scheme =
      std::find_if(kSchemes.begin(), kSchemes.end(),
                   [&](std::string_view one) { return starts_with_scheme(target, one); });
  if (scheme == kSchemes.end()) return std::nullopt;
  target.remove_prefix(scheme->size());
  const std::string_view authority = target.substr(0, target.find_first_of("/?#"));
  // RFC 9110, 4.2.4: a name and password before the host are there to mislead people.
  if (authority.empty() || authority.find('@') != std::string_view::npos) return std::nullopt;
  target.remove_prefix(authority.size());
  std::string path = target.empty() || target.front() != '/' ? "/" : "";
  return RequestTarget{path.append(target), std::string(authority)};
}

bool lists(std::string_view header, std::string_view item) {
  while (!header.empty()) {
    const auto comma = header.find(',');
    std::string_view part = header.substr(0, comma);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (part == item) return true;
    if (comma == std::string_view::npos) return false;
    header.remove_prefix(comma + 1);
  }
  return false;
}

std::string completed_allow(std::string_view allow) {
  std::string all(allow);
  const auto add = [&all](std::string_view method) {
    if (lists(all, method)) return;
    if (!all.empty()) all += ", ";
    all += method;
  };
  if (lists(all, "GET")) add("HEAD");
  add("OPTIONS");
  return all;
}

http::Response options_answer(std::string_view allow) {
  http::Response response;
  response.status = 204;
  response.headers.emplace_back("allow", completed_allow(allow));
  return response;
}

void finish_allow(http::Response& response, bool is_options) {
  for (auto& [name, value] : response.headers) {
    if (name != "allow") continue;
    if (is_options && response.status == 405) {
      response = options_answer(std::string(value));
      return;
    }
    value = completed_allow(value);
  }
}

}  // namespace syncline::server::net
