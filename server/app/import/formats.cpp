#include "server/app/import/formats.hpp"

#include <algorithm>

#include "syncline/base/time.hpp"
#include "syncline/model/decimal.hpp"

namespace syncline::server::app::import {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads up to `digits_max` digits at `at`, which moves past them; nullopt for fewer than `digits_min`.
std::optional<int> read_digits(std::string_view text, std::size_t& at, std::size_t digits_min,
                               std::size_t digits_max) {
  int number = 0;
  std::size_t read = 0;
  while (read < digits_max && at < text.size() && is_digit(text[at])) {
    number = number * 10 + (text[at] - '0');
    ++at;
    ++read;
  }
  if (read < digits_min) return std::nullopt;
  return number;
}

// Digits, and between them the decimal point as '.'. Groups are thousands: three digits each but for the first, none behind
// the decimal point; anything else was meant otherwise, and is not guessed.
std::optional<std::string> without_groups(std::string_view text, const NumberFormat& format) {
  std::string plain;
  std::size_t digits = 0;  // since the last separator
  bool grouped = false;
  bool fraction = false;
  for (const char c : text) {
    const bool is_point = c == format.decimal_point;
    const bool is_group = !is_point && format.group.find(c) != std::string::npos;
    if (is_group || is_point) {
      const bool whole_group = grouped ? digits == 3 : digits >= 1 && digits <= 3;
      if (is_group && (fraction || !whole_group)) return std::nullopt;
      if (is_point && (fraction || (grouped && !whole_group))) return std::nullopt;
      fraction = is_point;
      grouped = is_group;
      digits = 0;
      if (is_point) plain += '.';
      continue;
    }
    // A point that is not the decimal point must not become one.
    if (c == '.') return std::nullopt;
    if (is_digit(c)) ++digits;
    plain += c;
  }
  if (grouped && digits != 3) return std::nullopt;
  return plain;
}

}  // namespace

base::Result<DatePattern> DatePattern::parse(std::string_view pattern) {
  DatePattern made;
  made.pattern_ = std::string(pattern);
  std::string units;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    std::size_t run = 1;
    while (at + run < pattern.size() && pattern[at + run] == c) ++run;
    if (c == 'Y' || c == 'M' || c == 'D') {
      const bool fits = c == 'Y' ? run == 4 : run <= 2;
      if (!fits) break;
      made.parts_.push_back({c, run, c == 'Y' ? 4U : 2U, 0});
      units += c;
      at += run;
    } else {
      made.parts_.push_back({0, 0, 0, c});
      ++at;
    }
  }
  std::sort(units.begin(), units.end());
  if (units != "DMY") {
    return base::Error{base::Code::malformed, "A date's format has YYYY, MM or M, and DD or D: \"" +
                                                  made.pattern_ + "\" has not."};
  }
  return made;
}

std::optional<std::string> DatePattern::to_iso(std::string_view text, model::FieldType type) const {
  int year = 0;
  int month = 0;
  int day = 0;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    if (part.unit == 0) {
      if (at == text.size() || text[at] != part.literal) return std::nullopt;
      ++at;
      continue;
    }
    const auto number = read_digits(text, at, part.digits_min, part.digits_max);
    if (!number) return std::nullopt;
    (part.unit == 'Y' ? year : part.unit == 'M' ? month : day) = *number;
  }
  const auto date = base::make_date(year, month, day);
  if (at != text.size() || !date) return std::nullopt;
  if (type == model::FieldType::timestamp) return base::to_string(base::start_of(*date));
  return base::to_string(*date);
}

std::optional<std::string> to_plain_number(std::string_view text, const NumberFormat& format,
                                           const model::FieldSpec& field) {
  auto plain = without_groups(text, format);
  if (!plain) return std::nullopt;
  if (format.times == 1) return plain;
  const auto number = model::parse_decimal(*plain, model::kScaleMax);
  if (!number.ok()) return std::nullopt;
  const auto product = model::multiply(*number, {format.times, 0}, field.scale);
  if (!product.ok()) return std::nullopt;
  return model::to_string(*product);
}

}  // namespace syncline::server::app::import
