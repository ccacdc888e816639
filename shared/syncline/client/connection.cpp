#include "syncline/client/connection.hpp"

#include <algorithm>

#include "syncline/protocol/limits.hpp"

namespace syncline::client {

namespace {

constexpr std::int64_t kGreetWithinMs = 10'000;
constexpr std::int64_t kBackoffFirstMs = 1'000;
constexpr std::int64_t kBackoffMaxMs = 8'000;

}  // namespace

ConnectionState Connection::state() const {
  switch (phase_) {
    case Phase::opening:
    case Phase::greeting: return ConnectionState::connecting;
    case Phase::live: return ConnectionState::connected;
    case Phase::idle:
    case Phase::waiting:
    case Phase::unauthenticated: return ConnectionState::disconnected;
  }
  return ConnectionState::disconnected;
}

void Connection::enter(Phase phase, std::optional<base::Timestamp> due) {
  const ConnectionState before = state();
  const bool tell = phase == Phase::waiting || phase == Phase::opening;
  phase_ = phase;
  due_ = due;
  pinged_ = false;
  if (state() == before && !tell) return;
  ConnectionChanged changed;
  changed.state = state();
  changed.attempt = attempt_;
  if (phase == Phase::waiting) changed.retry_at = due;
  effects_.push_back(changed);
}

void Connection::open(base::Timestamp now) {
  ++attempt_;
  enter(Phase::opening, now + kGreetWithinMs);
  effects_.push_back(Connect{});
}

void Connection::wait(base::Timestamp now) {
  std::int64_t delay = kBackoffFirstMs;
  for (std::uint32_t i = 1; i < attempt_ && delay < kBackoffMaxMs; ++i) delay *= 2;
  delay = std::min(delay, kBackoffMaxMs);
  const double jitter = 0.8 + 0.4 * random_.unit();
  enter(Phase::waiting, now + static_cast<std::int64_t>(static_cast<double>(delay) * jitter));
}

void Connection::start(base::Timestamp now) {
  if (phase_ == Phase::idle || phase_ == Phase::unauthenticated) open(now);
}

void Connection::retry_now(base::Timestamp now) {
  if (phase_ == Phase::waiting) open(now);
  if (phase_ == Phase::unauthenticated) {
    effects_.push_back(
        TokenWanted{base::Error(base::Code::unauthenticated, "Sign in again to reconnect.")});
  }
}

void Connection::stop() {
  const bool has_socket =
      phase_ == Phase::opening || phase_ == Phase::greeting || phase_ == Phase::live;
  if (has_socket) effects_.push_back(Disconnect{"stopped"});
  attempt_ = 0;
  enter(Phase::idle, std::nullopt);
}

bool Connection::opened(base::Timestamp now) {
  if (phase_ != Phase::opening) return false;
  enter(Phase::greeting, now + kGreetWithinMs);
  return true;
}

void Connection::welcomed(base::Timestamp now) {
  attempt_ = 0;
  enter(Phase::live, now + protocol::kHeartbeatEveryMs);
}

void Connection::heard(base::Timestamp now) {
  if (phase_ != Phase::live || !pinged_) return;
  pinged_ = false;
  due_ = now + protocol::kHeartbeatEveryMs;
}

void Connection::closed(base::Timestamp now) {
  if (phase_ == Phase::opening || phase_ == Phase::greeting || phase_ == Phase::live) wait(now);
}

void Connection::give_up(const char* reason, base::Timestamp now) {
  effects_.push_back(Disconnect{reason});
  wait(now);
}

void Connection::refused(const base::Error& error, base::Timestamp now) {
  using base::Code;
  switch (error.code) {
    case Code::token_expired:
    case Code::unauthenticated:
      effects_.push_back(Disconnect{"the token is not accepted"});
      enter(Phase::unauthenticated, std::nullopt);
      effects_.push_back(TokenWanted{error});
      return;
    case Code::upgrade_required:
      effects_.push_back(Disconnect{"the server speaks another version"});
      enter(Phase::idle, std::nullopt);
      effects_.push_back(ReloadWanted{error});
      return;
    default: give_up("the server ended the connection", now); return;
  }
}

bool Connection::timeout(base::Timestamp now) {
  if (!due_ || now < *due_) return false;
  switch (phase_) {
    case Phase::idle:
    case Phase::unauthenticated: return false;
    case Phase::opening:
    case Phase::greeting: give_up("no answer", now); return false;
    case Phase::waiting: open(now); return false;
    case Phase::live: break;
  }
  if (pinged_) {
    give_up("no heartbeat", now);
    return false;
  }
  pinged_ = true;
  due_ = now + protocol::kHeartbeatAnswerWithinMs;
  return true;
}

}  // namespace syncline::client
