#include "tests/simulation/people.hpp"

#include <cstdio>

#include "tests/simulation/rights.hpp"

namespace syncline::simulation {

using model::Decimal;
using model::Value;
using tests::assignment;
using tests::Item;
using tests::kItemsId;
using tests::kPeopleId;
using tests::kShelvesId;
using tests::patch;
using tests::Person;
using tests::Shelf;

namespace {

constexpr std::size_t kItemsMax = 25;

model::Mutation as_mutation(std::string name, const model::Patch& writes) {
  model::Mutation mutation;
  mutation.name = std::move(name);
  mutation.arguments = model::Arguments(writes);
  return mutation;
}

}  // namespace

base::Id person(std::uint64_t number) {
  return tests::numbered_id(static_cast<std::uint8_t>(1 + number));
}

void People::introduce() {
  for (std::uint64_t i = 0; i < kPeople; ++i) {
    const std::string_view role = i == 0 ? kRoles[0] : kRoles[world_.random.index(4)];
    server_.write(as_mutation("shop.people.insert", patch({{model::kIdField, person(i)},
                                                           {Person::name, "P" + std::to_string(i)},
                                                           {Person::secret, role}})));
  }
}

// ---- administrators

void People::set_role(const base::Id& user, std::string_view role) {
  world_.say(base::to_string(user) + " becomes " + std::string(role));
  server_.write(
      as_mutation("shop.people.update", patch({{model::kIdField, user}, {Person::secret, role}})));
}

void People::change_role() {
  world_.fault("a role changes");
  set_role(person(world_.random.below(kPeople)), kRoles[world_.random.index(4)]);
}

void People::remove_user() {
  world_.fault("a user is removed");
  set_role(person(1 + world_.random.below(kPeople - 1)), kGone);
}

void People::readmit() {
  for (std::uint64_t i = 0; i < kPeople; ++i) {
    if (!server_.role_of(person(i))) set_role(person(i), kRoles[world_.random.index(4)]);
  }
}

void People::change_owner() {
  const base::Id item = random_item();
  if (item.is_nil()) return;
  world_.fault("an owner changes");
  server_.write(as_mutation("shop.items.update",
                            patch({{model::kIdField, item}, {Item::owner_id, random_owner()}})));
}

// ---- users

base::Id People::random_item() {
  const auto& items = world_.checker.items();
  if (items.empty()) return {};
  // Mostly the newest: those are still there.
  const std::size_t recent = std::min<std::size_t>(items.size(), kItemsMax);
  return items[items.size() - 1 - world_.random.index(recent)];
}

Value People::random_owner() {
  if (world_.random.below(3) == 0) return {};
  return person(world_.random.below(kPeople));
}

Value People::random_shelf() {
  const auto shelves = world_.checker.rows().fetch(kShelvesId, {});
  if (shelves.empty() || world_.random.below(3) == 0) return {};
  return shelves[world_.random.index(shelves.size())].id();
}

void People::act(Browser& browser) {
  if (browser.core() == nullptr) return;
  if (world_.random.unit() < world_.swarm.editing) return browser.editor().act();
  Tab& tab = browser.tabs()[world_.random.index(browser.tabs().size())];
  const std::uint64_t choice = world_.random.below(20);
  if (choice == 0) return browser.subscribe(tab, world_.random.index(kQueryCount));
  if (choice == 1 && tab.queries.size() > 1)
    return browser.unsubscribe(tab, world_.random.index(tab.queries.size()));
  if (choice == 2) return move_shelf(browser);
  const bool few = world_.checker.rows().fetch(kItemsId, {}).size() < kItemsMax;
  if (choice < 6 && few) return insert_item(browser);
  if (world_.checker.items().empty()) return;
  if (choice == 6) {
    (void)browser.mutate("shop.items.remove", patch({{model::kIdField, random_item()}}), {});
  } else if (choice == 7) {
    const int times = 1 + static_cast<int>(world_.random.below(3));
    (void)browser.mutate("shop.item.check",
                         patch({{model::kIdField, random_item()}, {8, times}, {10, "I"}}), {});
  } else {
    edit_item(browser);
  }
}

void People::insert_item(Browser& browser) {
  const base::Id id =
      base::make_id_v7(world_.agenda.now(), world_.random.next(), world_.random.next());
  char code[16];
  std::snprintf(code, sizeof code, "code-%06u", static_cast<unsigned>(++world_.names));
  (void)browser.mutate("shop.items.insert",
                       patch({{model::kIdField, id},
                              {Item::name, "n" + std::to_string(world_.names)},
                              {Item::count, std::int64_t(world_.random.below(6))},
                              {Item::price, Decimal{0, 2}},
                              {Item::code, std::string(code)},
                              {Item::notes, "one two three"},
                              {Item::owner_id, random_owner()},
                              {Item::shelf_id, random_shelf()}}),
                       {});
}

// Every edit adds one to the price as well: the sum tells how often it was applied.
model::Patch People::random_edit(Browser& browser, const base::Id& item) {
  base::Random& random = world_.random;
  model::Patch writes = patch({{model::kIdField, item}});
  writes.push_back({Item::price, model::WriteKind::increment, Decimal{100, 2}});
  switch (random.below(8)) {
    case 0: writes.push_back({Item::count, model::WriteKind::increment, 1}); break;
    case 1: writes.push_back(assignment(Item::state, std::int64_t(random.below(3)))); break;
    case 2: writes.push_back(assignment(Item::owner_id, random_owner())); break;
    case 3: writes.push_back(assignment(Item::shelf_id, random_shelf())); break;
    case 4: writes.push_back(assignment(Item::position, std::int64_t(random.below(9)))); break;
    case 5: {
      const model::Record row = browser.core()->get(kItemsId, item);
      std::string notes = row ? std::string(row.text(Item::notes)) : "";
      if (notes.size() > 60) notes = "one two three";
      notes.insert(random.below(2) == 0 ? 0 : notes.size(),
                   " w" + std::to_string(++world_.names) + " ");
      writes.push_back(assignment(Item::notes, notes));
      break;
    }
    default:
      // A few names for many: values meet.
      writes.push_back(assignment(Item::name, "n" + std::to_string(random.below(40))));
      break;
  }
  return writes;
}

void People::edit_item(Browser& browser) {
  const base::Id item = random_item();
  const model::Patch writes = random_edit(browser, item);
  // Most say what their author saw, and may be in conflict.
  std::vector<model::BaseVersion> bases;
  const model::Record seen = browser.core()->confirmed(kItemsId, item);
  if (seen && world_.random.below(4) != 0)
    bases.push_back({kItemsId, item, model::kNoField, seen.version()});
  (void)browser.mutate("shop.items.update", writes, bases);
}

void People::move_shelf(Browser& browser) {
  const Value shelf = random_shelf();
  const std::string name = "shelf " + std::to_string(world_.random.below(6));
  if (shelf.is_null()) {
    (void)browser.mutate("shop.shelves.insert", patch({{Shelf::name, name}}), {});
  } else if (world_.random.below(3) == 0) {
    (void)browser.mutate("shop.shelves.remove", patch({{model::kIdField, shelf}}), {});
  } else {
    // Always another name: what changes nothing is not logged, and could not be told from what is lost.
    const std::string fresh = "shelf w" + std::to_string(++world_.names);
    (void)browser.mutate("shop.shelves.update",
                         patch({{model::kIdField, shelf}, {Shelf::name, fresh}}), {});
  }
}

}  // namespace syncline::simulation
