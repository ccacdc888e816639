// Refresh rotates; a lost answer logs nobody out; a stolen token ends the family (SEMANTICS 35).
#include "server/auth/session_table.hpp"

#include <gtest/gtest.h>

namespace syncline::server::auth {
namespace {

using Kind = Rotation::Kind;
const base::Timestamp kNow{1'800'000'000'000};
const base::Id kUser = *base::parse_id("018f3e2a-0000-7000-8000-000000000001");
const base::Id kOther = *base::parse_id("018f3e2a-0000-7000-8000-000000000002");

class SessionTableTest : public ::testing::Test {
 protected:
  SessionTableTest() {
    prepare_crypto();
    table_.set_user(kUser, mutation::Role::agent);
  }
  Session start() { return table_.start(kUser, kNow).value(); }
  static Claims claims(const Session& session) {
    return {session.user, session.id, "agent", kNow, kNow + 900'000};
  }

  SessionTable table_;
};

TEST_F(SessionTableTest, OnlyKnownUsersStart) {
  EXPECT_TRUE(table_.start(kUser, kNow).ok());
  EXPECT_FALSE(table_.start(kOther, kNow).ok());
}

TEST_F(SessionTableTest, RotationKeepsTheSessionAndRaisesTheGeneration) {
  const Session session = start();
  const Rotation rotation = table_.rotate({session.id, 1}, kNow + 1'000);
  EXPECT_EQ(rotation.kind, Kind::rotated);
  EXPECT_EQ(rotation.session.id, session.id);
  EXPECT_EQ(rotation.session.generation, 2u);
  EXPECT_EQ(rotation.session.rotated_at, kNow + 1'000);
}

TEST_F(SessionTableTest, ALostAnswerIsGivenAgainFor60Seconds) {
  const Session session = start();
  const Rotation first = table_.rotate({session.id, 1}, kNow);
  const Rotation again = table_.rotate({session.id, 1}, kNow + 60'000);
  EXPECT_EQ(again.kind, Kind::replayed);
  EXPECT_EQ(again.session, first.session);
}

TEST_F(SessionTableTest, ReuseAfterThatEndsTheFamily) {
  const Session session = start();
  (void)table_.rotate({session.id, 1}, kNow);
  EXPECT_EQ(table_.rotate({session.id, 1}, kNow + 60'001).kind, Kind::reused);
  EXPECT_EQ(table_.rotate({session.id, 2}, kNow + 60'002).kind, Kind::unknown);
  EXPECT_FALSE(table_.check(claims(session)).ok());
}

// The disk was full: nobody has the new pair, and the old token is asked with again when there is room, an hour later perhaps.
TEST_F(SessionTableTest, WhatWasTakenBackWasNeverGiven) {
  const Session session = start();
  const Rotation lost = table_.rotate({session.id, 1}, kNow + 1'000);
  table_.take_back(lost);
  EXPECT_EQ(table_.rotate({session.id, 2}, kNow + 2'000).kind, Kind::reused) << "a forged one";
  const Session other = start();
  table_.take_back(table_.rotate({other.id, 1}, kNow + 1'000));
  const Rotation later = table_.rotate({other.id, 1}, kNow + 3'600'000);
  EXPECT_EQ(later.kind, Kind::rotated);
  EXPECT_EQ(later.session.generation, 2u);
}

TEST_F(SessionTableTest, EveryTokenAnswersItsOwnPairForItsOwn60Seconds) {
  const Session session = start();
  const Rotation first = table_.rotate({session.id, 1}, kNow);
  const Rotation second = table_.rotate({session.id, 2}, kNow + 30'000);
  const Rotation again = table_.rotate({session.id, 1}, kNow + 60'000);
  EXPECT_EQ(again.kind, Kind::replayed);
  EXPECT_EQ(again.session, first.session) << "the pair that this token gave, not the newest";
  EXPECT_EQ(table_.rotate({session.id, 2}, kNow + 60'001).session, second.session);
  EXPECT_EQ(table_.rotate({session.id, 1}, kNow + 60'001).kind, Kind::reused);
}

TEST_F(SessionTableTest, ATokenThatWasNeverGivenEndsTheFamily) {
  const Session session = start();
  EXPECT_EQ(table_.rotate({session.id, 0}, kNow).kind, Kind::reused);
  const Session other = start();
  EXPECT_EQ(table_.rotate({other.id, 7}, kNow).kind, Kind::reused);
}

TEST_F(SessionTableTest, TheLastAnswerIsGivenAgainAfterARestart) {
  const Session session = start();
  const Rotation last = table_.rotate({session.id, 1}, kNow);
  SessionTable restarted;
  restarted.set_user(kUser, mutation::Role::agent);
  restarted.restore(last.session, kNow);
  EXPECT_EQ(restarted.rotate({session.id, 1}, kNow + 1'000).session, last.session);
}

TEST_F(SessionTableTest, LogoutActsAtOnce) {
  const Session session = start();
  ASSERT_TRUE(table_.check(claims(session)).ok());
  EXPECT_TRUE(table_.end(session.id).has_value());
  EXPECT_FALSE(table_.check(claims(session)).ok());
  EXPECT_FALSE(table_.end(session.id).has_value());
}

TEST_F(SessionTableTest, DeletedUsersSessionsEndAndOthersStay) {
  table_.set_user(kOther, mutation::Role::viewer);
  const Session mine = start(), second = start();
  const Session other = table_.start(kOther, kNow).value();
  EXPECT_EQ(table_.set_user(kUser, std::nullopt).size(), 2u);
  EXPECT_FALSE(table_.check(claims(mine)).ok());
  EXPECT_FALSE(table_.check(claims(second)).ok());
  EXPECT_TRUE(table_.check(claims(other)).ok());
  EXPECT_FALSE(table_.start(kUser, kNow).ok());
}

TEST_F(SessionTableTest, RoleComesFromTheTableNotFromTheToken) {
  const Session session = start();
  table_.set_user(kUser, mutation::Role::viewer);
  EXPECT_EQ(table_.check(claims(session))->actor.role, mutation::Role::viewer);
}

TEST_F(SessionTableTest, ATokenForAnotherUsersSessionIsRefused) {
  table_.set_user(kOther, mutation::Role::admin);
  Claims forged = claims(start());
  forged.user = kOther;
  EXPECT_FALSE(table_.check(forged).ok());
}

TEST_F(SessionTableTest, RestoreLeavesOutTheExpiredAndTheOrphaned) {
  Session session = start();
  SessionTable restarted;
  restarted.set_user(kUser, mutation::Role::agent);
  restarted.restore(session, kNow);
  EXPECT_TRUE(restarted.check(claims(session)).ok());
  Session orphan = session;
  orphan.id = kOther;
  orphan.user = kOther;
  restarted.restore(orphan, kNow);
  Session expired = session;
  expired.id = kUser;
  expired.expires_at = kNow;
  restarted.restore(expired, kNow);
  EXPECT_EQ(restarted.size(), 1u);
}

TEST_F(SessionTableTest, ExpireReturnsWhatEnded) {
  const Session session = start();
  EXPECT_TRUE(table_.expire(session.expires_at + -1).empty());
  EXPECT_EQ(table_.expire(session.expires_at).size(), 1u);
  EXPECT_EQ(table_.size(), 0u);
}

}  // namespace
}  // namespace syncline::server::auth
