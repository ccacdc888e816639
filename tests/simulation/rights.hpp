// The rights of the shop once more, written by hand: what the checker believes a user may read, sharing nothing with
// mutation::AccessRules. A user's role is a field of the person: a name, or "gone".
#pragma once

#include <optional>
#include <string_view>

#include "tests/support/naive_evaluator.hpp"
#include "tests/support/shop_domain.hpp"

namespace syncline::simulation {

inline constexpr std::string_view kRoles[] = {"admin", "agent", "engineer", "viewer"};
inline constexpr std::string_view kGone = "gone";

// none: removed.
[[nodiscard]] std::optional<mutation::Role> role_named(std::string_view name);

// What the user may read of this row as things are: the row itself, the row without what is masked, or nothing.
[[nodiscard]] model::Record as_seen(const tests::NaiveEvaluator& rows, const base::Id& user,
                                    const model::Record& row);
// The query restricted to what the user may read; none: it is forbidden.
[[nodiscard]] std::optional<query::Query> as_allowed(const tests::NaiveEvaluator& rows,
                                                     const base::Id& user, query::Query query);

}  // namespace syncline::simulation
