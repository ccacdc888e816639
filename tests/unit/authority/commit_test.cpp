// Mutations one after the other: exactly once, and a verdict for each.
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using model::Outcome;
using mutation::Role;

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

}  // namespace
}  // namespace syncline::tests
