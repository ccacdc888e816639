#include "syncline/base/time_zone.hpp"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"

namespace syncline::base {
namespace {

std::int64_t offset(const char* zone, const char* at) {
  return utc_offset(*find_time_zone(zone), *parse_timestamp(at)) / 60;
}

TEST(TimeZone, KnowsNamesAndNothingElse) {
  for (const char* name :
       {"Europe/Berlin", "America/New_York", "UTC", "Asia/Calcutta", "Africa/Abidjan"})
    EXPECT_NE(find_time_zone(name), nullptr) << name;
  for (const char* name : {"", "Europe", "Europe/Berlin ", "Zulu/Nowhere", "zz", "Berlin", "\n",
                           "UTC\n", "Africa/Abidjan\nAfrica/Accra"})
    EXPECT_EQ(find_time_zone(name), nullptr) << name;
}

TEST(TimeZone, TurnsWhereTheRuleSays) {
  EXPECT_EQ(offset("Europe/Berlin", "2026-03-29T00:59:59.999Z"), 60);
  EXPECT_EQ(offset("Europe/Berlin", "2026-03-29T01:00:00.000Z"), 120);
  EXPECT_EQ(offset("Europe/Berlin", "2026-10-25T00:59:59.999Z"), 120);
  EXPECT_EQ(offset("Europe/Berlin", "2026-10-25T01:00:00.000Z"), 60);
  EXPECT_EQ(offset("America/New_York", "2026-03-08T06:59:59.999Z"), -300);
  EXPECT_EQ(offset("America/New_York", "2026-03-08T07:00:00.000Z"), -240);
  EXPECT_EQ(offset("Australia/Sydney", "2026-01-01T00:00:00.000Z"), 660);
  EXPECT_EQ(offset("Australia/Sydney", "2026-07-01T00:00:00.000Z"), 600);
  EXPECT_EQ(offset("Asia/Kathmandu", "2026-07-01T00:00:00.000Z"), 345);
  EXPECT_EQ(offset("UTC", "2026-07-01T00:00:00.000Z"), 0);
}

TEST(TimeZone, KnowsRulesThatWereGivenUp) {
  EXPECT_EQ(offset("Europe/Moscow", "2010-07-01T00:00:00.000Z"), 240);
  EXPECT_EQ(offset("Europe/Moscow", "2013-07-01T00:00:00.000Z"), 240);
  EXPECT_EQ(offset("Europe/Moscow", "2020-07-01T00:00:00.000Z"), 180);
  EXPECT_EQ(offset("America/Sao_Paulo", "2018-12-01T00:00:00.000Z"), -120);
  EXPECT_EQ(offset("America/Sao_Paulo", "2025-12-01T00:00:00.000Z"), -180);
}

TEST(TimeZone, ADayIsTheOneOfThePlace) {
  const Timestamp late = *parse_timestamp("2026-07-31T23:30:00.000Z");
  EXPECT_EQ(to_string(local_date(*find_time_zone("Europe/Berlin"), late)), "2026-08-01");
  EXPECT_EQ(to_string(local_date(*find_time_zone("UTC"), late)), "2026-07-31");
  EXPECT_EQ(to_string(local_date(*find_time_zone("Pacific/Honolulu"), late)), "2026-07-31");
  EXPECT_EQ(to_string(local_date(*find_time_zone("UTC"), Timestamp{-1})), "1969-12-31");
}

// A zone's day may lie beyond the years that a date can be written in.
TEST(TimeZone, HoldsAtTheEndsOfTheCalendar) {
  const Timestamp first = *parse_timestamp("0001-01-01T00:00:00.000Z");
  const Timestamp last = *parse_timestamp("9999-12-31T23:59:59.999Z");
  for (const char* name : {"America/New_York", "Pacific/Auckland", "Australia/Lord_Howe", "UTC"}) {
    const Zone& zone = *find_time_zone(name);
    EXPECT_LE(std::abs(local_date(zone, first).days - date_of(first).days), 1) << name;
    EXPECT_LE(std::abs(local_date(zone, last).days - date_of(last).days), 1) << name;
  }
  EXPECT_EQ(utc_offset(*find_time_zone("Pacific/Auckland"), last), 13 * 3600) << "still summer";
  EXPECT_EQ(utc_offset(*find_time_zone("Europe/Berlin"), last), 3600) << "winter";
}

#ifndef __EMSCRIPTEN__
std::string version_of_the_system() {
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  std::string word;
  while (file >> word && word != "version") {
  }
  file >> word;
  return word;
}

// The C library reads the same database in its own way. Of a newer one only the past is compared: it may know of changes
// that nobody had decided yet.
TEST(TimeZone, AgreesWithTheSystem) {
  Random random(3);
  const std::int64_t from = parse_timestamp("2010-01-01T00:00:00Z")->ms / 1'000;
  const bool same = version_of_the_system() == time_zones_version();
  const char* until = same ? "2036-12-31T00:00:00Z" : "2025-01-01T00:00:00Z";
  const std::int64_t to = parse_timestamp(until)->ms / 1'000;
  for (const char* name :
       {"Africa/Cairo",     "Africa/Casablanca",   "America/Asuncion", "America/Havana",
        "America/New_York", "America/Nuuk",        "America/Santiago", "America/Sao_Paulo",
        "Antarctica/Troll", "Asia/Amman",          "Asia/Calcutta",    "Asia/Gaza",
        "Asia/Hebron",      "Asia/Pyongyang",      "Asia/Tehran",      "Asia/Tokyo",
        "Atlantic/Azores",  "Australia/Lord_Howe", "Europe/Berlin",    "Europe/Dublin",
        "Europe/Istanbul",  "Europe/Lisbon",       "Europe/Moscow",    "Pacific/Apia",
        "Pacific/Auckland", "Pacific/Chatham",     "Pacific/Fiji"}) {
    ASSERT_EQ(setenv("TZ", name, 1), 0);
    tzset();
    const Zone& zone = *find_time_zone(name);
    for (int i = 0; i < 20'000; ++i) {
      const std::time_t at =
          from + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(to - from)));
      std::tm local{};
      localtime_r(&at, &local);
      ASSERT_EQ(utc_offset(zone, {at * 1'000}), local.tm_gmtoff) << name << " " << at;
    }
  }
  unsetenv("TZ");
  tzset();
}
#endif

}  // namespace
}  // namespace syncline::base
