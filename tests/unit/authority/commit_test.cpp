// Mutations: exactly once, verdicts, conflicts, atomic batches, idempotency keys.
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using model::Outcome;
using mutation::Role;

authority::Submission submission(std::vector<model::Mutation> mutations) {
  authority::Submission result;
  result.actor = {test_id(1), Role::admin};
  result.mutations = std::move(mutations);
  return result;
}

model::Record card(World& world, std::uint32_t id) {
  return *world.storage().sources().source(kCards).get(test_id(id));
}

model::Mutation insert_person(std::uint32_t id) {
  return mutation_of("test.people.insert", {{model::kIdField, test_id(id)}, {kName, "P"}});
}

model::Mutation with_base(model::Mutation mutation, std::uint32_t card_id, model::Version version) {
  mutation.bases.push_back({kCards, test_id(card_id), model::kNoField, version});
  return mutation;
}

TEST(Commit, EachAppliedMutationTakesOneVersionAndOneLogEntry) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.push(insert_card(1, {{kLabel, "a"}}));
  browser.push(update_card(1, {{kLabel, "b"}}));
  world.run();
  ASSERT_EQ(world.committed.size(), 2u);
  EXPECT_EQ(world.authority().statistics().commits, 1u) << "both share one transaction";
  EXPECT_EQ(world.committed[0]->version, 1u);
  EXPECT_EQ(world.committed[1]->version, 2u);
  EXPECT_EQ(world.committed[1]->mutator, "test.cards.update");
  EXPECT_EQ(world.committed[1]->user, test_id(1));
  EXPECT_EQ(world.committed[1]->at.ms, kStart);
  EXPECT_EQ(world.committed[1]->mutation.client, test_id(100));
  ASSERT_EQ(world.committed[1]->changes.changes.size(), 1u);
  EXPECT_EQ(world.committed[1]->changes.changes[0].before.version(), 1u);
  EXPECT_EQ(world.committed[1]->changes.changes[0].after.version(), 2u);
  EXPECT_EQ(card(world, 1).version(), 2u);
  EXPECT_EQ(browser.verdict(1)->version, 1u);
  EXPECT_EQ(browser.verdict(2)->version, 2u);
}

// A request may wait for long, and behind the very commit that takes its author's rights away.
TEST(Commit, ASubmissionIsRunWithTheRightsThatItsAuthorHasThen) {
  World world;
  base::Result<mutation::Actor> now = mutation::Actor{test_id(1), Role::admin};
  authority::Submission asked = submission({insert_card(1, {{kLabel, "a"}})});
  asked.identify = [&now] { return now; };
  EXPECT_EQ(world.submit(asked).outcome.verdict.outcome, Outcome::applied);
  now = mutation::Actor{test_id(1), Role::engineer};
  asked.mutations = {insert_card(2, {{kLabel, "b"}})};
  const authority::Answer demoted = world.submit(asked);
  EXPECT_EQ(demoted.outcome.verdict.error.code, base::Code::forbidden);
  EXPECT_EQ(demoted.outcome.actor.role, Role::engineer);
  now = base::Error(base::Code::unauthenticated, "Gone.");
  EXPECT_EQ(world.submit(asked).outcome.verdict.error.code, base::Code::unauthenticated);
  EXPECT_EQ(world.committed.size(), 1u);
}

TEST(Commit, AChangeOfNothingIsAppliedWithoutALogEntry) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.push(insert_card(1, {{kLabel, "a"}}));
  browser.push(update_card(1, {{kLabel, "a"}}));
  world.run();
  EXPECT_EQ(world.committed.size(), 1u);
  EXPECT_EQ(browser.verdict(2)->outcome, Outcome::applied);
  EXPECT_EQ(browser.verdict(2)->version, 1u);
}

// A resent mutation changes nothing, and is told the very verdict again, also a bad one.
TEST(Commit, ReplaysChangeNothingAndAreToldTheVerdictAgain) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.push(insert_card(1, {{kLabel, "a"}}));
  browser.push(insert_card(2, {}));  // no label: rejected
  browser.push(update_card(1, {{kPoints, 3}}));
  world.run();
  const auto first = browser.verdicts;
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[1].second.outcome, Outcome::rejected);
  browser.verdicts.clear();
  browser.disconnect();
  browser.connect();
  browser.resend(browser.sent);
  world.run();
  EXPECT_EQ(browser.verdicts, first);
  EXPECT_EQ(world.storage().version(), 2u);
  EXPECT_EQ(world.committed.size(), 2u);
}

// A rejected mutation advances the ledger: it never blocks those behind it.
TEST(Commit, ARejectionDoesNotWedgeTheQueue) {
  World world;
  Browser browser(world, Role::agent, 1, 100);
  browser.connect();
  browser.push(mutation_of("no.such.mutator", {}));
  browser.push(mutation_of("test.people.insert", {{kName, "x"}}));
  browser.push(insert_card(1, {{kLabel, "a"}}));
  world.run();
  EXPECT_EQ(browser.verdict(1)->error.code, base::Code::unknown_mutator);
  EXPECT_EQ(browser.verdict(2)->error.code, base::Code::forbidden);
  EXPECT_EQ(browser.verdict(3)->outcome, Outcome::applied);
  EXPECT_EQ(world.authority().statistics().rejected, 2u);
}

TEST(Commit, ASkippedSequenceEndsTheConnectionAndAppliesNothing) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.next_sequence = 2;
  browser.push(insert_card(1, {{kLabel, "a"}}));
  browser.push(insert_card(2, {{kLabel, "b"}}));
  world.run();
  EXPECT_EQ(browser.closed_with->code, base::Code::out_of_order);
  EXPECT_EQ(world.storage().version(), 0u);
}

// A browser numbers anew what it has no verdict of: it must know of what is done.
TEST(Commit, WhatWasJudgedBeforeASkippedSequenceIsToldBeforeTheEnd) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.push(insert_card(1, {{kLabel, "a"}}));
  browser.next_sequence = 3;
  browser.push(insert_card(2, {{kLabel, "b"}}));
  browser.push(insert_card(3, {{kLabel, "c"}}));
  world.run();
  ASSERT_TRUE(browser.closed_with);
  EXPECT_EQ(browser.closed_with->code, base::Code::out_of_order);
  ASSERT_TRUE(browser.verdict(1));
  EXPECT_EQ(browser.verdict(1)->outcome, Outcome::applied);
  EXPECT_EQ(browser.verdicts.size(), 1u);
  EXPECT_EQ(world.storage().version(), 1u);
}

// Its queue has a gap, and it reads nothing: it is not over before it has heard what became of the first.
class SkippedSequence : public testing::Test {
 protected:
  SkippedSequence() {
    browser.connect();
    browser.subscribe(1, cards());
    world.run();
    world.drain = false;
    for (std::uint32_t i = 11; i < 20; ++i) world.write(insert_card(i, {{kLabel, "of others"}}));
    browser.push(insert_card(1, {{kLabel, "a"}}));
    browser.next_sequence = 3;
    browser.push(insert_card(2, {{kLabel, "b"}}));
    world.run();
    version = world.storage().version();
    // What would follow, were there no gap.
    browser.next_sequence = 2;
    browser.push(insert_card(3, {{kLabel, "c"}}));
  }
  static authority::Options small_backlog() {
    authority::Options options;
    options.session_backlog_bytes_max = 64;
    return options;
  }
  World world{small_backlog()};
  Browser browser{world, Role::admin, 1, 100};
  model::Version version = 0;
};

TEST_F(SkippedSequence, NothingBehindItIsAppliedThoughTheSessionWaits) {
  world.run();
  EXPECT_FALSE(browser.closed_with);
  EXPECT_EQ(world.storage().version(), version);
  world.drain = true;
  world.authority().sent(browser.session, 1'000'000);
  world.run();
  ASSERT_TRUE(browser.closed_with);
  EXPECT_EQ(browser.closed_with->code, base::Code::out_of_order);
  ASSERT_TRUE(browser.verdict(1));
  EXPECT_EQ(browser.verdicts.size(), 1u);
}

TEST_F(SkippedSequence, NothingBehindItIsAppliedWhereSomethingElseEndsTheSession) {
  browser.send_bytes({0xff});
  world.run();
  ASSERT_TRUE(browser.closed_with);
  EXPECT_NE(browser.closed_with->code, base::Code::out_of_order);
  EXPECT_EQ(world.storage().version(), version);
}

TEST(Commit, NothingIsNumberZero) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  model::Mutation zero = insert_card(1, {{kLabel, "a"}});
  zero.id = {test_id(100), 0};
  browser.resend({zero});
  world.run();
  ASSERT_TRUE(browser.closed_with);
  EXPECT_EQ(browser.closed_with->code, base::Code::out_of_order);
  EXPECT_TRUE(browser.verdicts.empty());
}

// Also of the very first that it made nobody knows whether it was applied.
TEST(Commit, AForgottenEarlierClientIsToldSo) {
  for (const std::uint64_t sequence : {1u, 7u}) {
    World world;
    Browser browser(world, Role::admin, 1, 101);
    browser.earlier = {test_id(100)};
    browser.connect();
    model::Mutation old = insert_card(1, {{kLabel, "a"}});
    old.id = {test_id(100), sequence};
    browser.resend({old});
    world.run();
    ASSERT_TRUE(browser.closed_with.has_value());
    EXPECT_EQ(browser.closed_with->code, base::Code::client_expired);
    EXPECT_TRUE(world.committed.empty());
  }
}

// It was there before a backup came back: what it has not heard of is not there, and is done anew.
TEST(Commit, AClientTooYoungToBeForgottenIsOfAnotherHistory) {
  World world;
  const base::Id young = base::make_id_v7(world.now(), 1, 2);
  Browser browser(world, Role::admin, 1, 101);
  browser.earlier = {young};
  browser.connect();
  model::Mutation old = insert_card(1, {{kLabel, "a"}});
  old.id = {young, 7};
  browser.resend({old});
  world.run();
  EXPECT_EQ(browser.closed_with->code, base::Code::out_of_order);
}

TEST(Commit, MutationsOfOtherClientsAreRefused) {
  World world;
  Browser owner(world, Role::admin, 1, 100);
  owner.connect();
  owner.push(insert_card(1, {{kLabel, "a"}}));
  world.run();
  Browser unnamed(world, Role::admin, 1, 101);
  unnamed.connect();
  unnamed.resend(owner.sent);
  world.run();
  EXPECT_EQ(unnamed.closed_with->code, base::Code::forbidden);
  // Naming the id of another user does not help.
  Browser thief(world, Role::admin, 2, 102);
  thief.earlier = {test_id(100)};
  thief.connect();
  model::Mutation next = insert_card(2, {{kLabel, "b"}});
  next.id = {test_id(100), 2};
  thief.resend({next});
  world.run();
  EXPECT_EQ(thief.closed_with->code, base::Code::forbidden);
  EXPECT_EQ(world.storage().version(), 1u);
}

// ---- conflicts

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

// The simulator found it: rights were lost and given back in between, and an undo wrote what had never been there.
TEST(Commit, WhatTakesBackARefusedMutationIsRefused) {
  World world;
  world.write(insert_card(1, {{kLabel, "theirs"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  const auto taking_back = [&](std::uint64_t sequence, std::string label, std::uint32_t client) {
    model::Mutation undo = with_base(update_card(1, {{kLabel, std::move(label)}}), 1, 1);
    undo.bases.push_back({model::kNoCollection, test_id(client), model::kNoField, sequence});
    return undo;
  };
  browser.push(update_card(1, {{kLabel, ""}}));         // 1: against the rules
  browser.push(taking_back(1, "never there", 100));     // 2
  browser.push(taking_back(2, "nor this", 100));        // 3: does it again
  browser.push(update_card(1, {{kLabel, "mine"}}));     // 4
  browser.push(taking_back(4, "theirs", 100));          // 5
  browser.push(taking_back(1, "of another", 77));       // 6: says nothing here
  browser.push(taking_back(9'999, "unheard of", 100));  // 7: nor does this
  world.run();
  for (const std::uint64_t sequence : {1, 2, 3})
    EXPECT_EQ(browser.verdict(sequence)->outcome, Outcome::rejected) << sequence;
  EXPECT_EQ(browser.verdict(2)->error.code, base::Code::rule_violation);
  for (const std::uint64_t sequence : {4, 5, 6, 7})
    EXPECT_EQ(browser.verdict(sequence)->outcome, Outcome::applied) << sequence;
  ASSERT_EQ(world.committed.size(), 5u);
  EXPECT_EQ(card(world, 1).text(kLabel), "unheard of");
  // The next start's client takes back what this one did, or says so of what was somebody else's.
  browser.disconnect();
  Browser later(world, Role::admin, 1, 101);
  later.earlier = {test_id(100)};
  later.connect();
  later.push(taking_back(1, "never there", 100));
  Browser stranger(world, Role::admin, 2, 102);
  stranger.earlier = {test_id(100)};
  stranger.connect();
  stranger.push(taking_back(1, "of somebody else", 100));
  world.run();
  EXPECT_EQ(later.verdict(1)->outcome, Outcome::rejected);
  ASSERT_NE(stranger.verdict(1), nullptr);
  EXPECT_EQ(stranger.verdict(1)->outcome, Outcome::applied) << "judged by itself";
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

TEST(Submission, SeveralMutationsAreOneVersionAndOneEntry) {
  World world;
  const auto answer =
      world.submit(submission({insert_card(1, {{kLabel, "a"}}), update_card(1, {{kPoints, 4}}),
                               insert_card(2, {{kLabel, "b"}, {kParent, test_id(1)}}),
                               insert_card(3, {{kLabel, "c"}}), remove_card(3)}));
  EXPECT_EQ(answer.outcome.verdict.outcome, Outcome::applied)
      << answer.outcome.verdict.error.message;
  EXPECT_EQ(answer.outcome.verdict.version, 1u);
  EXPECT_EQ(answer.outcome.records,
            (std::vector{test_id(1), test_id(1), test_id(2), test_id(3), test_id(3)}));
  ASSERT_EQ(world.committed.size(), 1u);
  EXPECT_EQ(world.committed[0]->mutator, "batch");
  const auto& changes = world.committed[0]->changes.changes;
  ASSERT_EQ(changes.size(), 2u) << "a row appears once, and one that came and went not at all";
  EXPECT_EQ(changes[0].kind, model::ChangeKind::insert);
  EXPECT_EQ(changes[0].after.integer(kPoints), 4);
  EXPECT_EQ(card(world, 1), changes[0].after);
  EXPECT_EQ(card(world, 1).version(), 1u);
  EXPECT_FALSE(card(world, 3));
}

TEST(Submission, OneFailureUndoesAll) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  world.run();
  const auto answer =
      world.submit(submission({insert_card(1, {{kLabel, "a"}}), insert_card(2, {})}));
  EXPECT_EQ(answer.outcome.verdict.outcome, Outcome::rejected);
  EXPECT_TRUE(answer.outcome.changes.changes.empty());
  EXPECT_FALSE(card(world, 1));
  EXPECT_EQ(world.storage().version(), 0u);
  EXPECT_TRUE(browser.ids(1).empty());
  EXPECT_EQ(browser.queries.at(1).deltas, 0u);
}

TEST(Submission, EveryRequestIsAClientOfItsOwn) {
  World world;
  world.submit(submission({insert_card(1, {{kLabel, "base"}})}));
  world.submit(submission({update_card(1, {{kLabel, "theirs"}})}));
  const auto answer =
      world.submit(submission({with_base(update_card(1, {{kLabel, "mine"}}), 1, 1)}));
  EXPECT_EQ(answer.outcome.verdict.outcome, Outcome::conflict);
  EXPECT_FALSE(world.committed[0]->mutation.client == world.committed[1]->mutation.client);
}

TEST(Submission, AnIdempotencyKeyIsAnsweredOnce) {
  World world;
  int rendered = 0;
  auto request = submission({insert_card(1, {{kLabel, "a"}})});
  request.idempotency_key = "key";
  request.body_hash = 5;
  request.render = [&rendered](const authority::SubmissionOutcome& outcome) {
    return base::Bytes{static_cast<std::uint8_t>(++rendered),
                       static_cast<std::uint8_t>(outcome.verdict.version)};
  };
  const auto first = world.submit(request);
  const auto second = world.submit(request);
  EXPECT_EQ(first.rendered, (base::Bytes{1, 1}));
  EXPECT_FALSE(first.replayed);
  EXPECT_EQ(second.rendered, first.rendered);
  EXPECT_TRUE(second.replayed);
  EXPECT_EQ(world.committed.size(), 1u);

  auto other_body = request;
  other_body.body_hash = 6;
  EXPECT_EQ(world.submit(other_body).outcome.verdict.error.code, base::Code::idempotency_mismatch);
  auto other_user = request;
  other_user.actor.user = test_id(2);
  EXPECT_EQ(world.submit(other_user).outcome.verdict.outcome, Outcome::rejected)
      << "keys are per user";
  world.advance(24 * 3'600'000 + 1);
  EXPECT_EQ(world.submit(request).outcome.verdict.outcome, Outcome::rejected)
      << "forgotten after a day: the id exists";
}

TEST(Submission, NothingToDoIsRefused) {
  World world;
  EXPECT_EQ(world.submit(submission({})).outcome.verdict.error.code, base::Code::malformed);
}

TEST(Submission, BatchesAreBoundedAndNoneIsForgotten) {
  authority::Options options;
  options.mutations_per_commit_max = 10;
  World world(options);
  for (std::uint32_t i = 1; i <= 25; ++i) {
    world.authority().submit(1'000 + i, submission({insert_card(i, {{kLabel, "a"}})}));
  }
  world.run();
  EXPECT_EQ(world.committed.size(), 25u);
  EXPECT_EQ(world.authority().statistics().commits, 3u);
}

}  // namespace
}  // namespace syncline::tests
