// A believable business for demos and tests: ninety days of a sales team's work, written through the same mutators as
// everything else, each at its time, by the person who did it. The same size and time of day zero give the same data.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/app/local_writer.hpp"
#include "server/app/seed/demo_accounts.hpp"

namespace syncline::server::app::seed {

enum class Size : std::uint8_t { small, medium, large };
[[nodiscard]] std::optional<Size> size_from_name(std::string_view name);

struct Summary {
  std::size_t mutations = 0;
};

// REQUIRES: a database with reference data and nothing else. Errors: whatever refuses a write.
[[nodiscard]] base::Result<Summary> seed_crm(LocalWriter& writer, const mutation::Domain& domain,
                                             Size size, base::Timestamp now);

}  // namespace syncline::server::app::seed
