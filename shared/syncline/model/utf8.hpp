// UTF-8, one code point at a time. The decoder takes any bytes: what is not UTF-8 reads as U+FFFD, byte by byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace syncline::model {

inline constexpr char32_t kReplacement = 0xfffd;

// The code point at `at`, which moves past it. REQUIRES: at < text.size()
[[nodiscard]] char32_t decode_utf8(std::string_view text, std::size_t& at);
// As decode_utf8, but says whether the bytes were valid (a real U+FFFD is).
[[nodiscard]] char32_t decode_utf8(std::string_view text, std::size_t& at, bool& valid);
// REQUIRES: a code point below 0x110000, no surrogate
void append_utf8(std::string& out, char32_t code_point);
[[nodiscard]] bool is_ascii(std::string_view text);
// Without white space (Unicode's, too) at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace syncline::model
