// Canaries by layer; canaries.cpp lists them all.
#pragma once

#include "tests/simulation/canaries.hpp"

namespace syncline::simulation {

[[nodiscard]] std::vector<Canary> storage_canaries();
[[nodiscard]] std::vector<Canary> wire_canaries();
[[nodiscard]] std::vector<Canary> host_canaries();
[[nodiscard]] std::vector<Canary> edit_canaries();

}  // namespace syncline::simulation
