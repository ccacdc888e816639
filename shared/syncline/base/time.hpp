// Points and spans of time as data. Nobody in shared/ reads a clock: `now` is always an argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "syncline/base/fields.hpp"

namespace syncline::base {

// Milliseconds since 1970-01-01T00:00:00Z. May be negative.
struct Timestamp {
  std::int64_t ms = 0;
  friend bool operator==(Timestamp a, Timestamp b) { return a.ms == b.ms; }
  friend bool operator<(Timestamp a, Timestamp b) { return a.ms < b.ms; }
  friend bool operator<=(Timestamp a, Timestamp b) { return a.ms <= b.ms; }
  friend Timestamp operator+(Timestamp a, std::int64_t delta_ms) { return {a.ms + delta_ms}; }
  friend std::int64_t operator-(Timestamp a, Timestamp b) { return a.ms - b.ms; }
  SYNCLINE_FIELDS(ms)
};

// Days since 1970-01-01, proleptic Gregorian. Range of valid text: years 0001 to 9999.
struct Date {
  std::int32_t days = 0;
  friend bool operator==(Date a, Date b) { return a.days == b.days; }
  friend bool operator<(Date a, Date b) { return a.days < b.days; }
  SYNCLINE_FIELDS(days)
};

struct CivilDate {
  int year = 1970;
  int month = 1;  // 1–12
  int day = 1;    // 1–31
};

[[nodiscard]] CivilDate to_civil(Date date);
// nullopt when there is no such day.
[[nodiscard]] std::optional<Date> make_date(int year, int month, int day);
[[nodiscard]] Date date_of(Timestamp at);  // the UTC day
[[nodiscard]] Timestamp start_of(Date date);

// RFC 3339 UTC with milliseconds: "2026-11-21T08:00:00.000Z".
[[nodiscard]] std::string to_string(Timestamp at);
// RFC 3339 with any offset, fraction of 0–9 digits (cut to ms). Anything else: nullopt.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);
// "2026-11-21"
[[nodiscard]] std::string to_string(Date date);
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);

}  // namespace syncline::base
