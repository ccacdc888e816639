#include "tests/bench/core/world.hpp"

#include "domain/collections.hpp"
#include "domain/crm/leads.hpp"
#include "domain/platform/users.hpp"
#include "tests/bench/support/leads.hpp"

namespace syncline::bench {

using domain::crm::Lead;
using domain::platform::User;

World::World(const Size& size) : sources(domain().schema) {
  for (std::size_t i = 0; i < size.owners; ++i) {
    model::RecordBuilder owner(domain().schema.collection(domain::kUsersId), random_id(random));
    owner.set(User::name, "Owner " + std::to_string(i));
    owner.set(User::email, "owner" + std::to_string(i) + "@example.com");
    owners.push_back(owner.build());
    sources.apply({model::ChangeKind::insert, {}, owners.back()});
  }
  for (std::size_t i = 0; i < size.rows; ++i) {
    const base::Id owner = owners[random.index(owners.size())].id();
    leads.push_back(record_of(insert_lead(random_id(random), owner, i, random)));
    sources.apply({model::ChangeKind::insert, {}, leads.back()});
  }
}

World& shared_world(const Size& size) {
  static World world(size);
  return world;
}

model::Change World::change_value() {
  lead_ = random.index(leads.size());
  model::RecordBuilder after(leads[lead_]);
  after.set(Lead::value, model::Decimal{static_cast<std::int64_t>(random.below(1'000'000'000)), 2});
  after.set_version(++version_);
  return {model::ChangeKind::update, leads[lead_], after.build()};
}

model::Change World::change_owner_name() {
  owner_ = random.index(owners.size());
  model::RecordBuilder after(owners[owner_]);
  after.set(User::name, "Owner " + std::to_string(random.below(1'000'000)));
  after.set_version(++version_);
  return {model::ChangeKind::update, owners[owner_], after.build()};
}

void World::apply(const model::Change& change) {
  sources.apply(change);
  const bool is_lead = change.collection().id() == domain::kLeadsId;
  (is_lead ? leads[lead_] : owners[owner_]) = change.after;
}

}  // namespace syncline::bench
