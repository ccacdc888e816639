#include "syncline/model/utf8.hpp"

#include "syncline/base/bytes.hpp"
#include "syncline/model/order.hpp"

namespace syncline::model {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

// Bytes of the sequence that starts with `lead`; 0 when none does.
std::size_t sequence_length(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;  // a continuation, or an overlong form
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000 || c == 0xfeff;
}

}  // namespace

char32_t decode_utf8(std::string_view text, std::size_t& at, bool& valid) {
  const std::uint8_t lead = byte_at(text, at);
  const std::size_t length = sequence_length(lead);
  valid = true;
  if (length == 1) {
    ++at;
    return lead;
  }
  if (length != 0 && length <= text.size() - at) {
    char32_t code_point = lead & (0x7f >> length);
    bool continued = true;
    for (std::size_t i = 1; i < length; ++i) {
      const std::uint8_t next = byte_at(text, at + i);
      continued = continued && (next & 0xc0) == 0x80;
      code_point = (code_point << 6) | (next & 0x3f);
    }
    const char32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (continued && code_point >= least && code_point < 0x110000 && !surrogate) {
      at += length;
      return code_point;
    }
  }
  valid = false;
  ++at;
  return kReplacement;
}

char32_t decode_utf8(std::string_view text, std::size_t& at) {
  bool valid = true;
  return decode_utf8(text, at, valid);
}

void append_utf8(std::string& out, char32_t c) {
  const auto push = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xc0 | (c >> 6));
    push(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    push(0xe0 | (c >> 12));
    push(0x80 | ((c >> 6) & 0x3f));
    push(0x80 | (c & 0x3f));
  } else {
    push(0xf0 | (c >> 18));
    push(0x80 | ((c >> 12) & 0x3f));
    push(0x80 | ((c >> 6) & 0x3f));
    push(0x80 | (c & 0x3f));
  }
}

bool is_ascii(std::string_view text) {
  const std::uint8_t* p = base::as_bytes(text).data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, p += 8) {
    if ((base::load_le<std::uint64_t>(p) & 0x8080808080808080ULL) != 0) return false;
  }
  for (; left > 0; --left, ++p) {
    if (*p >= 0x80) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  std::size_t first = 0;
  while (first < text.size()) {
    std::size_t next = first;
    if (!is_space(decode_utf8(text, next))) break;
    first = next;
  }
  std::size_t end = first;  // behind the last code point that is no space
  for (std::size_t at = first; at < text.size();) {
    if (!is_space(decode_utf8(text, at))) end = at;
  }
  return text.substr(first, end - first);
}

bool is_valid_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  for (std::size_t at = 0; at < text.size();) {
    bool valid = true;
    static_cast<void>(decode_utf8(text, at, valid));
    if (!valid) return false;
  }
  return true;
}

std::size_t utf8_length(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<std::uint8_t>(c) & 0xc0) != 0x80;
  return count;
}

}  // namespace syncline::model
