// SYNC_CHECK: always-on check for bugs (never for data from outside). A failed check throws CheckFailure, which ends the
// instance: the WASM ABI reports it as a typed error and refuses further calls; the server lets it terminate the process.
#pragma once

#include <stdexcept>

namespace syncline::base {

struct CheckFailure : std::logic_error {
  using std::logic_error::logic_error;
};

[[noreturn]] void check_failed(const char* expression, const char* message, const char* file,
                               int line);

}  // namespace syncline::base

#define SYNC_CHECK(condition, message)                                                         \
  do {                                                                                         \
    if (!(condition)) ::syncline::base::check_failed(#condition, message, __FILE__, __LINE__); \
  } while (false)
