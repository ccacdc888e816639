// Requests of several mutations: all or nothing, under one version, and once per idempotency key.
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using model::Outcome;
using mutation::Role;

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
