// Canaries: bugs planted around a part of what ships. A simulator that does not notice one of them would not notice the real
// one either.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/simulation.hpp"

namespace syncline::simulation {

struct Canary {
  const char* name;
  const char* about;
  // Hooks with state of their own, for one run.
  std::function<Hooks(std::uint64_t seed)> plant;
  bool editing = false;  // to be noticed, people have to edit (run_seed)
};

[[nodiscard]] const std::vector<Canary>& canaries();

inline constexpr std::uint64_t kCanarySeedsMax = 1'000;

struct Catch {
  std::uint64_t seed = 0;
  std::string violation;
};
// By the first of the seeds from 1 on that notices; none: by none of kCanarySeedsMax.
[[nodiscard]] std::optional<Catch> catch_canary(const Canary& canary);

}  // namespace syncline::simulation
