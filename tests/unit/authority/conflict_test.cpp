// Who was there in between: conflicts by field, deletions, restorations, and what is not said of what cannot be read.
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using model::Outcome;
using mutation::Role;

model::Mutation insert_person(std::uint32_t id) {
  return mutation_of("test.people.insert", {{model::kIdField, test_id(id)}, {kName, "P"}});
}

TEST(Conflict, TheSameFieldChangedBySomebodyElseIsReported) {
  World world;
  world.write(insert_card(1, {{kLabel, "base"}, {kPoints, 1}}));
  Browser first(world, Role::admin, 1, 100);
  Browser second(world, Role::admin, 2, 101);
  first.connect();
  second.connect();
  first.push(with_base(update_card(1, {{kLabel, "theirs"}}), 1, 1));
  world.advance(10);
  second.push(with_base(update_card(1, {{kLabel, "mine"}}), 1, 1));
  world.run();
  EXPECT_EQ(first.verdict(1)->outcome, Outcome::applied);
  const model::Verdict& verdict = *second.verdict(1);
  EXPECT_EQ(verdict.outcome, Outcome::conflict);
  EXPECT_EQ(verdict.error.code, base::Code::conflict);
  ASSERT_EQ(verdict.conflicts.size(), 1u);
  ASSERT_EQ(verdict.conflicts[0].fields.size(), 1u);
  const model::FieldConflict& field = verdict.conflicts[0].fields[0];
  EXPECT_EQ(field.field, kLabel);
  EXPECT_EQ(field.base, model::Value("base"));
  EXPECT_EQ(field.mine, model::Value("mine"));
  EXPECT_EQ(field.theirs, model::Value("theirs"));
  EXPECT_EQ(field.by, test_id(1));
  EXPECT_EQ(card(world, 1).text(kLabel), "theirs");
  EXPECT_EQ(world.authority().statistics().conflicts, 1u);
}

TEST(Conflict, DifferentFieldsBothWin) {
  World world;
  world.write(insert_card(1, {{kLabel, "base"}}));
  Browser first(world, Role::admin, 1, 100);
  Browser second(world, Role::admin, 2, 101);
  first.connect();
  second.connect();
  first.push(with_base(update_card(1, {{kPoints, 5}}), 1, 1));
  second.push(with_base(update_card(1, {{kLabel, "mine"}}), 1, 1));
  world.run();
  EXPECT_EQ(second.verdict(1)->outcome, Outcome::merged);
  EXPECT_EQ(card(world, 1).integer(kPoints), 5);
  EXPECT_EQ(card(world, 1).text(kLabel), "mine");
}

// One's own earlier writes are not somebody else's, nor are those of the same outbox under an earlier id.
TEST(Conflict, NobodyConflictsWithThemselves) {
  World world;
  world.write(insert_card(1, {{kLabel, "base"}}));
  Browser before(world, Role::admin, 1, 100);
  before.connect();
  before.push(with_base(update_card(1, {{kLabel, "one"}}), 1, 1));
  before.push(with_base(update_card(1, {{kLabel, "two"}}), 1, 1));
  world.run();
  EXPECT_EQ(before.verdict(2)->outcome, Outcome::applied);
  before.disconnect();
  Browser after(world, Role::admin, 1, 101);
  after.earlier = {test_id(100)};
  after.connect();
  after.push(with_base(update_card(1, {{kLabel, "three"}}), 1, 1));
  world.run();
  EXPECT_EQ(after.verdict(1)->outcome, Outcome::applied);
  Browser stranger(world, Role::admin, 1, 102);
  stranger.connect();
  stranger.push(with_base(update_card(1, {{kLabel, "four"}}), 1, 1));
  world.run();
  EXPECT_EQ(stranger.verdict(1)->outcome, Outcome::conflict)
      << "the same user elsewhere is somebody else";
}

TEST(Conflict, EditingADeletedRecordIsAConflict) {
  World world;
  world.write(insert_card(1, {{kLabel, "base"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  world.write(remove_card(1));
  browser.push(with_base(update_card(1, {{kLabel, "mine"}}), 1, 1));
  browser.push(update_card(1, {{kLabel, "mine"}}));  // without a base it is just not there
  world.run();
  const model::Verdict& verdict = *browser.verdict(1);
  EXPECT_EQ(verdict.outcome, Outcome::conflict);
  ASSERT_EQ(verdict.conflicts.size(), 1u);
  EXPECT_TRUE(verdict.conflicts[0].deleted);
  ASSERT_EQ(verdict.conflicts[0].fields.size(), 1u);
  EXPECT_EQ(verdict.conflicts[0].fields[0].base, model::Value("base"));
  EXPECT_TRUE(verdict.conflicts[0].fields[0].theirs.is_null());
  EXPECT_EQ(browser.verdict(2)->error.code, base::Code::not_found);
}

// SEMANTICS 6: keeping mine of a deleted record restores and applies.
class Restoring : public testing::Test {
 protected:
  static model::Mutation restore(const std::vector<FieldValue>& fields) {
    std::vector<FieldValue> arguments = fields;
    arguments.push_back({model::kIdField, test_id(1)});
    return mutation_of("test.cards.restore", arguments);
  }
  void SetUp() override {
    world.write(insert_person(1));
    world.write(insert_person(9));
    world.write(insert_card(2, {{kLabel, "parent"}}));
    world.write(insert_card(1, {{kLabel, "base"}, {kPoints, 7}, {kParent, test_id(2)}}));
    world.write(insert_card(3, {{kLabel, "child"}, {kParent, test_id(1)}}));
  }
  model::Record card(std::uint32_t id) {
    return *world.storage().sources().source(kCards).get(test_id(id));
  }
  World world;
};

TEST_F(Restoring, BringsARecordBackWithWhatWasChanged) {
  const model::Value created = card(1).get(model::kCreatedAtField);
  world.write(remove_card(1));
  world.write(remove_card(2));
  world.advance(1'000);
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.push(with_base(restore({{kLabel, "mine"}}), 1, 1));
  world.run();
  ASSERT_EQ(browser.verdict(1)->outcome, Outcome::applied);
  EXPECT_EQ(card(1).text(kLabel), "mine");
  EXPECT_EQ(card(1).integer(kPoints), 7) << "the rest is as it was";
  EXPECT_EQ(card(1).get(model::kCreatedAtField), created);
  EXPECT_EQ(card(1).integer(model::kUpdatedAtField), world.now().ms);
  EXPECT_FALSE(card(1).has(kParent)) << "what it referred to is gone";
  EXPECT_FALSE(card(3).has(kParent)) << "what referred to it has been let go";
  EXPECT_EQ(world.committed.back()->changes.changes[0].kind, model::ChangeKind::insert);
}

TEST_F(Restoring, IsAnUpdateOfWhatIsThere) {
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  const model::Version seen = world.storage().version();
  browser.push(with_base(restore({{kLabel, "mine"}}), 1, seen));
  world.run();
  EXPECT_EQ(card(1).text(kLabel), "mine");
  world.write(update_card(1, {{kLabel, "theirs"}}));
  browser.push(with_base(restore({{kLabel, "again"}}), 1, seen + 1));
  world.run();
  EXPECT_EQ(browser.verdict(2)->outcome, Outcome::conflict);
  EXPECT_EQ(card(1).text(kLabel), "theirs");
}

TEST_F(Restoring, NeedsTheRightToCreateAndToHaveSeenIt) {
  world.write(update_card(1, {{kOwner, test_id(9)}}));
  world.write(remove_card(1));
  Browser viewer(world, Role::viewer, 1, 100);
  viewer.connect();
  viewer.push(restore({{kLabel, "mine"}}));
  Browser agent(world, Role::agent, 1, 101);
  agent.connect();
  agent.push(restore({{kLabel, "mine"}}));
  agent.push(mutation_of("test.cards.restore", {{model::kIdField, test_id(77)}}));
  world.run();
  EXPECT_EQ(viewer.verdict(1)->error.code, base::Code::forbidden);
  EXPECT_EQ(agent.verdict(1)->error.code, base::Code::not_found) << "another's card";
  EXPECT_EQ(agent.verdict(1)->error, agent.verdict(2)->error) << "as if it had never been";
  EXPECT_FALSE(card(1));
}

// SEMANTICS 10, 18: what somebody might not read is not told by a conflict either.
TEST(Conflict, ADeletedRecordThatWasNeverVisibleIsJustNotThere) {
  World world;
  world.write(insert_person(9));
  world.write(insert_person(1));
  world.write(insert_card(1, {{kLabel, "secret"}, {kOwner, test_id(9)}}));
  Browser agent(world, Role::agent, 1, 100);
  agent.connect();
  agent.push(with_base(update_card(1, {{kLabel, "mine"}}), 1, 3));
  agent.push(with_base(remove_card(1), 1, 3));
  world.run();
  world.write(remove_card(1));
  agent.push(with_base(update_card(1, {{kLabel, "mine"}}), 1, 3));
  agent.push(with_base(remove_card(1), 1, 3));
  world.run();
  for (std::uint64_t sequence = 1; sequence <= 4; ++sequence) {
    EXPECT_EQ(agent.verdict(sequence)->outcome, Outcome::rejected) << sequence;
    EXPECT_EQ(agent.verdict(sequence)->error, agent.verdict(1)->error) << sequence;
    EXPECT_TRUE(agent.verdict(sequence)->conflicts.empty()) << sequence;
  }
  EXPECT_EQ(agent.verdict(1)->error.code, base::Code::not_found);
}

TEST(Conflict, ABaseFromBeforeTheRecordWasVisibleStaysUnsaid) {
  World world;
  world.write(insert_person(9));
  world.write(insert_person(1));
  world.write(insert_card(1, {{kLabel, "secret"}, {kOwner, test_id(9)}}));
  world.write(update_card(1, {{kLabel, "theirs"}}));
  world.write(update_card(1, {{kOwner, test_id(1)}}));
  Browser agent(world, Role::agent, 1, 100);
  agent.connect();
  agent.push(with_base(update_card(1, {{kLabel, "mine"}}), 1, 3));
  world.run();
  ASSERT_EQ(agent.verdict(1)->outcome, Outcome::conflict);
  const model::FieldConflict& field = agent.verdict(1)->conflicts[0].fields[0];
  EXPECT_TRUE(field.base.is_null());
  EXPECT_EQ(field.theirs, model::Value("theirs"));
}

// The simulator found it: a removal that its author could not read hid all that came after it.
TEST(Conflict, WhatCameBackAfterAnUnreadableRemovalIsSomebodyElses) {
  World world;
  world.write(insert_person(9));
  world.write(insert_person(1));
  world.write(insert_card(1, {{kLabel, "a"}}));
  world.write(update_card(1, {{kOwner, test_id(9)}}));
  world.write(remove_card(1));
  world.write(insert_card(1, {{kLabel, "theirs"}}));
  Browser agent(world, Role::agent, 1, 100);
  agent.connect();
  agent.push(with_base(update_card(1, {{kLabel, "mine"}}), 1, 3));
  agent.push(with_base(remove_card(1), 1, 3));
  world.run();
  EXPECT_EQ(agent.verdict(1)->outcome, Outcome::conflict);
  EXPECT_EQ(agent.verdict(2)->outcome, Outcome::conflict);
  EXPECT_EQ(card(world, 1).text(kLabel), "theirs");
}

// The simulator found it: who owned it then its author might not read, and "unknown" looked like the nobody of now.
TEST(Conflict, ARemovalIsNotMadeOverAChangeFromWhatItsAuthorCouldNotRead) {
  World world;
  world.write(insert_person(9));
  world.write(insert_person(1));
  world.write(insert_card(1, {{kLabel, "secret"}, {kOwner, test_id(9)}}));
  world.write(update_card(1, {{kOwner, model::Value()}}));
  Browser agent(world, Role::agent, 1, 100);
  agent.connect();
  agent.push(with_base(remove_card(1), 1, 3));
  world.run();
  EXPECT_EQ(agent.verdict(1)->outcome, Outcome::conflict);
  EXPECT_TRUE(card(world, 1));
}

// Such as after a backup came back: the outbox was kept, and its bases are of a history that is gone.
TEST(Conflict, ABaseThatNoCommitReachedOverwritesNothing) {
  World world;
  world.write(insert_card(1, {{kLabel, "theirs"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.push(with_base(update_card(1, {{kLabel, "mine"}}), 1, 1'000));
  world.run();
  EXPECT_EQ(browser.verdict(1)->outcome, Outcome::conflict);
  EXPECT_EQ(card(world, 1).text(kLabel), "theirs");
}

TEST(Conflict, SetsOfBothAreUnited) {
  World world;
  world.write(insert_card(1, {{kLabel, "a"}, {kTags, model::make_text_set({"x"})}}));
  Browser first(world, Role::admin, 1, 100);
  Browser second(world, Role::admin, 2, 101);
  first.connect();
  second.connect();
  first.push(with_base(update_card(1, {{kTags, model::make_text_set({"x", "y"})}}), 1, 1));
  second.push(with_base(update_card(1, {{kTags, model::make_text_set({"x", "z"})}}), 1, 1));
  world.run();
  EXPECT_EQ(second.verdict(1)->outcome, Outcome::merged);
  EXPECT_EQ(card(world, 1).get(kTags), model::Value(model::make_text_set({"x", "y", "z"})));
}

// ---- submissions

}  // namespace
}  // namespace syncline::tests
