#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

using client::Connect;
using client::ConnectionChanged;
using client::Disconnect;
using client::ReloadWanted;
using client::TokenWanted;

class Connection : public Bench {
 protected:
  // The delay until the next try, after a try that failed.
  std::int64_t fail_once() {
    core_->closed(now_);
    drain();
    const auto due = core_->next_timeout();
    SYNC_CHECK(due.has_value(), "it tries again");
    const std::int64_t delay = *due - now_;
    now_ = *due;
    core_->timeout(now_);
    drain();
    return delay;
  }
  void time_out() {
    now_ = *core_->next_timeout();
    core_->timeout(now_);
    drain();
  }
};

TEST_F(Connection, DoesNothingBeforeThereIsAToken) {
  core_->retry_now(now_);
  core_->set_online(true, now_);
  drain();
  EXPECT_TRUE(effects_.empty());
  EXPECT_FALSE(core_->next_timeout());
}

TEST_F(Connection, GreetsAndIsConnected) {
  core_->set_token("token", now_);
  drain();
  EXPECT_EQ(effects<Connect>().size(), 1u);
  EXPECT_EQ(core_->connection(), ConnectionState::connecting);
  core_->opened(now_);
  drain();
  const auto hello = sent<protocol::Hello>();
  ASSERT_EQ(hello.size(), 1u);
  EXPECT_EQ(hello[0].access_token, "token");
  EXPECT_EQ(hello[0].client, numbered_id(50));
  EXPECT_EQ(hello[0].schema_hash, domain_->schema.hash());
  EXPECT_TRUE(hello[0].cursor.epoch.is_nil());
  welcome(10);
  EXPECT_EQ(core_->connection(), ConnectionState::connected);
  const auto changes = effects<ConnectionChanged>();
  EXPECT_EQ(changes.front().attempt, 1u);
  EXPECT_EQ(changes.back().state, ConnectionState::connected);
  EXPECT_EQ(changes.back().attempt, 0u);
}

TEST_F(Connection, BacksOffOneTwoFourEightSecondsAndNoFurther) {
  core_->set_token("token", now_);
  const std::int64_t wanted[] = {1'000, 2'000, 4'000, 8'000, 8'000, 8'000};
  for (const std::int64_t delay : wanted) {
    const std::int64_t waited = fail_once();
    EXPECT_GE(waited, delay * 8 / 10);
    EXPECT_LE(waited, delay * 12 / 10);
  }
  EXPECT_EQ(effects<ConnectionChanged>().back().attempt, 7u);
  core_->opened(now_);
  welcome(10);
  EXPECT_LE(fail_once(), 1'200) << "a new outage starts from one second";
}

TEST_F(Connection, TriesAtOnceWhenOnlineOrAsked) {
  core_->set_token("token", now_);
  core_->closed(now_);
  drain();
  EXPECT_EQ(core_->connection(), ConnectionState::disconnected);
  core_->set_online(true, now_);
  drain();
  EXPECT_EQ(core_->connection(), ConnectionState::connecting);
  core_->closed(now_);
  core_->retry_now(now_);
  drain();
  EXPECT_EQ(core_->connection(), ConnectionState::connecting);
  EXPECT_EQ(effects<Connect>().size(), 3u);
}

TEST_F(Connection, PingsInSilenceAndGivesUpWithoutAnswer) {
  connect();
  EXPECT_EQ(*core_->next_timeout() - now_, 30'000);
  time_out();
  ASSERT_EQ(sent<protocol::Ping>().size(), 1u);
  EXPECT_EQ(*core_->next_timeout() - now_, 10'000);
  receive(protocol::Pong{sent<protocol::Ping>()[0].nonce, now_});
  EXPECT_EQ(*core_->next_timeout() - now_, 30'000);
  time_out();
  time_out();
  EXPECT_EQ(core_->connection(), ConnectionState::disconnected);
  EXPECT_EQ(effects<Disconnect>().size(), 1u);
}

TEST_F(Connection, ATimeoutTooEarlyDoesNothing) {
  connect();
  forget_outputs();
  core_->timeout(now_);
  now_ = now_ + 29'999;
  core_->timeout(now_);
  drain();
  EXPECT_TRUE(effects_.empty());
}

TEST_F(Connection, ASilentServerIsGivenUp) {
  core_->set_token("token", now_);
  time_out();
  EXPECT_EQ(core_->connection(), ConnectionState::disconnected);
  time_out();
  core_->opened(now_);
  drain();
  time_out();
  EXPECT_EQ(core_->connection(), ConnectionState::disconnected) << "opened, but never welcomed";
}

TEST_F(Connection, AsksForATokenWhenItsOwnHasExpired) {
  connect();
  receive(protocol::Failure{{Code::token_expired, "Expired."}});
  ASSERT_EQ(effects<TokenWanted>().size(), 1u);
  EXPECT_EQ(effects<TokenWanted>()[0].error.code, Code::token_expired);
  EXPECT_EQ(core_->connection(), ConnectionState::disconnected);
  EXPECT_FALSE(core_->next_timeout()) << "trying again with the same token is useless";
  core_->set_token("newer", now_);
  core_->opened(now_);
  drain();
  EXPECT_EQ(sent<protocol::Hello>().back().access_token, "newer");
}

TEST_F(Connection, ANewerTokenGoesOverTheOpenConnection) {
  connect();
  core_->set_token("newer", now_);
  drain();
  ASSERT_EQ(sent<protocol::Reauthenticate>().size(), 1u);
  EXPECT_EQ(core_->connection(), ConnectionState::connected);
}

TEST_F(Connection, AnotherVersionOffersAReload) {
  core_->set_token("token", now_);
  core_->opened(now_);
  receive(protocol::Failure{{Code::upgrade_required, "Newer."}});
  EXPECT_EQ(effects<ReloadWanted>().size(), 1u);
  EXPECT_FALSE(core_->next_timeout());
}

TEST_F(Connection, BrokenFramesEndIt) {
  connect();
  const base::Bytes broken = {1, 2, 3};
  core_->received(broken, now_);
  drain();
  EXPECT_EQ(core_->connection(), ConnectionState::disconnected);
  EXPECT_EQ(effects<Disconnect>().size(), 1u);
  EXPECT_TRUE(core_->next_timeout());
}

TEST_F(Connection, LateFramesAndEventsOfAnOldSocketAreIgnored) {
  connect();
  core_->closed(now_);
  drain();
  forget_outputs();
  poke(11, {});
  core_->closed(now_);
  core_->opened(now_);
  drain();
  EXPECT_TRUE(effects_.empty());
}

TEST_F(Connection, StopsUntilTheNextToken) {
  connect();
  core_->stop(now_);
  drain();
  EXPECT_EQ(core_->connection(), ConnectionState::disconnected);
  EXPECT_FALSE(core_->next_timeout());
  core_->set_token("again", now_);
  drain();
  EXPECT_EQ(core_->connection(), ConnectionState::connecting);
}

}  // namespace
}  // namespace syncline::tests
