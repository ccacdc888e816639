#include <algorithm>

#include "syncline/base/check.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::mutation {
namespace {

using Generic = MutatorSpec::Generic;

MutatorSpec generic_mutator(const model::Collection& collection, Generic generic,
                            std::string_view action, Right right) {
  MutatorSpec spec;
  spec.name = std::string(collection.spec().module) + "." + std::string(collection.name()) + "." +
              std::string(action);
  spec.collection = collection.id();
  spec.action = std::string(action);
  spec.right = right;
  spec.on_record = generic != Generic::insert;  // an insert may bring an id, but need not
  spec.generic = generic;
  if (generic == Generic::remove) return spec;
  for (const model::Field& field : collection.fields()) {
    if (field.spec.id < model::kFirstOwnField || field.spec.read_only) continue;
    spec.arguments.push_back(field.spec);
    // In an update, also of what comes back, what is not mentioned stays: nothing must be given, nothing has a default.
    if (generic != Generic::insert) {
      spec.arguments.back().required = false;
      spec.arguments.back().default_text = {};
    }
  }
  return spec;
}

}  // namespace

Registry::Registry(const model::Schema& schema) {
  for (const model::Collection& collection : schema.collections()) {
    add(generic_mutator(collection, Generic::insert, "insert", Right::create));
    add(generic_mutator(collection, Generic::update, "update", Right::update));
    add(generic_mutator(collection, Generic::remove, "remove", Right::remove));
    add(generic_mutator(collection, Generic::restore, "restore", Right::create));
  }
}

void Registry::add(MutatorSpec mutator) {
  SYNC_CHECK(find(mutator.name) == nullptr, "two mutators of one name");
  SYNC_CHECK((mutator.run != nullptr) != (mutator.generic != Generic::none),
             "a mutator is either generic or has a function");
  mutators_.push_back(std::move(mutator));
}

void Registry::add(CollectionRules rules) {
  SYNC_CHECK(this->rules(rules.collection) == nullptr, "two sets of rules for one collection");
  rules_.push_back(rules);
}

void Registry::make_online_only(std::string_view name) {
  const auto found = std::find_if(mutators_.begin(), mutators_.end(),
                                  [name](const MutatorSpec& spec) { return spec.name == name; });
  SYNC_CHECK(found != mutators_.end(), "no mutator of this name");
  found->online_only = true;
}

const MutatorSpec* Registry::find(std::string_view name) const {
  const auto found = std::find_if(mutators_.begin(), mutators_.end(),
                                  [name](const MutatorSpec& spec) { return spec.name == name; });
  return found == mutators_.end() ? nullptr : &*found;
}

const MutatorSpec* Registry::find_generic(model::CollectionId collection, Generic generic) const {
  const auto found = std::find_if(mutators_.begin(), mutators_.end(), [&](const MutatorSpec& spec) {
    return spec.collection == collection && spec.generic == generic;
  });
  return found == mutators_.end() ? nullptr : &*found;
}

const MutatorSpec* Registry::find_action(model::CollectionId collection,
                                         std::string_view action) const {
  const auto found = std::find_if(mutators_.begin(), mutators_.end(), [&](const MutatorSpec& spec) {
    return spec.collection == collection && spec.action == action;
  });
  return found == mutators_.end() ? nullptr : &*found;
}

const CollectionRules* Registry::rules(model::CollectionId collection) const {
  const auto found = std::find_if(
      rules_.begin(), rules_.end(),
      [collection](const CollectionRules& entry) { return entry.collection == collection; });
  return found == rules_.end() ? nullptr : &*found;
}

}  // namespace syncline::mutation
