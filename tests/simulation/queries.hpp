// What the tabs look at.
#pragma once

#include <cstddef>

#include "syncline/query/ast.hpp"

namespace syncline::simulation {

inline constexpr std::size_t kQueryCount = 9;
// As a tab asks it; it may speak of its user.
[[nodiscard]] query::Query query_for(std::size_t wanted);
// The same, checked, and about this very user.
[[nodiscard]] query::Query checked(const model::Schema& schema, std::size_t wanted,
                                   const base::Id& user);

}  // namespace syncline::simulation
