// CSV files as rows of text. libcsv does the parsing (quotes, line ends, line breaks inside quotes); here are the byte order
// mark, the header and the line numbers that reports name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "syncline/base/result.hpp"

namespace syncline::server::app::import {

struct CsvRow {
  std::size_t line = 0;  // where it begins; the file's first line is 1
  std::vector<std::string> cells;
};
struct CsvTable {
  std::vector<std::string> header;
  std::vector<CsvRow>
      rows;  // of any length: what has too many or too few cells is the planner's business
  // Its index in the header, or header.size().
  [[nodiscard]] std::size_t column(std::string_view name) const;
};

// Blank lines are no rows. Errors: malformed (no header, a column named twice, a stray quote, a quote that never ends).
[[nodiscard]] base::Result<CsvTable> parse_csv(std::string_view text, char delimiter);
// Errors: as above, and not_found.
[[nodiscard]] base::Result<CsvTable> read_csv(const std::string& path, char delimiter);
// Errors: not_found.
[[nodiscard]] base::Result<std::string> read_text_file(const std::string& path);

}  // namespace syncline::server::app::import
