#include "syncline/mutation/transaction.hpp"

#include "syncline/base/random.hpp"
#include "tests/unit/mutation/shop.hpp"

namespace syncline::tests {
namespace {

using TransactionTest = Shop;

TEST_F(TransactionTest, InsertFillsDefaultsAndAuthorship) {
  world_.advance(7);
  const Id id = item();
  EXPECT_EQ(row(id).integer(Item::count), 0);
  EXPECT_EQ(row(id).integer(Item::state), 0);
  EXPECT_EQ(row(id).get(model::kCreatedAtField), Value(world_.now()));
  EXPECT_EQ(row(id).get(model::kUpdatedAtField), Value(world_.now()));
  EXPECT_EQ(row(id).reference(model::kCreatedByField), person(1));
  EXPECT_EQ(row(id).version(), world_.version());
}

// SEMANTICS 10: whether a record exists must not be told by trying to insert it.
TEST_F(TransactionTest, InsertOfATakenIdFailsLikeAMissingPermission) {
  const Id id = item();
  const auto taken = world_.run("shop.items.insert", {{model::kIdField, id}, {Item::name, "B"}});
  become(Role::viewer);
  const auto no_right =
      world_.run("shop.items.insert", {{model::kIdField, numbered_id(50)}, {Item::name, "B"}});
  EXPECT_EQ(code_of(taken), Code::forbidden);
  EXPECT_EQ(taken.status.error(), no_right.status.error());
}

TEST_F(TransactionTest, InsertOfAnUnknownIdIsOptimistic) {
  world_.be_optimistic();
  world_.reader().make_partial(kItemsId);
  EXPECT_EQ(code_of(world_.run("shop.items.insert",
                               {{model::kIdField, numbered_id(50)}, {Item::name, "B"}})),
            Code::ok);
}

// SEMANTICS 40: ids derive from the mutation, and differ within it.
TEST_F(TransactionTest, NewIdsAreDerived) {
  Transaction a = begin();
  Transaction b = begin();
  const Id first = a.new_id();
  EXPECT_EQ(first, b.new_id());
  EXPECT_FALSE(first == a.new_id());
  EXPECT_EQ(first.bytes[6] >> 4, 7);
}

// What an id derives from comes from the client, who can aim it at a row that is there.
TEST_F(TransactionTest, ADerivedIdThatIsTakenIsRefusedToo) {
  Transaction first = begin();
  Transaction second = begin();
  const Id derived = first.new_id();
  ASSERT_EQ(item({{model::kIdField, derived}}), derived);
  const auto inserted = second.insert(kItemsId, patch({{Item::name, "B"}}));
  ASSERT_FALSE(inserted.ok());
  EXPECT_EQ(inserted.error().code, Code::forbidden);
  EXPECT_EQ(row(derived).text(Item::name), "Item");
}

TEST_F(TransactionTest, UpdateWritesWhatIsGivenOnly) {
  const Id id = item({{Item::count, 5}, {Item::code, "A"}});
  world_.advance(1'000);
  const auto outcome = update(id, patch({{Item::count, 6}}));
  ASSERT_EQ(outcome.changes.changes.size(), 1u);
  EXPECT_EQ(outcome.changes.changes.front().kind, model::ChangeKind::update);
  EXPECT_EQ(row(id).integer(Item::count), 6);
  EXPECT_EQ(row(id).text(Item::code), "A");
  EXPECT_EQ(row(id).get(model::kUpdatedAtField), Value(world_.now()));
  EXPECT_FALSE(row(id).get(model::kCreatedAtField) == Value(world_.now()));
}

TEST_F(TransactionTest, UpdateThatChangesNothingIsASuccessWithoutAChange) {
  const Id id = item({{Item::count, 5}});
  world_.advance(1'000);
  const auto outcome = update(id, patch({{Item::count, 5}, {Item::name, "  Item "}}));
  EXPECT_EQ(code_of(outcome), Code::ok);
  EXPECT_TRUE(outcome.changes.changes.empty());
}

TEST_F(TransactionTest, WritesThatAreDeltas) {
  const Id id = item({{Item::count, 5}, {Item::tags, model::make_text_set({"a", "b"})}});
  model::FieldWrite more = assignment(Item::count, 3);
  more.kind = model::WriteKind::increment;
  model::FieldWrite with = assignment(Item::tags, model::make_text_set({"c"}));
  with.kind = model::WriteKind::include;
  ASSERT_TRUE(update(id, {more, with}).status.ok());
  EXPECT_EQ(row(id).integer(Item::count), 8);
  EXPECT_EQ(row(id).get(Item::tags), Value(model::make_text_set({"a", "b", "c"})));
  more.value = Value(993);
  EXPECT_EQ(code_of(update(id, {more})), Code::out_of_range);
}

TEST_F(TransactionTest, RefusedWrites) {
  const Id id = item();
  const struct {
    model::FieldId field;
    Value value;
    Code code;
    const char* name;
  } cases[] = {
      {Item::checks, Value(1), Code::read_only, "checks"},
      {model::kCreatedAtField, Value(base::Timestamp{1}), Code::read_only, "createdAt"},
      {model::kCreatedByField, Value(person(2)), Code::read_only, "createdBy"},
      {model::kVersionField, Value(1), Code::read_only, "version"},
      {99, Value(1), Code::unknown_field, "99"},
      {Item::name, Value(), Code::required, "name"},
      {Item::name, Value("  "), Code::required, "name"},
      {Item::count, Value(-1), Code::out_of_range, "count"},
      {Item::count, Value("1"), Code::wrong_type, "count"},
      {Item::owner_id, Value(numbered_id(99)), Code::bad_reference, "ownerId"},
  };
  for (const auto& c : cases) {
    const auto outcome = update(id, patch({{c.field, c.value}}));
    EXPECT_EQ(code_of(outcome), c.code) << c.name;
    EXPECT_EQ(field_of(outcome.status), c.name);
  }
  const auto several = update(id, patch({{Item::checks, 1}, {Item::count, -1}}));
  EXPECT_EQ(code_of(several), Code::invalid);
  EXPECT_EQ(several.status.error().fields.size(), 2u);
  EXPECT_EQ(code_of(update(numbered_id(99), patch({{Item::count, 1}}))), Code::not_found);
}

// Imports and seeds bring their own history.
TEST_F(TransactionTest, TheSystemWritesEngineFields) {
  become(Role::system);
  const Id id = item({{model::kCreatedAtField, base::Timestamp{5}},
                      {model::kCreatedByField, person(2)},
                      {Item::checks, 4}});
  EXPECT_EQ(row(id).get(model::kCreatedAtField), Value(base::Timestamp{5}));
  EXPECT_EQ(row(id).reference(model::kCreatedByField), person(2));
  EXPECT_EQ(row(id).integer(Item::checks), 4);
}

TEST_F(TransactionTest, RulesHoldForEveryWriter) {
  const Id id = item({{Item::state, 2}});
  EXPECT_EQ(code_of(update(id, patch({{Item::state, 0}}))), Code::illegal_transition);
  become(Role::system);
  EXPECT_EQ(code_of(update(id, patch({{Item::state, 0}}))), Code::illegal_transition);
}

TEST_F(TransactionTest, UniqueAmongRowsAndOwnWrites) {
  const Id id = item({{Item::code, "A"}});
  EXPECT_EQ(code_of(world_.run("shop.items.insert", {{Item::name, "B"}, {Item::code, "A"}})),
            Code::not_unique);
  EXPECT_TRUE(update(id, patch({{Item::code, "A"}, {Item::count, 2}})).status.ok())
      << "its own value";
  Transaction tx = begin();
  ASSERT_TRUE(tx.update(kItemsId, id, patch({{Item::code, "B"}})).ok());
  EXPECT_TRUE(tx.insert(kItemsId, patch({{Item::name, "C"}, {Item::code, "A"}})).ok())
      << "was freed";
  const auto taken = tx.insert(kItemsId, patch({{Item::name, "D"}, {Item::code, "B"}}));
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, Code::not_unique);
}

TEST_F(TransactionTest, UniqueInAPartialReplicaIsAssumed) {
  const Id id = item({{Item::code, "A"}});
  world_.be_optimistic();
  world_.reader().make_partial(kItemsId);
  EXPECT_EQ(code_of(world_.run("shop.items.insert", {{Item::name, "B"}, {Item::code, "A"}})),
            Code::not_unique)
      << "the known row has it";
  world_.reader().hide(kItemsId, id);
  EXPECT_EQ(code_of(world_.run("shop.items.insert", {{Item::name, "B"}, {Item::code, "A"}})),
            Code::ok);
}

TEST_F(TransactionTest, ReferencesOfAPartialReplicaAreAssumed) {
  const Id id = item();
  world_.be_optimistic();
  world_.reader().make_partial(kPeopleId);
  EXPECT_EQ(code_of(update(id, patch({{Item::owner_id, numbered_id(99)}}))), Code::ok);
}

// A reference must not tell whether a record exists that its author may not see.
TEST_F(TransactionTest, ReferenceToAnInvisibleRowIsBad) {
  become(Role::engineer);  // reads no people
  const Id id = numbered_id(60);
  become(Role::admin);
  ASSERT_TRUE(
      world_.run("shop.items.insert", {{model::kIdField, id}, {Item::name, "A"}}).status.ok());
  become(Role::engineer);
  EXPECT_EQ(code_of(update(id, patch({{Item::owner_id, person(2)}}))), Code::bad_reference);
  EXPECT_EQ(code_of(update(id, patch({{Item::count, 2}}))), Code::ok);
}

// Rights: an invisible row is not found; a visible one without the right is forbidden; the after image counts too.
TEST_F(TransactionTest, RowRights) {
  const Id theirs = item({{Item::owner_id, person(2)}});
  const Id nobodys = item();
  become(Role::agent);
  EXPECT_EQ(code_of(update(theirs, patch({{Item::count, 1}}))), Code::not_found);
  EXPECT_EQ(code_of(world_.run("shop.items.remove", {{model::kIdField, theirs}})), Code::not_found);
  EXPECT_EQ(code_of(update(nobodys, patch({{Item::count, 1}}))), Code::ok);
  EXPECT_EQ(code_of(update(nobodys, patch({{Item::owner_id, person(2)}}))), Code::forbidden);
  EXPECT_EQ(code_of(update(nobodys, patch({{Item::owner_id, person(1)}}))), Code::ok);
  become(Role::engineer);
  EXPECT_EQ(code_of(world_.run("shop.items.remove", {{model::kIdField, nobodys}})),
            Code::forbidden);
  become(Role::viewer);
  EXPECT_EQ(code_of(update(nobodys, patch({{Item::count, 1}}))), Code::forbidden);
  EXPECT_EQ(code_of(world_.run("shop.people.update",
                               {{model::kIdField, person(2)}, {Person::name, "X"}})),
            Code::forbidden);
}

TEST_F(TransactionTest, FindShowsVisibleRowsOnly) {
  const Id mine = item({{Item::owner_id, person(1)}});
  item({{Item::owner_id, person(2)}});
  Transaction tx = begin(Role::agent);
  query::Query all;
  all.collection = kItemsId;
  const auto rows = tx.find(all).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows.front().id(), mine);
  const Transaction::Privileged privileged(tx);
  EXPECT_EQ(tx.find(all)->size(), 2u);
}

TEST_F(TransactionTest, FindOverAPartialReplicaNeedsTheServer) {
  item();
  world_.reader().make_partial(kItemsId);
  Transaction tx = begin(Role::admin, false);
  query::Query all;
  all.collection = kItemsId;
  EXPECT_EQ(tx.find(all).error().code, Code::needs_server);
  EXPECT_EQ(tx.find(all, true)->size(), 1u);
  EXPECT_EQ(tx.get(kItemsId, numbered_id(99)).error().code, Code::needs_server);
}

TEST_F(TransactionTest, PrivilegeEndsWithItsScope) {
  const Id id = item();
  Transaction tx = begin(Role::admin);
  {
    const Transaction::Privileged privileged(tx);
    EXPECT_TRUE(tx.update(kItemsId, id, patch({{Item::checks, 1}})).ok());
  }
  EXPECT_EQ(code_of(tx.update(kItemsId, id, patch({{Item::checks, 2}}))), Code::read_only);
}

// ---- removal

TEST_F(TransactionTest, RemoveSetsReferencesNull) {
  const Id id = item({{Item::owner_id, person(2)}, {Item::state, 2}});
  const auto outcome = world_.run("shop.people.remove", {{model::kIdField, person(2)}});
  ASSERT_EQ(code_of(outcome), Code::ok);
  EXPECT_FALSE(row(id).has(Item::owner_id));
  EXPECT_EQ(events_of(outcome), "item_handed_over:handed_over") << "the rules run for it";
  EXPECT_FALSE(world_.row(kPeopleId, person(2)));
}

TEST_F(TransactionTest, RemoveIsRestricted) {
  const Id shelf =
      world_.insert("shop.shelves", {{Shelf::name, "S"}, {Shelf::keeper_id, person(2)}});
  EXPECT_EQ(code_of(world_.run("shop.people.remove", {{model::kIdField, person(2)}})),
            Code::still_referenced);
  EXPECT_TRUE(world_.row(kPeopleId, person(2)));
  ASSERT_TRUE(world_.run("shop.shelves.remove", {{model::kIdField, shelf}}).status.ok());
  EXPECT_EQ(code_of(world_.run("shop.people.remove", {{model::kIdField, person(2)}})), Code::ok);
}

TEST_F(TransactionTest, RowThatRestrictsOnlyItselfCanGo) {
  const Id shelf = world_.insert("shop.shelves", {{Shelf::name, "S"}});
  ASSERT_TRUE(
      world_.run("shop.shelves.update", {{model::kIdField, shelf}, {Shelf::above_id, shelf}})
          .status.ok());
  EXPECT_EQ(code_of(world_.run("shop.shelves.remove", {{model::kIdField, shelf}})), Code::ok);
}

TEST_F(TransactionTest, NewRowMayReferToItself) {
  EXPECT_EQ(code_of(world_.run("shop.shelves.insert", {{model::kIdField, numbered_id(80)},
                                                       {Shelf::name, "S"},
                                                       {Shelf::above_id, numbered_id(80)}})),
            Code::ok);
}

TEST_F(TransactionTest, RemoveCascades) {
  const Id shelf = world_.insert("shop.shelves", {{Shelf::name, "S"}});
  const Id on_it = item({{Item::shelf_id, shelf}});
  const Id beside = item();
  const auto outcome = world_.run("shop.shelves.remove", {{model::kIdField, shelf}});
  ASSERT_EQ(outcome.changes.changes.size(), 2u);
  EXPECT_EQ(outcome.changes.changes.front().id(), shelf);
  EXPECT_FALSE(row(on_it));
  EXPECT_TRUE(row(beside));
}

TEST_F(TransactionTest, CascadeInACircleEnds) {
  const auto boss = [this](std::uint8_t of, std::uint8_t is) {
    ASSERT_TRUE(world_
                    .run("shop.people.update",
                         {{model::kIdField, person(of)}, {Person::boss_id, person(is)}})
                    .status.ok());
  };
  boss(1, 2);
  boss(2, 3);
  boss(3, 1);
  ASSERT_EQ(code_of(world_.run("shop.people.remove", {{model::kIdField, person(2)}})), Code::ok);
  EXPECT_TRUE(world_.reader().rows(kPeopleId).empty());
}

// A restriction deep in a cascade refuses all of it.
TEST_F(TransactionTest, RestrictionInACascade) {
  ASSERT_TRUE(
      world_.run("shop.people.update", {{model::kIdField, person(3)}, {Person::boss_id, person(2)}})
          .status.ok());
  world_.insert("shop.shelves", {{Shelf::name, "S"}, {Shelf::keeper_id, person(3)}});
  const auto outcome = world_.run("shop.people.remove", {{model::kIdField, person(2)}});
  EXPECT_EQ(code_of(outcome), Code::still_referenced);
  EXPECT_TRUE(outcome.changes.changes.empty());
}

// ---- change sets

TEST_F(TransactionTest, ChangesComeInTheOrderOfFirstWrite) {
  const Id b = item();
  const Id a = item();
  Transaction tx = begin();
  ASSERT_TRUE(tx.update(kItemsId, a, patch({{Item::count, 1}})).ok());
  ASSERT_TRUE(tx.remove(kItemsId, b).ok());
  ASSERT_TRUE(tx.insert(kItemsId, patch({{Item::name, "C"}}), numbered_id(70)).ok());
  ASSERT_TRUE(tx.update(kItemsId, a, patch({{Item::count, 2}})).ok());
  const model::ChangeSet set = tx.take_changes();
  ASSERT_EQ(set.changes.size(), 3u);
  EXPECT_EQ(set.changes[0].id(), a);
  EXPECT_EQ(set.changes[0].after.integer(Item::count), 2);
  EXPECT_EQ(set.changes[0].before.integer(Item::count), 0);
  EXPECT_EQ(set.changes[1].kind, model::ChangeKind::remove);
  EXPECT_EQ(set.changes[2].kind, model::ChangeKind::insert);
}

TEST_F(TransactionTest, RestoredAndShortLivedRowsAreLeftOut) {
  const Id id = item({{Item::owner_id, person(1)}});
  world_.advance(1'000);
  Transaction tx = begin();
  ASSERT_TRUE(tx.update(kItemsId, id, patch({{Item::owner_id, person(2)}})).ok());
  ASSERT_TRUE(tx.update(kItemsId, id, patch({{Item::owner_id, person(1)}})).ok());
  const Id made = tx.insert(kItemsId, patch({{Item::name, "C"}})).value();
  ASSERT_TRUE(tx.remove(kItemsId, made).ok());
  EXPECT_EQ(code_of(tx.remove(kItemsId, made)), Code::not_found);
  const model::ChangeSet set = tx.take_changes();
  EXPECT_TRUE(set.changes.empty());
  EXPECT_TRUE(set.events.empty());
}

TEST_F(TransactionTest, RemovedAndInsertedAgainIsAnUpdate) {
  const Id id = item({{Item::count, 5}});
  Transaction tx = begin();
  ASSERT_TRUE(tx.remove(kItemsId, id).ok());
  ASSERT_TRUE(tx.insert(kItemsId, patch({{Item::name, "New"}}), id).ok());
  const model::ChangeSet set = tx.take_changes();
  ASSERT_EQ(set.changes.size(), 1u);
  EXPECT_EQ(set.changes.front().kind, model::ChangeKind::update);
  EXPECT_EQ(set.changes.front().after.integer(Item::count), 0);
}

TEST_F(TransactionTest, OneEventPerRecordAndType) {
  const Id id = item();
  Transaction tx = begin();
  ASSERT_TRUE(tx.update(kItemsId, id, patch({{Item::owner_id, person(2)}})).ok());
  ASSERT_TRUE(tx.update(kItemsId, id, patch({{Item::owner_id, person(3)}})).ok());
  EXPECT_EQ(tx.take_changes().events.size(), 1u);
}

TEST_F(TransactionTest, PatchesAreKeptAsWritten) {
  const Id id = item();
  Transaction tx = begin();
  ASSERT_TRUE(tx.update(kItemsId, id, patch({{Item::count, 1}, {Item::position, 4}})).ok());
  ASSERT_TRUE(tx.update(kItemsId, id, patch({{Item::count, 2}})).ok());
  ASSERT_EQ(tx.written().size(), 1u);
  EXPECT_EQ(tx.written().front().patch, patch({{Item::position, 4}, {Item::count, 2}}));
}

// find() over own writes equals find() over a reader to which they were applied: any filter, order, limit and start.
TEST_F(TransactionTest, FindSeesOwnWritesAsIfApplied) {
  base::Random random(7);
  std::vector<Id> ids;
  for (int i = 0; i < 40; ++i)
    ids.push_back(item({{Item::count, static_cast<std::int64_t>(random.below(6))}}));
  for (int round = 0; round < 60; ++round) {
    Transaction tx = begin();
    Transaction twin = begin();
    for (int i = 0; i < 8; ++i) {
      const std::uint64_t kind = random.below(3);
      const Id id = ids[random.below(ids.size())];
      const model::Patch writes =
          patch({{Item::count, static_cast<std::int64_t>(random.below(6))}, {Item::name, "X"}});
      for (Transaction* each : {&tx, &twin}) {
        if (kind == 0) {
          ASSERT_TRUE(each->insert(kItemsId, writes).ok());
        } else {
          const base::Status status =
              kind == 1 ? each->update(kItemsId, id, writes) : each->remove(kItemsId, id);
          ASSERT_TRUE(status.ok() || status.error().code == Code::not_found);
        }
      }
    }
    MemoryReader applied = world_.reader();
    applied.apply(twin.take_changes(), 0);
    query::Query query;
    query.collection = kItemsId;
    if (random.below(2) == 0)
      query.where =
          query::compare(Item::count, query::Op::gte, static_cast<std::int64_t>(random.below(6)));
    if (random.below(3) != 0) query.order.push_back({Item::count, random.below(2) == 0});
    query.limit = static_cast<std::uint32_t>(random.below(12));
    if (random.below(2) == 0)
      query.after = model::key_of(query.order, row(ids[random.below(ids.size())]));
    const auto found = tx.find(query).value();
    const auto expected = applied.find(query).value().rows;
    ASSERT_EQ(found.size(), expected.size()) << "round " << round;
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].id(), expected[i].id()) << "round " << round;
      EXPECT_EQ(found[i].integer(Item::count), expected[i].integer(Item::count));
    }
  }
}

}  // namespace
}  // namespace syncline::tests
