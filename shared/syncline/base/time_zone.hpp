// Time zones as data (SEMANTICS 31): offsets from UTC since 2010, generated from Debian's tzdata by
// script/generate-time-zones. Earlier times get the offset of 2010's beginning.
#pragma once

#include <string_view>

#include "syncline/base/time.hpp"

namespace syncline::base {

struct Zone;

// Of the data that the table was made from: "2025b".
[[nodiscard]] std::string_view time_zones_version();
// By name ("Europe/Berlin", "UTC"), or nullptr. Lives for ever.
[[nodiscard]] const Zone* find_time_zone(std::string_view name);
// Seconds east of UTC at this moment.
[[nodiscard]] std::int64_t utc_offset(const Zone& zone, Timestamp at);
// The day on which people there write this moment.
[[nodiscard]] Date local_date(const Zone& zone, Timestamp at);

}  // namespace syncline::base
