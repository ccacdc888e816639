// A workspace with reference data, one user per role and a second agent.
#pragma once

#include <gtest/gtest.h>

#include "domain/collections.hpp"
#include "domain/crm/activities.hpp"
#include "domain/crm/companies.hpp"
#include "domain/crm/contacts.hpp"
#include "domain/crm/deal_stages.hpp"
#include "domain/crm/deals.hpp"
#include "domain/crm/lead_sources.hpp"
#include "domain/crm/leads.hpp"
#include "domain/crm/phone_calls.hpp"
#include "domain/crm/task_categories.hpp"
#include "domain/crm/tasks.hpp"
#include "domain/domain.hpp"
#include "domain/platform/users.hpp"
#include "tests/support/mutation_world.hpp"

namespace syncline::tests {

using base::Code;
using base::Id;
using model::Value;
using mutation::Role;

inline Id user_id(Role role) {
  return numbered_id(static_cast<std::uint8_t>(1 + static_cast<int>(role)));
}
inline Id other_agent() { return numbered_id(9); }
inline Id reference_id(std::string_view collection, std::string_view key) {
  return base::make_id_from_key(collection, base::as_bytes(key));
}
inline Id stage(std::string_view key) { return reference_id("crm.deal_stages", key); }
inline Value money(std::int64_t cents) {
  model::Decimal amount;
  amount.mantissa = cents;
  amount.scale = 2;
  return amount;
}

class CrmWorld : public testing::Test {
 protected:
  using User = domain::platform::User;

  CrmWorld() : domain_(domain::make_domain()), world_(*domain_) {
    for (const model::Mutation& mutation : domain::reference_data()) {
      SYNC_CHECK(world_.run(mutation).status.ok(), "reference data is valid");
    }
    for (const Role role :
         {Role::admin, Role::manager, Role::agent, Role::engineer, Role::viewer}) {
      add_user(user_id(role), std::string(mutation::to_string(role)), role);
    }
    add_user(other_agent(), "other", Role::agent);
    world_.as(Role::admin, user_id(Role::admin));
  }

  void add_user(const Id& id, const std::string& name, Role role) {
    world_.insert("platform.users", {{model::kIdField, id},
                                     {User::email, name + "@example.com"},
                                     {User::name, name},
                                     {User::role, static_cast<std::int64_t>(role)}});
  }
  void become(Role role) { world_.as(role, role == Role::system ? Id{} : user_id(role)); }

  std::unique_ptr<mutation::Domain> domain_;
  MutationWorld world_;
};

}  // namespace syncline::tests
