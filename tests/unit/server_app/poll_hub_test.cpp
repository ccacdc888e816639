// The hub of polled connections: who waits is answered when there is something to say, and nobody waits for ever.
#include "server/app/poll_hub.hpp"

#include <condition_variable>
#include <future>
#include <mutex>

#include <gtest/gtest.h>

namespace syncline::server::app {
namespace {

using protocol::PollAnswer;
using protocol::PollRequest;

// Stands where the engine does: echoes each frame, ends a connection that says "end", and has enough after "enough".
class Echo : public net::ConnectionHandler {
 public:
  void opened(net::ConnectionId id, const net::ConnectionInfo&,
              std::shared_ptr<net::Connection> connection) override {
    const std::lock_guard lock(mutex_);
    connections_[id] = std::move(connection);
  }
  bool received(net::ConnectionId id, base::Bytes frame) override {
    const std::lock_guard lock(mutex_);
    ++received_;
    const auto found = connections_.find(id);
    if (found == connections_.end()) return true;
    const bool end = base::as_text(frame) == "end";
    const bool is_enough = base::as_text(frame) == "enough";
    if (!end) found->second->set_authenticated();
    if (base::as_text(frame) != "hush")
      found->second->send({std::make_shared<const base::Bytes>(std::move(frame))});
    if (end) found->second->close(net::CloseCode::policy_violation, "as asked");
    return !is_enough;
  }
  void read_on() {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, connection] : connections_) connection->read_on();
  }
  void sent(net::ConnectionId, std::size_t bytes) override {
    const std::lock_guard lock(mutex_);
    sent_ += bytes;
  }
  void closed(net::ConnectionId id, const std::string&) override {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(connections_.erase(id), 1u) << "closed twice";
    changed_.notify_all();
  }
  bool wait_until_closed() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return connections_.empty(); });
  }
  std::size_t received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  std::size_t sent_bytes() {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  std::size_t open() {
    const std::lock_guard lock(mutex_);
    return connections_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<net::ConnectionId, std::shared_ptr<net::Connection>> connections_;
  std::size_t received_ = 0;
  std::size_t sent_ = 0;
};

class PromisedExchange : public net::Exchange {
 public:
  void respond(http::Response response) override { promise.set_value(std::move(response)); }
  void stream(http::Response, std::shared_ptr<net::ConnectionHandler>) override { FAIL(); }
  std::promise<http::Response> promise;
};

class PollHubTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (hub_) hub_->stop();
  }
  void start(PollLimits limits = {}) {
    hub_ = std::make_shared<PollHub>(engine_, limits);
    hub_->start();
  }
  static base::Id key(std::uint8_t number) {
    base::Id id;
    id.bytes[15] = number;
    return id;
  }
  static PollRequest request(std::uint8_t session, std::uint64_t received, std::uint64_t first,
                             std::initializer_list<std::string_view> frames,
                             std::uint32_t wait_ms = 60'000) {
    PollRequest made;
    made.session = key(session);
    made.received = received;
    made.first = first;
    made.wait_ms = wait_ms;
    for (const std::string_view frame : frames)
      made.frames.emplace_back(frame.begin(), frame.end());
    return made;
  }
  std::future<http::Response> post(const PollRequest& made) {
    return post(std::string(base::as_text(protocol::encode(made))));
  }
  std::future<http::Response> post(std::string body, std::string method = "POST") {
    http::Request http;
    http.method = std::move(method);
    http.target = "/api/sync";
    http.address = "192.0.2.1";
    http.body = std::move(body);
    const auto exchange = std::make_shared<PromisedExchange>();
    auto answer = exchange->promise.get_future();
    hub_->handle(http, exchange);
    return answer;
  }
  static PollAnswer read(std::future<http::Response> answer) {
    const http::Response response = answer.get();
    EXPECT_EQ(response.status, 200) << response.body;
    const auto decoded = protocol::decode_poll_answer(base::as_bytes(response.body));
    EXPECT_TRUE(decoded.ok());
    return decoded.ok() ? *decoded : PollAnswer();
  }
  static base::Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

  const std::shared_ptr<Echo> engine_ = std::make_shared<Echo>();
  std::shared_ptr<PollHub> hub_;
};

TEST_F(PollHubTest, CarriesFramesBothWays) {
  start();
  EXPECT_EQ(read(post(request(1, 0, 1, {"hello"}))), (PollAnswer{1, false, 1, {bytes("hello")}}));
  EXPECT_EQ(hub_->sessions(), 1u);
  EXPECT_EQ(read(post(request(1, 1, 2, {"more"}))), (PollAnswer{2, false, 2, {bytes("more")}}));
  EXPECT_EQ(engine_->sent_bytes(), 5u);
}

TEST_F(PollHubTest, AFrameThatIsSentAgainComesOnceAndItsAnswerAgain) {
  start();
  const PollAnswer first = read(post(request(1, 0, 1, {"hello"})));
  EXPECT_EQ(read(post(request(1, 0, 1, {"hello"}))), first);
  EXPECT_EQ(engine_->received(), 1u);
}

TEST_F(PollHubTest, ASecondRequestAnswersTheFirst) {
  start();
  (void)read(post(request(1, 0, 1, {"hello"})));
  auto waiting = post(request(1, 1, 2, {}));
  auto second = post(request(1, 1, 2, {"ping"}));
  EXPECT_TRUE(read(std::move(waiting)).frames.empty());
  EXPECT_EQ(read(std::move(second)).frames, std::vector<base::Bytes>{bytes("ping")});
}

TEST_F(PollHubTest, ARequestWaitsAsLongAsItSaysAndNoLongerThanItMay) {
  PollLimits limits;
  limits.wait_ms_max = 30;
  start(limits);
  EXPECT_TRUE(read(post(request(1, 0, 1, {"hush"}, 0))).frames.empty());
  EXPECT_TRUE(read(post(request(1, 0, 2, {}, 4'000'000'000u))).frames.empty());
}

TEST_F(PollHubTest, WhereNoRequestComesTheConnectionIsClosed) {
  PollLimits limits;
  limits.forget_ms = 20;
  start(limits);
  (void)read(post(request(1, 0, 1, {"hello"})));
  EXPECT_TRUE(engine_->wait_until_closed());
  EXPECT_EQ(post(request(1, 1, 2, {})).get().status, 404);
}

TEST_F(PollHubTest, TheBrowserEndsIt) {
  start();
  (void)read(post(request(1, 0, 1, {"hello"})));
  auto waiting = post(request(1, 1, 2, {}));
  PollRequest last = request(1, 1, 2, {});
  last.ended = true;
  EXPECT_EQ(post(last).get().status, 200);
  EXPECT_EQ(waiting.get().status, 200);
  EXPECT_TRUE(engine_->wait_until_closed());
  EXPECT_EQ(hub_->sessions(), 0u);
}

// What the engine said last is heard even where its answer is lost.
TEST_F(PollHubTest, TheEnginesEndIsSaidUntilItIsHeard) {
  start();
  const PollAnswer said{1, true, 1, {bytes("end")}};
  PollAnswer answer = read(post(request(1, 0, 1, {"end"})));
  if (!answer.ended) answer = read(post(request(1, 0, 1, {"end"})));  // it came with the next turn
  EXPECT_EQ(answer, said);
  EXPECT_TRUE(engine_->wait_until_closed());
  EXPECT_EQ(read(post(request(1, 0, 1, {"end"}))), said);
  EXPECT_EQ(engine_->received(), 1u);
}

TEST_F(PollHubTest, RefusesWhatIsNoPoll) {
  start();
  EXPECT_EQ(post(std::string("GET"), "GET").get().status, 405);
  EXPECT_EQ(post(std::string("noise")).get().status, 400);
  EXPECT_EQ(post(std::string()).get().status, 400);
  EXPECT_EQ(post(request(0, 0, 1, {"hello"})).get().status, 400);
  EXPECT_EQ(post(request(1, 0, 1, {})).get().status, 404);
  EXPECT_EQ(post(request(1, 3, 1, {"hello"})).get().status, 404);
  EXPECT_EQ(post(request(1, 0, 2, {"hello"})).get().status, 404);
  EXPECT_EQ(engine_->open(), 0u);
  (void)read(post(request(1, 0, 1, {"hello"})));
  EXPECT_EQ(post(request(1, 0, 5, {"a gap"})).get().status, 400);
  EXPECT_TRUE(engine_->wait_until_closed());
}

TEST_F(PollHubTest, OneAddressHoldsOnlySoManyThatHaveNotSignedIn) {
  PollLimits limits;
  limits.addresses.strangers_per_address = 2;
  limits.addresses.connections_per_address = 3;
  start(limits);
  // The engine of this test knows whoever speaks.
  for (std::uint8_t i = 1; i <= 3; ++i) (void)read(post(request(i, 0, 1, {"hello"})));
  EXPECT_EQ(post(request(4, 0, 1, {"hello"})).get().status, 429);
  PollRequest last = request(1, 1, 2, {});
  last.ended = true;
  (void)post(last).get();
  EXPECT_EQ(post(request(4, 0, 1, {"hello"})).get().status, 200);
}

// Who was refused is no stranger of its address any more, though the end can still be heard.
TEST_F(PollHubTest, OneThatTheEngineHasClosedKeepsNobodyOut) {
  PollLimits limits;
  limits.addresses.strangers_per_address = 1;
  limits.repeat_ms = 60'000;
  start(limits);
  for (std::uint8_t i = 1; i <= 5; ++i) {
    while (!read(post(request(i, 0, 1, {"end"}))).ended) continue;
  }
  EXPECT_EQ(hub_->sessions(), 5u);
  EXPECT_TRUE(read(post(request(1, 0, 1, {"end"}))).ended) << "the answer was lost";
  EXPECT_EQ(post(request(6, 0, 1, {"hello"})).get().status, 200);
}

TEST_F(PollHubTest, OneThatIsOverIsForgottenSoonAfterItWasToldSo) {
  PollLimits limits;
  limits.repeat_ms = 20;
  start(limits);
  while (!read(post(request(1, 0, 1, {"end"}))).ended) continue;
  // A request that waits passes the time: 30 ms of it.
  (void)read(post(request(2, 0, 1, {"hush"}, 30)));
  EXPECT_EQ(hub_->sessions(), 1u);
  EXPECT_EQ(post(request(1, 0, 2, {})).get().status, 404);
}

TEST_F(PollHubTest, WhatFindsNoRoomIsNotAcknowledgedAndComesAgain) {
  start();
  const PollAnswer said = read(post(request(1, 0, 1, {"a", "enough", "b", "c"})));
  EXPECT_EQ(said.received, 2u);
  EXPECT_EQ(engine_->received(), 2u);
  // The next is not answered before there is news, or room.
  auto waiting = post(request(1, 2, 3, {"b", "c"}));
  EXPECT_EQ(read(post(request(2, 0, 1, {"hello"}))).received, 1u);
  EXPECT_EQ(engine_->received(), 3u);
  engine_->read_on();
  EXPECT_EQ(read(std::move(waiting)).received, 2u);
  EXPECT_EQ(read(post(request(1, 2, 3, {"b", "c"}))).received, 4u);
  EXPECT_EQ(engine_->received(), 5u);
}

TEST_F(PollHubTest, OneOfWhichThereIsEnoughCanBeEnded) {
  start();
  (void)read(post(request(1, 0, 1, {"enough", "b"})));
  PollRequest last = request(1, 1, 2, {"b"});
  last.ended = true;
  EXPECT_EQ(post(last).get().status, 200);
  EXPECT_TRUE(engine_->wait_until_closed());
  EXPECT_EQ(engine_->received(), 1u);
}

TEST_F(PollHubTest, StopAnswersWhoWaitsAndClosesAll) {
  start();
  (void)read(post(request(1, 0, 1, {"hello"})));
  auto waiting = post(request(1, 1, 2, {}));
  hub_->stop();
  EXPECT_EQ(waiting.get().status, 503);
  EXPECT_EQ(engine_->open(), 0u);
  EXPECT_EQ(post(request(2, 0, 1, {"hello"})).get().status, 503);
}

}  // namespace
}  // namespace syncline::server::app
