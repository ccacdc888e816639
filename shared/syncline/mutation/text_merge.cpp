#include "syncline/mutation/text_merge.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace syncline::mutation {
namespace {

using Lines = std::vector<std::string_view>;

// Lines of the base [begin, end) replaced by lines of the changed text [from, to).
struct Hunk {
  std::size_t begin = 0, end = 0;
  std::size_t from = 0, to = 0;
};

// Above this many cells of the table a region counts as one change: a text of 20,000 characters never takes longer than
// a few milliseconds.
constexpr std::size_t kTableCellsMax = 4'000'000;

// Each line with its line feed; the last one may lack it.
Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t at = text.find('\n');
    const std::size_t length = at == std::string_view::npos ? text.size() : at + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

void add(std::vector<Hunk>& hunks, const Hunk& hunk) {
  if (!hunks.empty() && hunks.back().end == hunk.begin && hunks.back().to == hunk.from) {
    hunks.back().end = hunk.end;
    hunks.back().to = hunk.to;
  } else {
    hunks.push_back(hunk);
  }
}

// Longest common subsequence of base[b0, b1) and text[t0, t1), read off as hunks between its members.
void compare_middle(const Lines& base, const Lines& text, std::size_t b0, std::size_t b1,
                    std::size_t t0, std::size_t t1, std::vector<Hunk>& hunks) {
  const std::size_t rows = b1 - b0;
  const std::size_t columns = t1 - t0;
  if (rows == 0 && columns == 0) return;
  if (rows == 0 || columns == 0 || rows * columns > kTableCellsMax) {
    add(hunks, Hunk{b0, b1, t0, t1});
    return;
  }
  std::vector<std::uint32_t> table((rows + 1) * (columns + 1), 0);
  const auto cell = [&table, columns](std::size_t r, std::size_t c) -> std::uint32_t& {
    return table[r * (columns + 1) + c];
  };
  for (std::size_t r = rows; r-- > 0;) {
    for (std::size_t c = columns; c-- > 0;) {
      cell(r, c) = base[b0 + r] == text[t0 + c] ? cell(r + 1, c + 1) + 1
                                                : std::max(cell(r + 1, c), cell(r, c + 1));
    }
  }
  std::size_t r = 0;
  std::size_t c = 0;
  while (r < rows || c < columns) {
    if (r < rows && c < columns && base[b0 + r] == text[t0 + c]) {
      ++r;
      ++c;
    } else if (c == columns || (r < rows && cell(r + 1, c) >= cell(r, c + 1))) {
      add(hunks, Hunk{b0 + r, b0 + r + 1, t0 + c, t0 + c});
      ++r;
    } else {
      add(hunks, Hunk{b0 + r, b0 + r, t0 + c, t0 + c + 1});
      ++c;
    }
  }
}

std::vector<Hunk> compare(const Lines& base, const Lines& text) {
  const std::size_t shorter = std::min(base.size(), text.size());
  std::size_t head = 0;
  while (head < shorter && base[head] == text[head]) ++head;
  std::size_t tail = 0;
  while (tail < shorter - head && base[base.size() - 1 - tail] == text[text.size() - 1 - tail]) {
    ++tail;
  }
  std::vector<Hunk> hunks;
  compare_middle(base, text, head, base.size() - tail, head, text.size() - tail, hunks);
  return hunks;
}

bool same(const Hunk& a, const Lines& a_text, const Hunk& b, const Lines& b_text) {
  return a.begin == b.begin && a.end == b.end && a.to - a.from == b.to - b.from &&
         std::equal(a_text.begin() + static_cast<std::ptrdiff_t>(a.from),
                    a_text.begin() + static_cast<std::ptrdiff_t>(a.to),
                    b_text.begin() + static_cast<std::ptrdiff_t>(b.from));
}

// Adjoining counts as overlapping: what stands side by side belongs together.
bool overlap(const Hunk& a, const Hunk& b) { return a.begin <= b.end && b.begin <= a.end; }

void append(std::string& out, const Lines& lines, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    // A line without its line feed was the last of its text; it is not the last here.
    if (!out.empty() && out.back() != '\n') out.push_back('\n');
    out.append(lines[i]);
  }
}

}  // namespace

std::optional<std::string> merge_text(std::string_view base, std::string_view mine,
                                      std::string_view theirs) {
  if (mine == theirs || theirs == base) return std::string(mine);
  if (mine == base) return std::string(theirs);
  const Lines base_lines = split(base);
  const Lines my_lines = split(mine);
  const Lines their_lines = split(theirs);
  const std::vector<Hunk> my_hunks = compare(base_lines, my_lines);
  const std::vector<Hunk> their_hunks = compare(base_lines, their_lines);
  std::string out;
  std::size_t at = 0;  // base lines before it are in `out`
  std::size_t m = 0;
  std::size_t t = 0;
  while (m < my_hunks.size() || t < their_hunks.size()) {
    const Hunk* my_hunk = m < my_hunks.size() ? &my_hunks[m] : nullptr;
    const Hunk* their_hunk = t < their_hunks.size() ? &their_hunks[t] : nullptr;
    bool mine_next = their_hunk == nullptr;
    if (my_hunk != nullptr && their_hunk != nullptr) {
      if (same(*my_hunk, my_lines, *their_hunk, their_lines)) {
        ++t;
        mine_next = true;
      } else if (overlap(*my_hunk, *their_hunk)) {
        return std::nullopt;
      } else {
        mine_next = my_hunk->begin < their_hunk->begin;
      }
    }
    const Hunk& next = mine_next ? *my_hunk : *their_hunk;
    append(out, base_lines, at, next.begin);
    append(out, mine_next ? my_lines : their_lines, next.from, next.to);
    at = next.end;
    ++(mine_next ? m : t);
  }
  append(out, base_lines, at, base_lines.size());
  return out;
}

}  // namespace syncline::mutation
