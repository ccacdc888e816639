// The CRM module: its collections, rules, mutators, rights and reference data.
#pragma once

#include <vector>

#include "syncline/model/mutation.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::domain::crm {

[[nodiscard]] std::vector<model::CollectionSpec> collections();
// Adds rules, mutators and rights. REQUIRES: the domain was built with collections() and the platform's.
void declare(mutation::Domain& domain);
// Inserts of lead sources, deal stages and task categories: what a new database starts with. Ids derive from natural keys.
[[nodiscard]] std::vector<model::Mutation> reference_data();

}  // namespace syncline::domain::crm
