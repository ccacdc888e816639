// Dates and numbers as other programs write them, turned into the text that model::parse_value reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syncline/base/result.hpp"
#include "syncline/model/field.hpp"

namespace syncline::server::app::import {

// "M/D/YYYY", "DD.MM.YYYY": MM and DD are two digits, M and D one or two.
class DatePattern {
 public:
  // Errors: malformed (a day, month or year is missing or there twice).
  [[nodiscard]] static base::Result<DatePattern> parse(std::string_view pattern);
  // "2016-10-20", for a timestamp the start of that day in UTC; nullopt: the text does not fit, or there is no such day.
  [[nodiscard]] std::optional<std::string> to_iso(std::string_view text,
                                                  model::FieldType type) const;
  [[nodiscard]] const std::string& pattern() const { return pattern_; }

 private:
  struct Part {
    char unit = 0;  // Y, M, D; 0: a literal
    std::size_t digits_min = 0;
    std::size_t digits_max = 0;
    char literal = 0;
  };
  std::string pattern_;
  std::vector<Part> parts_;
};

struct NumberFormat {
  char decimal_point = '.';
  std::string group;       // characters that may stand between thousands
  std::int64_t times = 1;  // "in millions": 1000000
};

// Plain decimal notation with at most the field's digits; nullopt: the text is no such number, or too large.
[[nodiscard]] std::optional<std::string> to_plain_number(std::string_view text,
                                                         const NumberFormat& format,
                                                         const model::FieldSpec& field);

}  // namespace syncline::server::app::import
