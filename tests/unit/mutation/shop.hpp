// Shop: a test fixture with the domain of shop_domain.hpp, its rows in memory and three people.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/shop_domain.hpp"

namespace syncline::tests {

class Shop : public testing::Test {
 protected:
  Shop() : domain_(make_shop()), world_(*domain_) {
    for (std::uint8_t i = 1; i <= 3; ++i) {
      world_.insert("shop.people",
                    {{model::kIdField, person(i)}, {Person::name, "P" + std::to_string(i)}});
    }
    become(Role::admin);
  }
  static Id person(std::uint8_t number) { return numbered_id(number); }
  // Person 1 is the actor, whatever their role.
  void become(Role role) { world_.as(role, role == Role::system ? Id{} : person(1)); }
  Id item(MutationWorld::Fields fields = {}) {
    model::Mutation mutation;
    mutation.name = "shop.items.insert";
    model::Patch writes = patch(fields);
    writes.push_back(assignment(Item::name, "Item"));
    mutation.arguments = model::Arguments(std::move(writes));
    const auto outcome = world_.run(mutation);
    SYNC_CHECK(outcome.status.ok(), "the item is valid");
    return outcome.result.front().second.id();
  }
  model::Record row(const Id& id) { return world_.row(kItemsId, id); }
  mutation::RunOutcome update(const Id& id, const model::Patch& writes) {
    model::Mutation mutation;
    mutation.name = "shop.items.update";
    mutation.arguments = model::Arguments(writes);
    mutation.arguments.set(model::kIdField, id);
    return world_.run(mutation);
  }
  // A transaction of its own over the world's rows.
  Transaction begin(Role role = Role::system, bool authoritative = true) {
    mutation::Context context;
    context.actor.role = role;
    context.actor.user = role == Role::system ? Id{} : person(1);
    context.id.client = numbered_id(100);
    context.id.sequence = 1;
    context.created_at = world_.now();
    context.now = world_.now();
    context.authoritative = authoritative;
    return Transaction(*domain_, world_.reader(), context);
  }

  std::unique_ptr<mutation::Domain> domain_;
  MutationWorld world_;
};

}  // namespace syncline::tests
