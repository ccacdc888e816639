#include "syncline/model/text_format.hpp"

#include <algorithm>

namespace syncline::model {
namespace {

constexpr std::size_t kEmailLengthMax = 254;      // RFC 5321
constexpr std::size_t kEmailLocalLengthMax = 64;  // RFC 5321
constexpr std::size_t kPhoneLengthMax = 40;
constexpr std::size_t kPhoneDigitsMin = 3;  // emergency and short numbers

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_blank_or_control(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }

bool contains_any(std::string_view text, std::string_view characters) {
  return text.find_first_of(characters) != std::string_view::npos;
}

bool has_blank(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_blank_or_control);
}

// Labels with dots between them. Letters of other scripts are welcome.
bool is_host(std::string_view host, bool dot_needed) {
  if (host.empty() || host.front() == '.' || host.back() == '.' || host.front() == '-')
    return false;
  if (contains_any(host, "@/\\:?#<>()[]{}|\"'`,;!$&*=+%^~")) return false;
  if (host.find("..") != std::string_view::npos) return false;
  return !dot_needed || host.find('.') != std::string_view::npos;
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > kEmailLengthMax || has_blank(text))
    return false;
  const std::string_view local = text.substr(0, at);
  if (local.empty() || local.size() > kEmailLocalLengthMax ||
      contains_any(local, "@,;:<>()[]\"\\")) {
    return false;
  }
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) {
    return false;
  }
  return is_host(text.substr(at + 1), true);
}

bool starts_with_folded(std::string_view text, std::string_view lower_case_prefix) {
  if (text.size() < lower_case_prefix.size()) return false;
  return std::equal(
      lower_case_prefix.begin(), lower_case_prefix.end(), text.begin(),
      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b); });
}

// http(s)://host…, or a bare host with a dot ("example.com/about"). Other schemes are refused: the text becomes a link,
// and javascript: must not.
bool is_url(std::string_view text) {
  if (has_blank(text) || contains_any(text, "<>\"`\\")) return false;
  bool bare = true;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!bare || !starts_with_folded(text, scheme)) continue;
    text.remove_prefix(scheme.size());
    bare = false;
  }
  std::string_view host = text.substr(0, text.find_first_of("/?#"));
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit))
      return false;
    host = host.substr(0, colon);
  }
  return is_host(host, bare);
}

bool is_phone(std::string_view text) {
  if (text.size() > kPhoneLengthMax) return false;
  // An extension may follow: "+49 30 1234 ext. 12", "555-0100 x7".
  for (const std::string_view mark : {"ext.", "ext", "x"}) {
    const std::size_t found = text.find(mark);
    if (found == std::string_view::npos) continue;
    std::string_view extension = text.substr(found + mark.size());
    extension.remove_prefix(std::min(extension.find_first_not_of(' '), extension.size()));
    if (extension.empty() || !std::all_of(extension.begin(), extension.end(), is_digit))
      return false;
    text = text.substr(0, found);
    break;
  }
  const auto allowed = [](char c) {
    return is_digit(c) || std::string_view(" +-().,/*#").find(c) != std::string_view::npos;
  };
  if (!std::all_of(text.begin(), text.end(), allowed)) return false;
  const std::size_t plus = text.rfind('+');
  if (plus != std::string_view::npos && text.find_first_not_of(" (") != plus) return false;
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit)) >=
         kPhoneDigitsMin;
}

bool is_color(std::string_view text) {
  if ((text.size() != 4 && text.size() != 7) || text[0] != '#') return false;
  return std::all_of(text.begin() + 1, text.end(), is_hex);
}

bool is_currency(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) && c <= 'Z'; });
}

}  // namespace

bool has_format(TextFormat format, std::string_view text) {
  switch (format) {
    case TextFormat::plain: return true;
    case TextFormat::email: return is_email(text);
    case TextFormat::url: return is_url(text);
    case TextFormat::phone: return is_phone(text);
    case TextFormat::color: return is_color(text);
    case TextFormat::currency: return is_currency(text);
  }
  return false;
}

std::string_view format_hint(TextFormat format) {
  switch (format) {
    case TextFormat::plain: break;
    case TextFormat::email: return "Enter an e-mail address like name@example.com.";
    case TextFormat::url: return "Enter a web address like https://example.com.";
    case TextFormat::phone: return "Enter a phone number like +1 555 0100.";
    case TextFormat::color: return "Enter a color like #3366cc.";
    case TextFormat::currency: return "Enter a currency code of three capital letters, like EUR.";
  }
  return "Enter another text.";
}

}  // namespace syncline::model
