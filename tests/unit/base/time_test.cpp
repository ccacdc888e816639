#include "syncline/base/time.hpp"

#include <string>

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"

namespace syncline::base {
namespace {

TEST(Date, KnownDays) {
  EXPECT_EQ(make_date(1970, 1, 1)->days, 0);
  EXPECT_EQ(make_date(1969, 12, 31)->days, -1);
  EXPECT_EQ(make_date(2000, 3, 1)->days, 11017);
  EXPECT_EQ(make_date(2026, 11, 21)->days, 20778);
  EXPECT_EQ(make_date(1, 1, 1)->days, -719162);
  EXPECT_EQ(make_date(9999, 12, 31)->days, 2932896);
}

TEST(Date, EveryDayOfTheCalendarFollowsTheOneBefore) {
  constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::int32_t expected = make_date(1, 1, 1)->days;
  for (int year = 1; year <= 9999; ++year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    for (int month = 1; month <= 12; ++month) {
      const int length = kLengths[month - 1] + (month == 2 && leap ? 1 : 0);
      ASSERT_FALSE(make_date(year, month, length + 1)) << year << "-" << month;
      for (int day = 1; day <= length; ++day, ++expected) {
        const auto date = make_date(year, month, day);
        ASSERT_TRUE(date && date->days == expected) << year << "-" << month << "-" << day;
        const CivilDate civil = to_civil(*date);
        ASSERT_TRUE(civil.year == year && civil.month == month && civil.day == day);
      }
    }
  }
}

TEST(Date, Text) {
  EXPECT_EQ(to_string(*make_date(2026, 11, 21)), "2026-11-21");
  EXPECT_EQ(to_string(*make_date(1, 2, 3)), "0001-02-03");
  EXPECT_EQ(parse_date("2024-02-29"), make_date(2024, 2, 29));
  for (const char* text : {"", "2023-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "2026/01/01",
                           "0000-01-01", "2026-01-01 ", "+026-01-01", "2026-01-0a", "2026-01-32"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

TEST(Timestamp, Text) {
  EXPECT_EQ(to_string(Timestamp{0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_string(Timestamp{-1}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_string(Timestamp{1'795'248'000'007}), "2026-11-21T08:00:00.007Z");
}

struct Reading {
  const char* text;
  std::int64_t ms;
};

TEST(Timestamp, ReadsEveryFormOfRfc3339) {
  constexpr std::int64_t kEight = 1'795'248'000'000;
  for (const Reading& r :
       {Reading{"2026-11-21T08:00:00Z", kEight}, Reading{"2026-11-21t08:00:00z", kEight},
        Reading{"2026-11-21 08:00:00Z", kEight}, Reading{"2026-11-21T09:30:00+01:30", kEight},
        Reading{"2026-11-20T23:00:00-09:00", kEight},
        Reading{"2026-11-21T08:00:00.5Z", kEight + 500},
        Reading{"2026-11-21T08:00:00.0419999Z", kEight + 41},
        Reading{"2026-11-21T08:00:00.123456789-00:00", kEight + 123}}) {
    const auto read = parse_timestamp(r.text);
    ASSERT_TRUE(read) << r.text;
    EXPECT_EQ(read->ms, r.ms) << r.text;
  }
}

TEST(Timestamp, RefusesEverythingElse) {
  for (const char* text :
       {"", "2026-11-21", "2026-11-21T08:00:00", "2026-11-21T08:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T08:60:00Z", "2026-11-21T08:00:60Z", "2026-11-21T08:00:00.Z",
        "2026-11-21T08:00:00.1234567890Z", "2026-11-21T08:00:00+1:00", "2026-11-21T08:00:00+24:00",
        "2026-11-21T08:00:00+01:60", "2026-11-21T08:00:00ZZ", "2026-02-30T08:00:00Z",
        "2026-11-21X08:00:00Z", "2026-11-21T08:00:00 Z", "2026-11-21T-8:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Timestamp, RandomRoundTrip) {
  Random random(3);
  const std::int64_t first = start_of(*make_date(1, 1, 1)).ms;
  const std::int64_t last = start_of(*make_date(9999, 12, 31)).ms;
  for (int i = 0; i < 5000; ++i) {
    const Timestamp at{
        first + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(last - first)))};
    EXPECT_EQ(parse_timestamp(to_string(at)), at);
    const Date day = date_of(at);
    EXPECT_TRUE(start_of(day) <= at && at < start_of({day.days + 1}));
  }
}

TEST(Timestamp, CutTextIsNeverReadOutOfBounds) {
  const std::string whole = "2026-11-21T08:00:00.123+01:00";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // On the heap and exact, so that the sanitizer sees a read behind it.
    const std::string cut(whole, 0, length);
    EXPECT_FALSE(parse_timestamp(std::string_view(cut.data(), cut.size()))) << cut;
  }
}

}  // namespace
}  // namespace syncline::base
