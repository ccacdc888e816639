#include "server/net/connection.hpp"

namespace syncline::server::net {

http::Response problem(int status, std::string_view code, std::string_view title,
                       std::string_view detail) {
  // The texts are ours, without quotes and control characters: no JSON library is needed to write them.
  std::string body = R"({"type":"urn:syncline:error:)";
  body.append(code).append(R"(","title":")").append(title);
  body.append(R"(","status":)").append(std::to_string(status));
  body.append(R"(,"detail":")")
      .append(detail)
      .append(R"(","code":")")
      .append(code)
      .append(R"(","errors":[]})");
  return {status,
          {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}},
          std::move(body)};
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace syncline::server::net
