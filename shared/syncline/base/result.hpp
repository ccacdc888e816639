// Result<T>: a value or an Error. Status: success or an Error. Neither may be dropped silently.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "syncline/base/check.hpp"
#include "syncline/base/error.hpp"

namespace syncline::base {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok()
  [[nodiscard]] T& value() & {
    SYNC_CHECK(ok(), "value() of a failed Result");
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    SYNC_CHECK(ok(), "value() of a failed Result");
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    SYNC_CHECK(ok(), "value() of a failed Result");
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok()
  [[nodiscard]] const Error& error() const {
    SYNC_CHECK(!ok(), "error() of a successful Result");
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  // REQUIRES: !ok()
  [[nodiscard]] const Error& error() const {
    SYNC_CHECK(!ok(), "error() of a successful Status");
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

// Returns the error of `expression` (a Status or Result) from the enclosing function.
#define SYNC_TRY(expression)                                   \
  do {                                                         \
    auto&& sync_try_status = (expression);                     \
    if (!sync_try_status.ok()) return sync_try_status.error(); \
  } while (false)

#define SYNC_CONCAT_INNER(a, b) a##b
#define SYNC_CONCAT(a, b) SYNC_CONCAT_INNER(a, b)
// NOLINTBEGIN(bugprone-macro-parentheses): these arguments are declared here, not expressions
#define SYNC_ASSIGN_IMPL(temp, declaration, expression) \
  auto temp = (expression);                             \
  if (!temp.ok()) return temp.error();                  \
  declaration = std::move(temp).value()
// NOLINTEND(bugprone-macro-parentheses)
// SYNC_ASSIGN(auto x, f()): x = value of f(), or returns its error.
#define SYNC_ASSIGN(declaration, expression) \
  SYNC_ASSIGN_IMPL(SYNC_CONCAT(sync_assign_, __LINE__), declaration, expression)

}  // namespace syncline::base
