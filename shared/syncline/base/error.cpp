#include "syncline/base/error.hpp"

#include <array>

namespace syncline::base {
namespace {

struct Row {
  std::string_view name;
  int status;
  std::string_view meaning;
};

constexpr Row kRows[] = {
#define X(name, status, meaning) Row{#name, status, meaning},
    SYNCLINE_ERROR_CODES(X)
#undef X
};

constexpr std::size_t kCount = sizeof(kRows) / sizeof(kRows[0]);

const Row& row(Code code) {
  const auto index = static_cast<std::size_t>(code);
  return kRows[index < kCount ? index : static_cast<std::size_t>(Code::internal)];
}

}  // namespace

std::string_view to_string(Code code) { return row(code).name; }
std::string_view meaning(Code code) { return row(code).meaning; }
int http_status(Code code) { return row(code).status; }

Code code_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (kRows[i].name == name) return static_cast<Code>(i);
  }
  return Code::internal;
}

Code code_from_number(std::uint16_t number) {
  return number < kCount ? static_cast<Code>(number) : Code::internal;
}

}  // namespace syncline::base
