#include "tests/simulation/canaries.hpp"

#include <utility>

#include "tests/simulation/canary_lists.hpp"

namespace syncline::simulation {

const std::vector<Canary>& canaries() {
  static const std::vector<Canary> all = [] {
    std::vector<Canary> list;
    for (const auto& part : {storage_canaries(), wire_canaries(), host_canaries()})
      list.insert(list.end(), part.begin(), part.end());
    for (Canary canary : edit_canaries()) {
      canary.editing = true;
      list.push_back(std::move(canary));
    }
    return list;
  }();
  return all;
}

std::optional<Catch> catch_canary(const Canary& canary) {
  for (std::uint64_t seed = 1; seed <= kCanarySeedsMax; ++seed) {
    const Report report = run_seed(seed, canary.editing, canary.plant(seed));
    if (!report.violations.empty()) return Catch{seed, report.violations.front()};
  }
  return std::nullopt;
}

}  // namespace syncline::simulation
