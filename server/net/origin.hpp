// Who may call from a browser: the server's own pages and those of --allow-origin; one rule for REST, streams and sockets
// (SEMANTICS 36). And who the client is: behind a trusted proxy the proxy says so. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.hpp"

namespace syncline::server::net {

enum class Origin : std::uint8_t {
  none,     // not from a page: a program, or a navigation
  own,      // the server's own pages
  allowed,  // --allow-origin
  foreign,
};
[[nodiscard]] Origin judge_origin(std::string_view origin, std::string_view host,
                                  const std::vector<std::string>& allowed);

// Answers for a page of another origin: who may read it. Adds Vary too.
void add_cors(http::Response& response, std::string_view origin);
// The answer to a preflight request of an allowed origin.
[[nodiscard]] http::Response preflight_answer(std::string_view origin);

struct Client {
  std::string address;
  bool secure = false;
};
// Who sent this. X-Forwarded-For and -Proto count only when the peer is a trusted proxy; then the last address that is no
// trusted proxy itself is the client.
[[nodiscard]] Client client_of(const http::Request& request, const std::string& peer,
                               const std::vector<std::string>& trusted_proxies);

}  // namespace syncline::server::net
