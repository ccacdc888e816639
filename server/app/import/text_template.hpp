// Text composed of columns: "{product}[ – {account}]". Braces name a column; {name|slug} makes of it what may stand in an
// address; a part in brackets is left out where one of its columns is empty.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "syncline/base/result.hpp"

namespace syncline::server::app::import {

class TextTemplate {
 public:
  // Errors: malformed (braces or brackets that do not match, nested brackets, an unknown filter).
  [[nodiscard]] static base::Result<TextTemplate> parse(std::string_view text);
  [[nodiscard]] static TextTemplate of_column(std::string column);
  [[nodiscard]] static TextTemplate of_constant(std::string text);

  [[nodiscard]] std::vector<std::string> columns() const;
  // Empty also when it names columns and all of them are empty.
  using Cells = std::function<std::string_view(const std::string& column)>;
  [[nodiscard]] std::string render(const Cells& cells) const;

 private:
  struct Part {
    std::string literal;  // where there is no column
    std::string column;
    bool slug = false;
  };
  struct Section {
    bool optional = false;
    std::vector<Part> parts;
  };
  static base::Result<Part> parse_column(std::string_view inside);
  std::vector<Section> sections_;
};

// "Mei-Mei Müller" → "mei-mei-muller": folded, and everything but letters and digits of ASCII becomes one dash.
[[nodiscard]] std::string make_slug(std::string_view text);

}  // namespace syncline::server::app::import
