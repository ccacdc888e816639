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

// The folder names a machine, not the product. In the browser's module the message has to do: each condition's text would travel
// to every browser.
#ifdef __FILE_NAME__
#define SYNCLINE_FILE __FILE_NAME__
#else
#define SYNCLINE_FILE __FILE__
#endif
#if defined(__EMSCRIPTEN__) && defined(NDEBUG)
#define SYNCLINE_CONDITION(condition) ""
#else
#define SYNCLINE_CONDITION(condition) #condition
#endif

#define SYNC_CHECK(condition, message)                                                      \
  do {                                                                                      \
    if (!(condition))                                                                       \
      ::syncline::base::check_failed(SYNCLINE_CONDITION(condition), message, SYNCLINE_FILE, \
                                     __LINE__);                                             \
  } while (false)
