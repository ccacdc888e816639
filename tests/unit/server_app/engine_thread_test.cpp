// The engine thread under many callers: everybody is answered once, after the commit; whoever comes too late hears so.
#include "server/app/engine_thread.hpp"

#include <future>

#include <gtest/gtest.h>

#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/version.hpp"
#include "world.hpp"

namespace syncline::server::app {
namespace {

// Keeps what it was sent.
class Recorder : public net::Connection {
 public:
  void send(std::vector<net::Piece> pieces) override {
    const std::lock_guard lock(mutex_);
    base::Bytes frame;
    for (const auto& piece : pieces) frame.insert(frame.end(), piece->begin(), piece->end());
    frames_.push_back(std::move(frame));
    if (order_ != nullptr) order_->push_back(this);
    changed_.notify_all();
  }
  void read_on() override {
    const std::lock_guard lock(mutex_);
    ++told_to_read_on_;
  }
  void close(net::CloseCode code, std::string) override {
    const std::lock_guard lock(mutex_);
    closed_ = code;
    changed_.notify_all();
  }
  void set_authenticated() override {
    const std::lock_guard lock(mutex_);
    authenticated_ = true;
    changed_.notify_all();
  }
  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return condition(*this); });
  }
  std::vector<base::Bytes> frames_;
  std::optional<net::CloseCode> closed_;
  bool authenticated_ = false;
  int told_to_read_on_ = 0;
  std::vector<const Recorder*>* order_ = nullptr;  // of several, as they are sent to

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

class EngineThreadTest : public testing::World {
 protected:
  void SetUp() override {
    auto opened = open_database(path_, *domain_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    storage_ = std::move(*opened);
    engine_ = std::make_unique<EngineThread>(
        *domain_, *storage_,
        [this](const std::string& token, base::Timestamp at) -> base::Result<authority::Identity> {
          if (token != "good") return base::Error{base::Code::unauthenticated, "No."};
          return authority::Identity{{user_, mutation::Role::admin}, user_, at + 60'000};
        },
        authority::Options{});
  }
  base::Bytes hello(const std::string& token) const {
    protocol::Hello message;
    message.protocol = protocol::kProtocolVersion;
    message.schema_hash = domain_->schema.hash();
    message.access_token = token;
    message.client = user_;
    return protocol::encode(protocol::ClientMessage(message));
  }
  model::Outcome write(const std::string& email) {
    std::promise<model::Outcome> outcome;
    engine_->submit(as_system(new_user(email, 2)), [&](const authority::Answer& answer) {
      outcome.set_value(answer.outcome.verdict.outcome);
    });
    return outcome.get_future().get();
  }

  const base::Id user_ = *base::parse_id("018f3e2a-0000-7000-8000-000000000001");
  std::unique_ptr<storage::SqliteStorage> storage_;
  std::unique_ptr<EngineThread> engine_;
};

TEST_F(EngineThreadTest, AnswersEveryCallerOnceAndCommitsInOrder) {
  constexpr int kThreads = 4, kEach = 50;
  std::vector<model::Version> applied, committed;
  engine_->set_on_applied(
      [&](const authority::LogEntry& entry) { applied.push_back(entry.version); });
  engine_->set_on_committed([&](const EngineThread::Commits& entries) {
    for (const auto& entry : entries) committed.push_back(entry->version);
  });
  engine_->start();
  std::atomic<int> successes = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < kThreads; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        if (write(std::to_string(t) + "-" + std::to_string(i) + "@example.com") ==
            model::Outcome::applied)
          ++successes;
      }
    });
  }
  for (auto& caller : callers) caller.join();
  engine_->stop();
  EXPECT_EQ(successes, kThreads * kEach);
  EXPECT_EQ(committed.size(), static_cast<std::size_t>(kThreads * kEach));
  EXPECT_TRUE(std::is_sorted(committed.begin(), committed.end()));
  EXPECT_EQ(applied, committed);
  EXPECT_EQ(write("late@example.com"), model::Outcome::rejected);
}

TEST_F(EngineThreadTest, StopRunsWhatWasHandedOver) {
  std::atomic<int> answered = 0;
  engine_->start();
  for (int i = 0; i < 300; ++i) {
    engine_->submit(as_system(new_user(std::to_string(i) + "@example.com", 2)),
                    [&](const authority::Answer& answer) {
                      EXPECT_EQ(answer.outcome.verdict.outcome, model::Outcome::applied);
                      ++answered;
                    });
  }
  engine_->stop();
  EXPECT_EQ(answered, 300);
}

TEST_F(EngineThreadTest, AGoodHelloMakesASocketKnownAndABadOneClosesIt) {
  engine_->start();
  const auto good = std::make_shared<Recorder>(), bad = std::make_shared<Recorder>();
  engine_->opened(1, {}, good);
  engine_->opened(2, {}, bad);
  (void)engine_->received(1, hello("good"));
  (void)engine_->received(2, hello("forged"));
  EXPECT_TRUE(
      good->wait([](const Recorder& r) { return r.authenticated_ && r.frames_.size() == 1; }));
  EXPECT_TRUE(bad->wait([](const Recorder& r) { return r.closed_.has_value(); }));
  EXPECT_FALSE(bad->authenticated_);
  EXPECT_EQ(bad->closed_, net::CloseCode::policy_violation);
  EXPECT_FALSE(good->closed_.has_value());
  engine_->set_actor(user_, {}, std::nullopt);
  EXPECT_TRUE(good->wait([](const Recorder& r) { return r.closed_.has_value(); }));
  engine_->stop();
  EXPECT_EQ(good.use_count(), 1);
}

// Whoever was there first with a thousand frames has only his turn, like the one who comes with his first; each in his order.
TEST_F(EngineThreadTest, FramesAreTakenByTurnsAndWhoeverHasTooManyIsToldWhenToGoOn) {
  const auto busy = std::make_shared<Recorder>(), late = std::make_shared<Recorder>();
  std::vector<const Recorder*> order;  // all are sent to by the engine's thread
  busy->order_ = late->order_ = &order;
  engine_->opened(1, {}, busy);
  EXPECT_TRUE(engine_->received(1, hello("good")));
  std::uint64_t sent = 0;
  while (engine_->received(1, protocol::encode(protocol::ClientMessage(protocol::Ping{++sent}))))
    continue;
  EXPECT_EQ(sent, Intake::kFramesMax - 1);
  engine_->opened(2, {}, late);
  EXPECT_TRUE(engine_->received(2, hello("good")));
  EXPECT_EQ(engine_->statistics().intake.full, 1u);
  engine_->start();
  EXPECT_TRUE(late->wait([](const Recorder& r) { return r.frames_.size() == 1; }));
  EXPECT_TRUE(busy->wait([&](const Recorder& r) { return r.frames_.size() == sent + 1; }));
  engine_->stop();
  EXPECT_LE(std::find(order.begin(), order.end(), late.get()) - order.begin(), 2);
  EXPECT_EQ(busy->told_to_read_on_, 1);
  EXPECT_EQ(late->told_to_read_on_, 0);
  EXPECT_EQ(engine_->statistics().intake.bytes, 0u);
  for (std::uint64_t i = 1; i <= sent; ++i) {
    const auto pong = protocol::decode_server_message(busy->frames_[i]);
    ASSERT_TRUE(pong.ok());
    ASSERT_EQ(std::get<protocol::Pong>(*pong).nonce, i);
  }
  EXPECT_EQ(busy.use_count(), 1);
}

TEST_F(EngineThreadTest, ManyWhoWatchOneQueryAreToldOfEachChangeUntilTheyClose) {
  constexpr std::size_t kSockets = 40, kCloses = 7;
  engine_->start();
  protocol::Subscribe subscribe;
  subscribe.query_id = 1;
  subscribe.query.collection = domain::kUsersId;
  std::vector<std::shared_ptr<Recorder>> sockets;
  for (net::ConnectionId id = 1; id <= kSockets; ++id) {
    sockets.push_back(std::make_shared<Recorder>());
    engine_->opened(id, {}, sockets.back());
    (void)engine_->received(id, hello("good"));
    (void)engine_->received(id, protocol::encode(protocol::ClientMessage(subscribe)));
  }
  const auto all_have = [&](std::size_t frames) {
    for (std::size_t i = 0; i < kSockets; ++i) {
      const std::size_t has = i == kCloses ? std::min<std::size_t>(frames, 4) : frames;
      if (!sockets[i]->wait([has](const Recorder& r) { return r.frames_.size() == has; }))
        return false;
    }
    return true;
  };
  ASSERT_TRUE(all_have(2)) << "welcome and snapshot";
  for (const std::size_t frames : {3u, 4u}) {
    ASSERT_EQ(write(std::to_string(frames) + "@example.com"), model::Outcome::applied);
    ASSERT_TRUE(all_have(frames)) << frames;
  }
  EXPECT_EQ(sockets[0]->frames_.back(), sockets[kSockets - 1]->frames_.back());
  engine_->closed(kCloses + 1, "gone");
  for (const std::size_t frames : {5u, 6u}) {
    ASSERT_EQ(write(std::to_string(frames) + "@example.com"), model::Outcome::applied);
    ASSERT_TRUE(all_have(frames)) << frames;
  }
  EXPECT_EQ(sockets[kCloses].use_count(), 1);
  engine_->stop();
  for (const auto& socket : sockets) EXPECT_EQ(socket.use_count(), 1);
}

}  // namespace
}  // namespace syncline::server::app
