// Folding, code point by code point: what collate(), fold() and like() of order.hpp share.
#pragma once

#include <cstdint>
#include <string_view>

#include "syncline/model/utf8.hpp"

namespace syncline::model {

// Reads a text as its folded code points. Allocates nothing; the text must outlive it.
class FoldedReader {
 public:
  static constexpr char32_t kEnd = 0xffffffff;

  explicit FoldedReader(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}
  // The next folded code point, or kEnd.
  char32_t next();

 private:
  std::string_view text_;
  std::size_t at_;
  const std::uint16_t* pending_ = nullptr;  // rest of a sequence, in UTF-16
  std::uint16_t pending_count_ = 0;
};

// 'A' to 'a'; everything else stays.
[[nodiscard]] constexpr char32_t fold_ascii(std::uint8_t c) {
  return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

}  // namespace syncline::model
