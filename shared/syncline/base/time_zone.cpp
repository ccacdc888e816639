#include "syncline/base/time_zone.hpp"

#include <algorithm>
#include <iterator>

namespace syncline::base {

// Offsets are in quarters of an hour. Transitions are those that the rule does not say; behind the last of them, or always
// where there are none, the rule holds.
struct Zone {
  std::int8_t first_offset;
  std::uint8_t rule;
  std::uint16_t first_transition;
  std::uint8_t transitions;
};

namespace {

// The week's day in a month, week 5 being its last; at this many quarters of an hour of local time, before the change.
struct Turn {
  std::uint8_t month, week, weekday;
  std::int16_t at;
};
// Without summer time both offsets are the same.
struct Rule {
  std::int8_t standard, summer;
  Turn begin, end;
};

#include "syncline/base/time_zone_table.inc"

constexpr std::int64_t kQuarterSeconds = 900;
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kTableStart = 1'262'304'000;  // 2010-01-01T00:00:00Z

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::int64_t moment_of(int year, const Turn& turn, int offset) {
  const std::int32_t first = make_date(year, turn.month, 1)->days;
  const int weekday = static_cast<int>((first + 4) % 7);  // 1970-01-01 was a Thursday
  int day = (turn.weekday - weekday + 7) % 7 + 7 * (turn.week - 1);
  if (to_civil(Date{first + day}).month != turn.month) day -= 7;
  return (first + day) * kDaySeconds + (turn.at - offset) * kQuarterSeconds;
}

int offset_by_rule(const Rule& rule, std::int64_t seconds) {
  if (rule.standard == rule.summer) return rule.standard;
  // The year where the standard time is; a turn is never near its end.
  const std::int64_t local = seconds + rule.standard * kQuarterSeconds;
  // Behind the calendar's last year there is a day of that same time at most.
  const int year = std::min(
      to_civil(Date{static_cast<std::int32_t>(floor_divide(local, kDaySeconds))}).year, 9999);
  const std::int64_t begin = moment_of(year, rule.begin, rule.standard);
  const std::int64_t end = moment_of(year, rule.end, rule.summer);
  const bool summer = begin < end ? seconds >= begin && seconds < end
                                  : seconds >= begin || seconds < end;  // south of the equator
  return summer ? rule.summer : rule.standard;
}

std::int64_t time_of(std::uint32_t transition) {
  return kTableStart + static_cast<std::int64_t>(transition >> 8) * 60;
}

int offset_of(const Zone& zone, std::int64_t seconds) {
  const std::uint32_t* first = std::begin(kTransitions) + zone.first_transition;
  const std::uint32_t* last = first + zone.transitions;
  const std::uint32_t* next = std::upper_bound(
      first, last, seconds,
      [](std::int64_t at, std::uint32_t transition) { return at < time_of(transition); });
  if (seconds < kTableStart || (next == first && first != last)) return zone.first_offset;
  if (next == last) return offset_by_rule(kRules[zone.rule], seconds);
  return static_cast<int>(*(next - 1) & 0xff) - 128;
}

}  // namespace

std::string_view time_zones_version() { return kTableVersion; }

const Zone* find_time_zone(std::string_view name) {
  // The names are lines of one text, which begins and ends with a line's end.
  if (name.empty() || name.find('\n') != std::string_view::npos) return nullptr;
  for (std::size_t at = kNames.find(name); at != std::string_view::npos;
       at = kNames.find(name, at + 1)) {
    if (kNames[at - 1] != '\n' || kNames[at + name.size()] != '\n') continue;
    const auto before =
        std::count(kNames.begin(), kNames.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return &kZones[kZoneOfName[before - 1]];
  }
  return nullptr;
}

std::int64_t utc_offset(const Zone& zone, Timestamp at) {
  return offset_of(zone, floor_divide(at.ms, 1'000)) * kQuarterSeconds;
}

Date local_date(const Zone& zone, Timestamp at) {
  return date_of(at + utc_offset(zone, at) * 1'000);
}

}  // namespace syncline::base
