// What RFC 9110 and 9112 ask of every server, whatever it serves: the forms of a target, and what Allow and OPTIONS say.
// Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace syncline::server::net {

struct RequestTarget {
  std::string path;       // path and query; "*" when the server as a whole is meant
  std::string authority;  // of the absolute form, where it counts instead of Host; "" otherwise
};
// nullopt: none of the forms that a server answers (RFC 9112, 3.2).
[[nodiscard]] std::optional<RequestTarget> parse_request_target(std::string_view target);

// Does a comma-separated header name this item?
[[nodiscard]] bool lists(std::string_view header, std::string_view item);

// The methods that a handler named, and those that the edge adds to them: it makes HEAD from GET and answers OPTIONS.
[[nodiscard]] std::string completed_allow(std::string_view allow);
// The answer to OPTIONS where a handler answers these methods.
[[nodiscard]] http::Response options_answer(std::string_view allow);
// The last word on a response: completes its Allow, and where an OPTIONS request was refused as a method like any other,
// turns the refusal into the answer.
void finish_allow(http::Response& response, bool is_options);

}  // namespace syncline::server::net
