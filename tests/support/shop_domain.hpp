// A small domain that has one of everything a transaction must get right: every policy, every on-delete rule, unique and
// read-only fields, a rule, a domain mutator, row rights and masked fields.
#pragma once

#include <memory>

#include "tests/support/mutation_world.hpp"

namespace syncline::tests {

using base::Code;
using base::Id;
using model::Value;
using mutation::Right;
using mutation::Role;
using mutation::Transaction;

inline constexpr model::CollectionId kPeopleId = 1;
inline constexpr model::CollectionId kShelvesId = 2;
inline constexpr model::CollectionId kItemsId = 3;

inline constexpr model::FieldSpec kPeopleFields[] = {
    model::text(8, "name").require(),
    model::text(9, "secret"),
    model::reference(10, "bossId", kPeopleId).when_target_deleted(model::OnDelete::cascade),
};
inline constexpr model::FieldSpec kShelfFields[] = {
    model::text(8, "name").require().make_unique(),
    model::reference(9, "keeperId", kPeopleId).when_target_deleted(model::OnDelete::restrict),
    model::reference(10, "aboveId", kShelvesId).when_target_deleted(model::OnDelete::restrict),
};
inline constexpr std::string_view kItemStates[] = {"new", "used", "broken"};
inline constexpr model::FieldSpec kItemFields[] = {
    model::text(8, "name").require(),
    model::integer(9, "count").between(0, 1'000).with_policy(model::Policy::add).with_default("0"),
    model::money(10, "price").with_policy(model::Policy::add),
    model::text_set(11, "tags"),
    model::long_text(12, "notes").with_policy(model::Policy::merge_text),
    model::integer(13, "position").with_policy(model::Policy::last_writer_wins),
    model::text(14, "code").make_unique(),
    model::integer(15, "checks").make_read_only(),
    model::reference(16, "ownerId", kPeopleId),
    model::reference(17, "shelfId", kShelvesId).when_target_deleted(model::OnDelete::cascade),
    model::enumeration(18, "state", kItemStates).require().with_default("new"),
};

struct Person {
  static constexpr model::FieldId name = model::field_id(kPeopleFields, "name");
  static constexpr model::FieldId secret = model::field_id(kPeopleFields, "secret");
  static constexpr model::FieldId boss_id = model::field_id(kPeopleFields, "bossId");
};
struct Shelf {
  static constexpr model::FieldId name = model::field_id(kShelfFields, "name");
  static constexpr model::FieldId keeper_id = model::field_id(kShelfFields, "keeperId");
  static constexpr model::FieldId above_id = model::field_id(kShelfFields, "aboveId");
};
struct Item {
  static constexpr model::FieldId name = model::field_id(kItemFields, "name");
  static constexpr model::FieldId count = model::field_id(kItemFields, "count");
  static constexpr model::FieldId price = model::field_id(kItemFields, "price");
  static constexpr model::FieldId tags = model::field_id(kItemFields, "tags");
  static constexpr model::FieldId notes = model::field_id(kItemFields, "notes");
  static constexpr model::FieldId position = model::field_id(kItemFields, "position");
  static constexpr model::FieldId code = model::field_id(kItemFields, "code");
  static constexpr model::FieldId checks = model::field_id(kItemFields, "checks");
  static constexpr model::FieldId owner_id = model::field_id(kItemFields, "ownerId");
  static constexpr model::FieldId shelf_id = model::field_id(kItemFields, "shelfId");
  static constexpr model::FieldId state = model::field_id(kItemFields, "state");
};

inline constexpr model::FieldSpec kCheckArguments[] = {
    model::integer(8, "times").between(1, 9).with_default("2"),
    model::text(9, "remark"),
    model::text(10, "inspector").require(),
};

// A broken item stays broken.
inline base::Status before_item(Transaction& tx, const model::Record& before,
                                model::RecordBuilder& after) {
  const bool was_broken = before && before.integer(Item::state) == 2;
  if (was_broken && !(after.get(Item::state) == Value(2))) {
    return base::Error{Code::illegal_transition, "Broken.", "state"};
  }
  if (before && !(before.get(Item::owner_id) == after.get(Item::owner_id))) {
    tx.emit(kItemsId, before.id(), "item_handed_over", "handed_over");
  }
  return {};
}

// shop.item.check: counts checks, a read-only field; needs the shelf's name unchanged.
inline base::Result<mutation::MutatorResult> check_item(Transaction& tx,
                                                        const model::Arguments& arguments) {
  const Id id = arguments.get(model::kIdField).id();
  SYNC_ASSIGN(const model::Record item, tx.get(kItemsId, id));
  tx.require(kItemsId, id, Item::name);
  const Transaction::Privileged checking(tx);
  const Value checks = item.integer(Item::checks) + arguments.get(8).integer();
  SYNC_TRY(tx.update(kItemsId, id, {assignment(Item::checks, checks)}));
  tx.emit(kItemsId, id, "item_checked", "checked");
  if (item.has(Item::shelf_id)) SYNC_TRY(tx.get(kShelvesId, item.reference(Item::shelf_id)));
  return mutation::MutatorResult{{"checks", checks}};
}

inline model::CollectionSpec make_spec(model::CollectionId id, std::string_view name,
                                       std::string_view singular,
                                       std::span<const model::FieldSpec> fields) {
  model::CollectionSpec spec;
  spec.id = id;
  spec.module = "shop";
  spec.name = name;
  spec.singular = singular;
  spec.title_field = model::kFirstOwnField;
  spec.fields = fields;
  return spec;
}

inline void grant(mutation::Domain& domain, Role role, model::CollectionId collection,
                  std::vector<Right> rights, query::Predicate rows = query::always(),
                  std::vector<model::FieldId> masked = {}) {
  mutation::Grant made;
  made.role = role;
  made.collection = collection;
  made.rights = std::move(rights);
  made.rows = std::move(rows);
  made.masked_fields = std::move(masked);
  domain.access.add(std::move(made));
}

// admin: everything. agent: reads people without their secret, reads shelves; items that they or nobody own.
// engineer: reads and updates items. viewer: reads items.
inline std::unique_ptr<mutation::Domain> make_shop() {
  auto domain = std::make_unique<mutation::Domain>(
      std::vector<model::CollectionSpec>{make_spec(kPeopleId, "people", "person", kPeopleFields),
                                         make_spec(kShelvesId, "shelves", "shelf", kShelfFields),
                                         make_spec(kItemsId, "items", "item", kItemFields)});
  mutation::CollectionRules rules;
  rules.collection = kItemsId;
  rules.before_write = before_item;
  domain->registry.add(rules);
  mutation::MutatorSpec check;
  check.name = "shop.item.check";
  check.collection = kItemsId;
  check.action = "check";
  check.arguments.assign(std::begin(kCheckArguments), std::end(kCheckArguments));
  check.run = check_item;
  domain->registry.add(check);

  const std::vector<Right> all = {Right::read, Right::create, Right::update, Right::remove,
                                  Right::act};
  for (const model::CollectionId id : {kPeopleId, kShelvesId, kItemsId})
    grant(*domain, Role::admin, id, all);
  grant(*domain, Role::agent, kPeopleId, {Right::read}, query::always(), {Person::secret});
  grant(*domain, Role::agent, kShelvesId, {Right::read});
  grant(*domain, Role::agent, kItemsId, all,
        query::any_of({query::equals_user(Item::owner_id), query::is_null(Item::owner_id)}));
  grant(*domain, Role::engineer, kItemsId, {Right::read, Right::update});
  grant(*domain, Role::viewer, kItemsId, {Right::read});
  return domain;
}

}  // namespace syncline::tests
