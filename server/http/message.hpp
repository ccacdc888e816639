// An HTTP exchange as plain values. Below api (which answers) and net (which moves bytes), so that neither knows the other.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace syncline::server::http {

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case

struct Request {
  std::string method;   // "GET"
  std::string target;   // as sent: path and query, percent-encoded
  Headers headers;
  std::string body;
  std::string address;  // of the client, after --trusted-proxy
  bool secure = false;

  // "" when absent. `name` in lower case.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

// Called exactly once, from any thread.
using Respond = std::function<void(Response)>;

}  // namespace syncline::server::http
