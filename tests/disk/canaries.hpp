// Bugs planted around what ships, one at a time. Cuts that do not notice one of them would not notice the real one either.
#pragma once

#include "tests/disk/power_cut.hpp"

namespace syncline::disk {

[[nodiscard]] const std::vector<Canary>& canaries();

inline constexpr std::uint64_t kCanarySeedsMax = 200;

// The violation by which one of the first kCanarySeedsMax seeds notices; none: nobody does.
[[nodiscard]] std::optional<std::string> catch_canary(const Canary& canary);

}  // namespace syncline::disk
