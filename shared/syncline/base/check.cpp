#include "syncline/base/check.hpp"

#include <string>

namespace syncline::base {

void check_failed(const char* expression, const char* message, const char* file, int line) {
  throw CheckFailure(std::string(message) + " (" + expression + ") at " + file + ":" +
                     std::to_string(line));
}

}  // namespace syncline::base
