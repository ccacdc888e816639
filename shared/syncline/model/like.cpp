// LIKE: the classic scan with one remembered '%', linear for most patterns, text × pattern at worst.
#include <vector>

#include "syncline/model/collation.hpp"
#include "syncline/model/order.hpp"

namespace syncline::model {
namespace {

constexpr char32_t kAnyRun = 0x110000;  // beyond Unicode, so that no text contains them
constexpr char32_t kAnyOne = 0x110001;

// Folded code points, with % and _ as kAnyRun and kAnyOne unless a \ escapes them.
std::vector<char32_t> parse_pattern(std::string_view pattern) {
  std::vector<char32_t> tokens;
  tokens.reserve(pattern.size());
  for (std::size_t at = 0; at < pattern.size();) {
    const bool escaped = pattern[at] == '\\' && at + 1 < pattern.size();
    if (escaped) ++at;
    if (!escaped && (pattern[at] == '%' || pattern[at] == '_')) {
      tokens.push_back(pattern[at++] == '%' ? kAnyRun : kAnyOne);
      continue;
    }
    const std::size_t start = at;
    static_cast<void>(decode_utf8(pattern, at));
    FoldedReader reader(pattern.substr(start, at - start));
    for (char32_t c = reader.next(); c != FoldedReader::kEnd; c = reader.next())
      tokens.push_back(c);
  }
  return tokens;
}

template <class CodePointAt>
bool matches(std::size_t text_size, CodePointAt text, const std::vector<char32_t>& pattern) {
  std::size_t t = 0;
  std::size_t p = 0;
  bool seen_run = false;
  std::size_t after_run = 0;  // pattern position after the last %
  std::size_t run_end = 0;    // text position that % is tried up to
  while (t < text_size) {
    if (p < pattern.size() && pattern[p] == kAnyRun) {
      seen_run = true;
      after_run = ++p;
      run_end = t;
    } else if (p < pattern.size() && (pattern[p] == kAnyOne || pattern[p] == text(t))) {
      ++p;
      ++t;
    } else if (seen_run) {
      p = after_run;
      t = ++run_end;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == kAnyRun) ++p;
  return p == pattern.size();
}

}  // namespace

bool like(std::string_view text, std::string_view pattern) {
  const std::vector<char32_t> tokens = parse_pattern(pattern);
  if (is_ascii(text)) {
    const auto at = [text](std::size_t i) {
      return fold_ascii(static_cast<std::uint8_t>(text[i]));
    };
    return matches(text.size(), at, tokens);
  }
  std::vector<char32_t> folded;
  folded.reserve(text.size());
  FoldedReader reader(text);
  for (char32_t c = reader.next(); c != FoldedReader::kEnd; c = reader.next()) folded.push_back(c);
  return matches(
      folded.size(), [&folded](std::size_t i) { return folded[i]; }, tokens);
}

}  // namespace syncline::model
