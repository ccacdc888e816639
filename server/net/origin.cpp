#include "server/net/origin.hpp"

#include <algorithm>

namespace syncline::server::net {
namespace {

bool same_text(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
  const bool has =
      text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
  return has ? text.substr(0, text.size() - suffix.size()) : text;
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(),
                     [&](const std::string& item) { return same_text(item, text); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Origin judge_origin(std::string_view origin, std::string_view host,
                    const std::vector<std::string>& allowed) {
  if (origin.empty()) return Origin::none;
  struct Scheme {
    std::string_view name, port;
  };
  // Behind a proxy that ends TLS the page is https and we are not, so both schemes of our own host are ours. An origin
  // leaves its scheme's own port out; a proxy may write it into Host.
  for (const auto& [scheme, port] : {Scheme{"http://", ":80"}, Scheme{"https://", ":443"}}) {
    if (!same_text(origin.substr(0, scheme.size()), scheme)) continue;
    const std::string_view page = without_suffix(origin.substr(scheme.size()), port);
    if (!page.empty() && same_text(page, without_suffix(host, port))) return Origin::own;
  }
  return contains(allowed, origin) ? Origin::allowed : Origin::foreign;
}

void add_cors(http::Response& response, std::string_view origin) {
  response.headers.emplace_back("access-control-allow-origin", origin);
  response.headers.emplace_back("access-control-allow-credentials", "true");
  response.headers.emplace_back("access-control-expose-headers",
                                "ETag, Location, Retry-After, Syncline-Version");
  response.headers.emplace_back("vary", "Origin");
}

http::Response preflight_answer(std::string_view origin) {
  http::Response response;
  response.status = 204;
  add_cors(response, origin);
  response.headers.emplace_back("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE");
  response.headers.emplace_back(
      "access-control-allow-headers",
      "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
      "Last-Event-ID, X-Syncline-App");
  response.headers.emplace_back("access-control-max-age", "600");
  return response;
}

Client client_of(const http::Request& request, const std::string& peer,
                 const std::vector<std::string>& trusted_proxies) {
  Client client{peer, false};
  if (!contains(trusted_proxies, peer)) return client;
  client.secure = same_text(trim(request.header("x-forwarded-proto")), "https");
  for (auto header = request.headers.rbegin(); header != request.headers.rend(); ++header) {
    if (header->first != "x-forwarded-for") continue;
    std::string_view rest = header->second;
    while (!rest.empty()) {
      const auto comma = rest.rfind(',');
      const auto last = trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
      if (last.empty()) continue;
      client.address = last.substr(0, 64);
      if (!contains(trusted_proxies, last)) return client;
    }
  }
  return client;
}

}  // namespace syncline::server::net
