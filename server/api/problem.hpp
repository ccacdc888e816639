// Answers: problem+json (RFC 9457) for every error, and the small helpers that make ordinary ones.
#pragma once

#include <string>

#include "server/api/json.hpp"
#include "server/http/message.hpp"
#include "syncline/base/error.hpp"
#include "syncline/model/change.hpp"

namespace syncline::server::api {

[[nodiscard]] http::Response problem(const base::Error& error);
// The same error under another status (405, 412, 406); `title` for people.
[[nodiscard]] http::Response problem(int status, std::string_view title, const base::Error& error);
// A verdict that is no success: 409 with the conflicts, or the rejection's problem.
[[nodiscard]] http::Response problem(const model::Schema& schema, const model::Verdict& verdict);

[[nodiscard]] http::Response json_answer(int status, const OutJson& body);
// Replaces what is there.
void set_header(http::Response& response, std::string_view name, std::string value);
// "\"17\""
[[nodiscard]] std::string etag(model::Version version);

}  // namespace syncline::server::api
