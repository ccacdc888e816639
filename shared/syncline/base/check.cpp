#include "syncline/base/check.hpp"

#include <string>

namespace syncline::base {

void check_failed(const char* expression, const char* message, const char* file, int line) {
  std::string text = message;
  if (*expression != '\0') text.append(" (").append(expression).append(")");
  throw CheckFailure(text.append(" at ").append(file) + ":" + std::to_string(line));
}

}  // namespace syncline::base
