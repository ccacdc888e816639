#include "server/app/import/csv_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include <csv.h>

namespace syncline::server::app::import {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// What the parser's callbacks fill.
struct Collected {
  std::vector<CsvRow> rows;
  CsvRow current;
  bool row_begun = false;  // bytes of it were fed
};

void end_of_cell(void* data, std::size_t size, void* collected) {
  const auto* text = static_cast<const char*>(data);
  static_cast<Collected*>(collected)->current.cells.emplace_back(text, size);
}

void end_of_row(int, void* collected) {
  auto& all = *static_cast<Collected*>(collected);
  all.rows.push_back(std::exchange(all.current, {}));
  all.row_begun = false;
}

// The first line of the text with its end: "\n", "\r\n" or a lonely "\r".
std::string_view first_line(std::string_view text) {
  const std::size_t end = text.find_first_of("\r\n");
  if (end == std::string_view::npos) return text;
  const bool two = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
  return text.substr(0, end + (two ? 2 : 1));
}

class Parser {
 public:
  // Strict: a stray quote is an error to be reported, not text to be guessed at.
  explicit Parser(char delimiter) {
    SYNC_CHECK(csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) == 0,
               "csv_init fails only for wrong options");
    csv_set_delim(&parser_, static_cast<unsigned char>(delimiter));
  }
  ~Parser() { csv_free(&parser_); }
  Parser(const Parser&) = delete;

  // Line by line, so that every row knows where it begins.
  base::Result<std::vector<CsvRow>> parse(std::string_view text) {
    std::size_t number = 0;
    while (!text.empty()) {
      const std::string_view line = first_line(text);
      text.remove_prefix(line.size());
      ++number;
      if (!collected_.row_begun && line.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        continue;
      }
      if (!collected_.row_begun) collected_.current.line = number;
      collected_.row_begun = true;
      const std::size_t taken =
          csv_parse(&parser_, line.data(), line.size(), end_of_cell, end_of_row, &collected_);
      if (taken != line.size()) return broken(csv_strerror(csv_error(&parser_)));
    }
    if (csv_fini(&parser_, end_of_cell, end_of_row, &collected_) != 0) {
      return broken("a quote is opened and never closed");
    }
    return std::move(collected_.rows);
  }

 private:
  [[nodiscard]] base::Error broken(std::string_view why) const {
    return {base::Code::malformed, "No CSV from line " + std::to_string(collected_.current.line) +
                                       " on: " + std::string(why) + "."};
  }

  csv_parser parser_{};
  Collected collected_;
};

}  // namespace

std::size_t CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return static_cast<std::size_t>(found - header.begin());
}

base::Result<CsvTable> parse_csv(std::string_view text, char delimiter) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  CsvTable table;
  SYNC_ASSIGN(table.rows, Parser(delimiter).parse(text));
  if (table.rows.empty()) {
    return base::Error{base::Code::malformed, "The file is empty: it has no line of column names."};
  }
  table.header = std::move(table.rows.front().cells);
  table.rows.erase(table.rows.begin());
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    if (!table.header[i].empty() && table.column(table.header[i]) != i) {
      return base::Error{base::Code::malformed, "Two columns are named " + table.header[i] + "."};
    }
  }
  return table;
}

base::Result<std::string> read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return base::Error{base::Code::not_found, "Cannot read " + path + "."};
  return text;
}

base::Result<CsvTable> read_csv(const std::string& path, char delimiter) {
  SYNC_ASSIGN(const std::string text, read_text_file(path));
  base::Result<CsvTable> table = parse_csv(text, delimiter);
  if (table.ok()) return table;
  return base::Error{table.error().code, path + ": " + table.error().message};
}

}  // namespace syncline::server::app::import
