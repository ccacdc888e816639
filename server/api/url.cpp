#include "server/api/url.hpp"

#include <cstdint>
#include <set>

#include "syncline/model/order.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Calls visit(part) for every part between separators.
template <class Visit>
base::Status split(std::string_view text, char separator, const Visit& visit) {
  while (true) {
    const std::size_t at = text.find(separator);
    SYNC_TRY(visit(text.substr(0, at)));
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + 1);
  }
}

}  // namespace

base::Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return Error(Code::malformed, "The address has broken percent-encoding.");
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  if (!model::is_valid_utf8(out) || out.find('\0') != std::string::npos) {
    return Error(Code::malformed, "The address holds bytes that are no UTF-8 text.");
  }
  return out;
}

base::Result<Target> parse_target(std::string_view text) {
  Target target;
  text = text.substr(0, text.find('#'));
  const std::size_t question = text.find('?');
  SYNC_TRY(split(text.substr(0, question), '/', [&](std::string_view part) -> base::Status {
    if (part.empty()) return {};
    SYNC_ASSIGN(std::string segment, percent_decode(part, false));
    target.segments.push_back(std::move(segment));
    return {};
  }));
  if (question == std::string_view::npos) return target;
  std::set<std::string> names;
  SYNC_TRY(split(text.substr(question + 1), '&', [&](std::string_view part) -> base::Status {
    if (part.empty()) return {};
    const std::size_t equals = part.find('=');
    SYNC_ASSIGN(std::string name, percent_decode(part.substr(0, equals), true));
    std::string_view raw =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    SYNC_ASSIGN(std::string value, percent_decode(raw, true));
    // Which of two would count is a guess that no caller should depend on.
    if (!names.insert(name).second) return Error(Code::malformed, name + " is given twice.", name);
    target.parameters.emplace_back(std::move(name), std::move(value));
    return {};
  }));
  return target;
}

std::string base64url_encode(std::string_view bytes) {
  std::string out;
  std::uint32_t window = 0;
  int bits = 0;
  for (const char c : bytes) {
    window = (window << 8) | static_cast<std::uint8_t>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out.push_back(kBase64[(window >> bits) & 63]);
    }
  }
  if (bits > 0) out.push_back(kBase64[(window << (6 - bits)) & 63]);
  return out;
}

base::Result<std::string> base64url_decode(std::string_view text) {
  std::string out;
  std::uint32_t window = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos)
      return Error(Code::malformed, "This is no base64url text.");
    window = (window << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>((window >> bits) & 255));
    }
  }
  return out;
}

}  // namespace syncline::server::api
