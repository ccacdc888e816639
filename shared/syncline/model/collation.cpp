#include "syncline/model/collation.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "syncline/model/order.hpp"

namespace syncline::model {
namespace {

#include "syncline/model/collation_table.inc"

constexpr char32_t kPoolFirst = 0xe000;
constexpr char32_t kPoolLast = 0xf8ff;

enum class Kind : std::uint8_t { ignored, letter, digit, other };  // as in the table

// LEB128, of the generated table only.
class Varints {
 public:
  explicit Varints(const std::uint8_t* at) : at_(at) {}
  std::uint32_t next() {
    std::uint32_t number = 0;
    for (int shift = 0;; shift += 7) {
      const std::uint8_t byte = *at_++;
      number |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
  }

 private:
  const std::uint8_t* at_;
};
std::int32_t from_zigzag(std::uint32_t number) {
  return static_cast<std::int32_t>(number >> 1) ^ -static_cast<std::int32_t>(number & 1);
}

// The table as it is looked up in.
struct Tables {
  // Page (code point / 256) to its first entry in `keys` and `values`; one more for the end.
  std::array<std::uint16_t, kPageCount + 1> pages{};
  // The low byte of each code point that folds to something else, ascending within its page.
  std::array<std::uint8_t, kFoldCount> keys{};
  // What it folds to: one UTF-16 unit, or kPoolFirst + an index into `pool`.
  std::array<std::uint16_t, kFoldCount> values{};
  // Sequences: length, then as many UTF-16 units.
  std::array<std::uint16_t, kPoolCount> pool{};
  std::array<std::uint32_t, kKindCount> kind_starts{};

  Tables() {
    read_pool();
    read_folds();
    Varints gaps(kKindGaps);
    std::uint32_t start = 0;
    for (std::uint32_t& each : kind_starts) each = start += gaps.next();
  }

 private:
  void read_pool() {
    const std::uint16_t* unit = kPoolUnits;
    std::size_t at = 0;
    for (const std::uint8_t length : kPoolLengths) {
      pool[at++] = length;
      for (std::size_t left = length; left > 0; --left) pool[at++] = *unit++;
    }
  }
  void read_folds() {
    Varints gaps(kFoldGaps);
    Varints targets(kFoldTargets);
    std::uint32_t point = 0;
    std::int32_t shift = 0;
    std::int32_t unused = 0;
    for (std::size_t i = 0; i < kFoldCount; ++i) {
      point += gaps.next();
      keys[i] = static_cast<std::uint8_t>(point & 0xff);
      pages[(point >> 8) + 1] = static_cast<std::uint16_t>(i + 1);
      const std::uint32_t target = targets.next();
      const std::int32_t difference = from_zigzag(target >> 1);
      if ((target & 1) == 0) {
        shift += difference;
        values[i] = static_cast<std::uint16_t>(static_cast<std::int32_t>(point) + shift);
        continue;
      }
      const std::int32_t at = unused + difference;
      values[i] = static_cast<std::uint16_t>(static_cast<std::int32_t>(kPoolFirst) + at);
      if (at >= unused) unused = at + pool[static_cast<std::size_t>(at)] + 1;
    }
    // A page without any begins where the one before it ends.
    for (std::size_t page = 1; page <= kPageCount; ++page)
      pages[page] = std::max(pages[page], pages[page - 1]);
  }
};
// Made at the first text that is not ASCII.
const Tables& tables() {
  static const Tables made;
  return made;
}

Kind kind_of(char32_t c) {
  const auto& starts = tables().kind_starts;
  const auto after = std::upper_bound(starts.begin(), starts.end(), c * 4 + 3);
  return after == starts.begin() ? Kind::letter : static_cast<Kind>(after[-1] & 3);
}

// Ideographs and Hangul syllables fold to themselves and are letters: no look-up for long CJK texts.
bool is_plain_cjk(char32_t c) {
  return (c >= 0x3400 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3);
}

// The table's value for a code point, or 0.
std::uint16_t fold_value(char32_t c) {
  const std::size_t page = c >> 8;
  if (page >= kPageCount) return 0;
  const Tables& table = tables();
  const std::uint8_t* keys = table.keys.data();
  const auto* first = keys + table.pages[page];
  const auto* last = keys + table.pages[page + 1];
  const auto low = static_cast<std::uint8_t>(c & 0xff);
  const auto* found = std::lower_bound(first, last, low);
  return found != last && *found == low ? table.values[static_cast<std::size_t>(found - keys)] : 0;
}

bool is_ascii_letter(char32_t c) { return c >= 'a' && c <= 'z'; }
bool is_ascii_digit(char32_t c) { return c >= '0' && c <= '9'; }

// Others < digits < letters, each by code point. Injective. REQUIRES: folded
char32_t weight(char32_t c) {
  constexpr char32_t kDigit = 1u << 24;
  constexpr char32_t kLetter = 2u << 24;
  if (c < 0x80) return c | (is_ascii_letter(c) ? kLetter : is_ascii_digit(c) ? kDigit : 0);
  if (is_plain_cjk(c)) return c | kLetter;
  switch (kind_of(c)) {
    case Kind::letter: return c | kLetter;
    case Kind::digit: return c | kDigit;
    case Kind::ignored:
    case Kind::other: break;
  }
  return c;
}

// Order of folded ASCII bytes; 0xff for the rest. Equal rank = equal under the collation.
constexpr std::array<std::uint8_t, 256> make_ascii_ranks() {
  std::array<std::uint8_t, 256> ranks{};
  for (auto& rank : ranks) rank = 0xff;
  std::uint8_t next = 0;
  for (std::size_t c = 0; c < 0x80; ++c) {
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!alphanumeric) ranks[c] = next++;
  }
  for (std::size_t c = '0'; c <= '9'; ++c) ranks[c] = next++;
  for (std::size_t c = 'a'; c <= 'z'; ++c) ranks[c] = ranks[c - 'a' + 'A'] = next++;
  return ranks;
}
constexpr auto kAsciiRanks = make_ascii_ranks();

int collate_folded(FoldedReader a, FoldedReader b) {
  for (;;) {
    const char32_t left = a.next();
    const char32_t right = b.next();
    if (left == right) {
      if (left == FoldedReader::kEnd) return 0;
      continue;
    }
    if (left == FoldedReader::kEnd) return -1;
    if (right == FoldedReader::kEnd) return 1;
    return weight(left) < weight(right) ? -1 : 1;
  }
}

}  // namespace

char32_t FoldedReader::next() {
  for (;;) {
    if (pending_count_ > 0) {
      --pending_count_;
      const char32_t unit = *pending_++;
      if (unit < 0xd800 || unit > 0xdbff) return unit;
      --pending_count_;
      return 0x10000 + ((unit - 0xd800) << 10) + (*pending_++ - 0xdc00);
    }
    if (at_ >= text_.size()) return kEnd;
    const char32_t c = decode_utf8(text_, at_);
    if (c < 0x80) return fold_ascii(static_cast<std::uint8_t>(c));
    if (is_plain_cjk(c)) return c;
    const std::uint16_t value = fold_value(c);
    if (value == 0) {
      if (kind_of(c) != Kind::ignored) return c;
    } else if (value < kPoolFirst || value > kPoolLast) {
      return value;
    } else {
      pending_ = tables().pool.data() + (value - kPoolFirst) + 1;
      pending_count_ = pending_[-1];
    }
  }
}

int collate(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto left = static_cast<std::uint8_t>(a[i]);
    const auto right = static_cast<std::uint8_t>(b[i]);
    if ((left | right) >= 0x80) return collate_folded(FoldedReader(a, i), FoldedReader(b, i));
    const int difference = kAsciiRanks[left] - kAsciiRanks[right];
    if (difference == 0) continue;
    return difference;
  }
  if (a.size() == b.size()) return 0;
  // The longer one may go on with nothing but marks, which do not count.
  return collate_folded(FoldedReader(a, common), FoldedReader(b, common));
}

int compare_text(std::string_view a, std::string_view b) {
  const int by_collation = collate(a, b);
  return by_collation != 0 ? by_collation : a.compare(b);
}

std::string fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  FoldedReader reader(text);
  for (char32_t c = reader.next(); c != FoldedReader::kEnd; c = reader.next()) append_utf8(out, c);
  return out;
}

}  // namespace syncline::model
