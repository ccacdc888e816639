// The whole domain: every module's collections, rules, mutators and rights in one. Built once by each host.
#pragma once

#include <memory>
#include <vector>

#include "syncline/model/mutation.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::domain {

[[nodiscard]] std::unique_ptr<mutation::Domain> make_domain();

// What every new database starts with, to be run in this order by the system (no user, Role::system). Ids of the records are
// the same everywhere; ids of the mutations are for the host to give. Not idempotent: run it once, in a migration.
[[nodiscard]] std::vector<model::Mutation> reference_data();

}  // namespace syncline::domain
