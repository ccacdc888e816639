// Error values. Every failure that data can reach is an Error with a stable code; the codes are listed here and nowhere
// else (API docs, problem+json and TypeScript are generated from this list). Bugs go to check.hpp instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "syncline/base/fields.hpp"

namespace syncline::base {

// X(name, HTTP status of the REST edge, one line of meaning). Never renumber or reuse; add at the end.
#define SYNCLINE_ERROR_CODES(X)                                                     \
  X(ok, 200, "no error")                                                            \
  X(malformed, 400, "bytes, JSON or parameters that cannot be understood")          \
  X(unknown_parameter, 400, "a query parameter or message field nobody knows")      \
  X(unauthenticated, 401, "no valid access token")                                  \
  X(token_expired, 401, "the access token has expired")                             \
  X(bad_credentials, 401, "e-mail or password is wrong")                            \
  X(refresh_reused, 401, "a refresh token was used twice; the session has ended")   \
  X(forbidden, 403, "the role lacks the right to do this")                          \
  X(not_found, 404, "no such record, or not visible to this user")                  \
  X(conflict, 409, "somebody else changed a written field since the base version")  \
  X(precondition_failed, 412, "If-Match or If-None-Match does not hold")            \
  X(too_large, 413, "body, frame, page or result exceeds its limit")                \
  X(invalid, 422, "one or more fields do not satisfy their rules")                  \
  X(required, 422, "a required field is missing")                                   \
  X(unknown_field, 422, "the collection has no such field")                         \
  X(wrong_type, 422, "the value has the wrong type for its field")                  \
  X(out_of_range, 422, "the value is outside the field's range or length")          \
  X(not_unique, 422, "another record already has this value")                       \
  X(bad_reference, 422, "the referenced record does not exist")                     \
  X(still_referenced, 422, "the record is still referenced and may not be deleted") \
  X(read_only, 422, "the field is written by the engine only")                      \
  X(illegal_transition, 422, "this state may not follow the current one")           \
  X(already_converted, 422, "the lead was converted before")                        \
  X(rule_violation, 422, "a business rule refuses the change")                      \
  X(idempotency_mismatch, 422, "the idempotency key was used with another body")    \
  X(rate_limited, 429, "too many requests; see Retry-After")                        \
  X(unavailable, 503, "the server cannot do this now")                              \
  X(storage_failed, 503, "the database refused a read or write")                    \
  X(unknown_mutator, 422, "no mutator has this name")                               \
  X(unknown_collection, 404, "no collection has this name")                         \
  X(out_of_order, 409, "a mutation sequence was skipped")                           \
  X(client_expired, 409, "the server no longer knows this client id")               \
  X(upgrade_required, 400, "the peer speaks another protocol version or schema")    \
  X(query_too_costly, 422, "the query exceeds a limit named in the detail")         \
  X(needs_server, 422, "the outcome depends on rows this replica does not hold")    \
  X(division_by_zero, 422, "a decimal was divided by zero")                         \
  X(overflow, 422, "a number left the range of its type")                           \
  X(internal, 500, "a bug in Syncline")                                             \
  X(method_not_allowed, 405, "the address does not answer this method; see Allow")

enum class Code : std::uint16_t {
#define X(name, status, meaning) name,
  SYNCLINE_ERROR_CODES(X)
#undef X
};

[[nodiscard]] std::string_view to_string(Code code);
[[nodiscard]] std::string_view meaning(Code code);
[[nodiscard]] int http_status(Code code);
// The code with this name, or Code::internal when there is none.
[[nodiscard]] Code code_from_name(std::string_view name);
[[nodiscard]] Code code_from_number(std::uint16_t number);

// One field's complaint inside an Error (API.md: errors[]).
struct FieldError {
  std::string field;
  Code code = Code::invalid;
  std::string message;
  bool operator==(const FieldError&) const = default;
  SYNCLINE_FIELDS(field, code, message)
};

// A failure as a value: stable code, a sentence for people (sentence case, says what to do), the fields concerned.
struct Error {
  Code code = Code::internal;
  std::string message;
  std::vector<FieldError> fields;

  Error() = default;
  Error(Code c, std::string m) : code(c), message(std::move(m)) {}
  // An error about one field: it is also listed in `fields`.
  Error(Code c, std::string m, std::string field) : code(c), message(m) {
    fields.push_back(FieldError{std::move(field), c, std::move(m)});
  }
  bool operator==(const Error&) const = default;
  SYNCLINE_FIELDS(code, message, fields)
};

}  // namespace syncline::base
