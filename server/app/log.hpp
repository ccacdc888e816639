// Structured log: one JSON object per line on stderr, for people with `jq` and for collectors alike.
// Thread rule: thread-safe; lines never mix.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace syncline::server::app {

enum class Level : std::uint8_t { info, warning, error };

class LogValue {
 public:
  LogValue(std::string_view text) : text_(text) {}
  LogValue(const std::string& text) : text_(text) {}
  LogValue(const char* text) : text_(text) {}
  LogValue(std::uint64_t number) : text_(std::to_string(number)), is_number_(true) {}
  LogValue(std::int64_t number) : text_(std::to_string(number)), is_number_(true) {}
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool is_number() const { return is_number_; }

 private:
  std::string text_;
  bool is_number_ = false;
};

// {"at":"…","level":"info","event":"connected","user":"…"}. Bytes that are not UTF-8 are replaced.
void log(Level level, std::string_view event,
         std::initializer_list<std::pair<std::string_view, LogValue>> fields = {});

}  // namespace syncline::server::app
