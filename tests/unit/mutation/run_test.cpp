// Registry and run(): names, arguments, rights of actions, and what an outcome holds.
#include "tests/unit/mutation/shop.hpp"

namespace syncline::tests {
namespace {

using Generic = mutation::MutatorSpec::Generic;

class Run : public Shop {
 protected:
  static constexpr model::FieldId kTimes = 8;
  static constexpr model::FieldId kInspector = 10;
};

TEST_F(Run, RegistryHasGenericMutatorsOfEveryCollection) {
  for (const model::Collection& collection : domain_->schema.collections()) {
    for (const Generic generic :
         {Generic::insert, Generic::update, Generic::remove, Generic::restore}) {
      const mutation::MutatorSpec* spec = domain_->registry.find_generic(collection.id(), generic);
      ASSERT_NE(spec, nullptr);
      EXPECT_EQ(domain_->registry.find(spec->name), spec);
      EXPECT_EQ(spec->name, "shop." + std::string(collection.name()) + "." + spec->action);
      EXPECT_EQ(spec->on_record, generic != Generic::insert);
    }
  }
  EXPECT_EQ(domain_->registry.find("shop.items.explode"), nullptr);
  EXPECT_EQ(domain_->registry.find_action(kItemsId, "check")->name, "shop.item.check");
  EXPECT_EQ(domain_->registry.find_action(kPeopleId, "check"), nullptr);
}

// Rule: a generic mutator takes what a client may write; an update requires nothing.
TEST_F(Run, GenericArguments) {
  const auto has = [](const mutation::MutatorSpec* spec, model::FieldId field) {
    for (const model::FieldSpec& argument : spec->arguments) {
      if (argument.id == field) return true;
    }
    return false;
  };
  const auto* insert = domain_->registry.find_generic(kItemsId, Generic::insert);
  const auto* update = domain_->registry.find_generic(kItemsId, Generic::update);
  EXPECT_TRUE(has(insert, Item::name) && has(update, Item::name));
  EXPECT_FALSE(has(insert, Item::checks) || has(update, Item::checks)) << "read-only";
  EXPECT_FALSE(has(insert, model::kCreatedAtField));
  EXPECT_TRUE(insert->arguments.front().required);
  for (const model::FieldSpec& argument : update->arguments)
    EXPECT_FALSE(argument.required) << argument.name;
}

TEST_F(Run, DefaultsOfArguments) {
  const Id id = item();
  const auto outcome = world_.run("shop.item.check", {{model::kIdField, id}, {kInspector, "Ada"}});
  ASSERT_EQ(code_of(outcome), Code::ok);
  EXPECT_EQ(row(id).integer(Item::checks), 2);
  ASSERT_EQ(outcome.result.size(), 1u);
  EXPECT_EQ(outcome.result.front(), (std::pair<std::string, Value>("checks", 2)));
  EXPECT_EQ(events_of(outcome), "item_checked:checked");
  EXPECT_EQ(outcome.requirements.size(), 1u);
  EXPECT_FALSE(outcome.read_set.records.empty());
}

TEST_F(Run, RefusedArguments) {
  const Id id = item();
  const struct {
    model::Patch arguments;
    Code code;
    const char* field;
  } cases[] = {
      {patch({{model::kIdField, id}}), Code::required, "inspector"},
      {patch({{model::kIdField, id}, {kInspector, " "}}), Code::required, "inspector"},
      {patch({{model::kIdField, id}, {kInspector, "A"}, {kTimes, 10}}), Code::out_of_range,
       "times"},
      {patch({{model::kIdField, id}, {kInspector, "A"}, {kTimes, "2"}}), Code::wrong_type, "times"},
      {patch({{model::kIdField, id}, {kInspector, "A"}, {77, 1}}), Code::unknown_field, "77"},
      {patch({{kInspector, "A"}}), Code::required, "id"},
      {patch({{model::kIdField, "x"}, {kInspector, "A"}}), Code::wrong_type, "id"},
      {patch({{model::kIdField, Id{}}, {kInspector, "A"}}), Code::wrong_type, "id"},
      {patch({{model::kIdField, id}, {kInspector, "A"}, {kInspector, "B"}}), Code::malformed, ""},
  };
  for (const auto& c : cases) {
    model::Mutation mutation;
    mutation.name = "shop.item.check";
    mutation.arguments = model::Arguments(c.arguments);
    const auto outcome = world_.run(mutation);
    EXPECT_EQ(code_of(outcome), c.code) << c.field;
    EXPECT_EQ(field_of(outcome.status), c.field);
    EXPECT_TRUE(outcome.changes.changes.empty());
  }
  model::Mutation delta;
  delta.name = "shop.item.check";
  delta.arguments =
      model::Arguments(patch({{model::kIdField, id}, {kInspector, "A"}, {kTimes, 2}}));
  model::Patch writes = delta.arguments.writes();
  writes.back().kind = model::WriteKind::increment;
  delta.arguments = model::Arguments(writes);
  EXPECT_EQ(code_of(world_.run(delta)), Code::wrong_type);
}

// ENGINE C5: an unknown mutator is an answer, not a halt.
TEST_F(Run, UnknownMutator) {
  EXPECT_EQ(code_of(world_.run("shop.items.explode", {})), Code::unknown_mutator);
}

TEST_F(Run, ActionsNeedTheirRightOnTheRow) {
  const Id theirs = item({{Item::owner_id, person(2)}});
  const Id mine = item({{Item::owner_id, person(1)}});
  const auto check = [this](const Id& id) {
    return code_of(world_.run("shop.item.check", {{model::kIdField, id}, {kInspector, "A"}}));
  };
  become(Role::agent);
  EXPECT_EQ(check(mine), Code::ok);
  EXPECT_EQ(check(theirs), Code::not_found);
  EXPECT_EQ(check(numbered_id(99)), Code::not_found);
  become(Role::engineer);
  EXPECT_EQ(check(mine), Code::forbidden);
  grant(*domain_, Role::engineer, kItemsId, {Right::act}, query::equals_user(Item::owner_id));
  EXPECT_EQ(check(mine), Code::ok);
  EXPECT_EQ(check(theirs), Code::forbidden) << "seen, but not to be acted on";
}

// SEMANTICS 9: what was certain stays in the outcome; a rejection leaves nothing.
TEST_F(Run, UnknownRowsStopWithWhatIsCertain) {
  const Id shelf = world_.insert("shop.shelves", {{Shelf::name, "S"}});
  const Id id = item({{Item::shelf_id, shelf}});
  world_.be_optimistic();
  world_.reader().hide(kShelvesId, shelf);
  const auto outcome = world_.run("shop.item.check", {{model::kIdField, id}, {kInspector, "A"}});
  EXPECT_EQ(code_of(outcome), Code::needs_server);
  ASSERT_EQ(outcome.changes.changes.size(), 1u);
  EXPECT_EQ(outcome.changes.changes.front().after.integer(Item::checks), 2);
}

TEST_F(Run, RejectionLeavesNoChanges) {
  const Id id = item({{Item::state, 2}});
  const auto outcome = update(id, patch({{Item::state, 1}}));
  EXPECT_EQ(code_of(outcome), Code::illegal_transition);
  EXPECT_TRUE(outcome.changes.changes.empty() && outcome.changes.events.empty());
}

}  // namespace
}  // namespace syncline::tests
