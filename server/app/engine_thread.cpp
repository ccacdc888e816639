#include "server/app/engine_thread.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "server/app/clock.hpp"
#include "server/app/log.hpp"

namespace syncline::server::app {
namespace {

// For frames, before the turn that shows what they did: that long a write of somebody else may have to wait for them.
constexpr std::chrono::milliseconds kFramesPerTurn{10};

net::CloseCode close_code(base::Code code) {
  switch (code) {
    case base::Code::too_large: return net::CloseCode::too_big;
    case base::Code::unavailable:
    case base::Code::storage_failed: return net::CloseCode::try_again_later;
    case base::Code::internal: return net::CloseCode::internal_error;
    default: return net::CloseCode::policy_violation;
  }
}

authority::Answer unavailable() {
  authority::Answer answer;
  answer.outcome.verdict.outcome = model::Outcome::rejected;
  answer.outcome.verdict.error = {base::Code::unavailable,
                                  "The server is shutting down. Try again in a few seconds."};
  return answer;
}

}  // namespace

EngineThread::EngineThread(const mutation::Domain& domain, authority::Storage& storage,
                           authority::Authenticate authenticate, authority::Options options)
    // A commit's worth: more would not make it faster, only everybody behind it later.
    : unjudged_max_(options.mutations_per_commit_max),
      authority_(domain, storage, std::move(authenticate), options) {}

EngineThread::~EngineThread() { stop(); }

void EngineThread::set_on_applied(std::function<void(const authority::LogEntry&)> observer) {
  authority_.on_applied(std::move(observer));
}

void EngineThread::set_on_undone(std::function<void(const authority::LogEntry&)> observer) {
  authority_.on_undone(std::move(observer));
}

void EngineThread::set_on_committed(std::function<void(Commits)> listener) {
  on_committed_ = std::move(listener);
}

void EngineThread::start() {
  thread_ = std::thread([this] { run(); });
}

void EngineThread::stop() {
  mailbox_.stop();
  if (thread_.joinable()) thread_.join();
}

void EngineThread::run() {
  bool busy = false;
  while (true) {
    const Mailbox::Delivery delivery =
        busy ? mailbox_.take() : mailbox_.wait(authority_.next_timeout());
    if (delivery.stopping && delivery.tasks.empty() && !busy) break;
    for (const auto& task : delivery.tasks) task();
    take_frames();
    // One turn, then whoever came meanwhile: a long import must not keep the sockets waiting.
    busy = authority_.turn(now()) || !in_turn_.empty();
    // Whoever has heard of what was done finds it counted.
    publish_statistics(delivery.waited_ms);
    deliver_outputs();
  }
  watchers_.clear();  // connections must not outlive the network
  sockets_.clear();
}

void EngineThread::enqueue(net::ConnectionId id) {
  post([this, id] { in_turn_.push_back(id); });
}

void EngineThread::take_frames() {
  const auto until = std::chrono::steady_clock::now() + kFramesPerTurn;
  // Whose mutations wait keeps its turn: as long as there is such a one, the authority is not done.
  std::size_t passed_over = 0;
  while (passed_over < in_turn_.size() && std::chrono::steady_clock::now() < until) {
    const net::ConnectionId id = in_turn_.front();
    in_turn_.pop_front();
    const bool must_wait = authority_.unjudged(id) >= unjudged_max_;
    passed_over = must_wait ? passed_over + 1 : 0;
    if (must_wait || take_next(id)) in_turn_.push_back(id);
  }
}

bool EngineThread::take_next(net::ConnectionId id) {
  const Intake::Taken taken = intake_.take(id);
  if (taken.read_on) {
    const auto found = sockets_.find(id);
    if (found != sockets_.end()) found->second.connection->read_on();
  }
  if (taken.frame) authority_.receive(id, *taken.frame, now());
  if (taken.is_end) {
    authority_.close(id);
    forget_socket(id);
  }
  return !taken.is_last;
}

void EngineThread::publish_statistics(std::int64_t lag_ms) {
  const std::lock_guard lock(statistics_mutex_);
  statistics_.authority = authority_.statistics();
  statistics_.lag_ms = lag_ms;
  statistics_.lag_max_ms = std::max(statistics_.lag_max_ms, lag_ms);
}

EngineStatistics EngineThread::statistics() const {
  const std::lock_guard lock(statistics_mutex_);
  EngineStatistics statistics = statistics_;
  statistics.intake = intake_.statistics();
  return statistics;
}

void EngineThread::submit(authority::Submission submission,
                          std::function<void(authority::Answer)> done) {
  auto shared_done = std::make_shared<std::function<void(authority::Answer)>>(std::move(done));
  const bool taken = post([this, submission = std::move(submission), shared_done]() mutable {
    const authority::Ticket ticket = next_ticket_++;
    waiting_answers_.emplace(ticket, std::move(*shared_done));
    authority_.submit(ticket, std::move(submission));
  });
  if (!taken) (*shared_done)(unavailable());
}

void EngineThread::opened(net::ConnectionId id, const net::ConnectionInfo& info,
                          std::shared_ptr<net::Connection> connection) {
  log(Level::info, "connected",
      {{"connection", id},
       {"path", info.path},
       {"address", info.address},
       {"agent", info.user_agent}});
  post([this, id, connection = std::move(connection)]() mutable {
    sockets_[id].connection = std::move(connection);
    authority_.open(id, now());
  });
}

bool EngineThread::received(net::ConnectionId id, base::Bytes message) {
  const Intake::Put put = intake_.put(id, std::move(message));
  if (put.is_first) enqueue(id);
  return put.has_room;
}

void EngineThread::sent(net::ConnectionId id, std::size_t bytes) {
  post([this, id, bytes] { authority_.sent(id, bytes); });
}

void EngineThread::closed(net::ConnectionId id, const std::string& reason) {
  log(Level::info, "disconnected", {{"connection", id}, {"reason", reason}});
  if (intake_.put_end(id).is_first) enqueue(id);
}

void EngineThread::set_actor(const base::Id& user, const base::Id& login,
                             std::optional<mutation::Actor> actor) {
  if (std::this_thread::get_id() == thread_.get_id())
    return authority_.set_actor(user, login, actor);
  post([this, user, login, actor] { authority_.set_actor(user, login, actor); });
}

base::Status EngineThread::inspect(std::function<void(const authority::Authority&)> look) {
  auto done = std::make_shared<std::promise<void>>();
  std::future<void> looked = done->get_future();
  const bool taken = post([this, done, look = std::move(look)] {
    look(authority_);
    done->set_value();
  });
  if (!taken) return unavailable().outcome.verdict.error;
  looked.wait();
  return {};
}

void EngineThread::deliver_outputs() {
  greeted_.clear();
  // Told in one go, and before anything that came after them is: who knows of a commit does not hear of it later as news.
  Commits commits;
  const auto tell_commits = [&] {
    if (!commits.empty() && on_committed_) on_committed_(std::move(commits));
    commits.clear();
  };
  while (auto output = authority_.poll()) {
    if (auto* committed = std::get_if<authority::Committed>(&*output)) {
      commits.push_back(std::move(committed->entry));
      continue;
    }
    tell_commits();
    if (auto* frame = std::get_if<authority::SendFrame>(&*output)) {
      deliver(*frame);
    } else if (auto* close = std::get_if<authority::CloseSession>(&*output)) {
      deliver(*close);
    } else if (auto* answer = std::get_if<authority::Answer>(&*output)) {
      deliver(*answer);
    }
  }
  tell_commits();
  // Before the hello an authority sends nothing but the failure that precedes a close; closed ones are gone from here.
  for (const net::ConnectionId id : greeted_) {
    const auto found = sockets_.find(id);
    if (found != sockets_.end()) found->second.connection->set_authenticated();
  }
}

void EngineThread::deliver(authority::SendFrame& frame) {
  constexpr std::size_t kMany = 16, kWatchersMax = 16;
  const auto message = std::make_shared<const std::vector<net::Piece>>(std::move(frame.pieces));
  if (frame.sessions.size() < kMany) return audience_of(frame.sessions).tell(message);
  const auto known = std::find_if(watchers_.begin(), watchers_.end(), [&](const Watchers& some) {
    return some.sessions == frame.sessions;
  });
  if (known != watchers_.end()) {
    watchers_.splice(watchers_.begin(), watchers_, known);
  } else {
    net::Audience audience = audience_of(frame.sessions);
    watchers_.push_front({std::move(frame.sessions), std::move(audience)});
    if (watchers_.size() > kWatchersMax) watchers_.pop_back();
  }
  watchers_.front().audience.tell(message);
}

net::Audience EngineThread::audience_of(const std::vector<authority::SessionId>& sessions) {
  net::Audience audience;
  for (const authority::SessionId session : sessions) {
    const auto found = sockets_.find(session);
    if (found == sockets_.end()) continue;
    if (!found->second.known) greeted_.push_back(session);
    found->second.known = true;
    audience.add(found->second.connection);
  }
  return audience;
}

void EngineThread::forget_socket(net::ConnectionId id) {
  sockets_.erase(id);
  std::erase_if(watchers_, [id](const Watchers& some) {
    return std::find(some.sessions.begin(), some.sessions.end(), id) != some.sessions.end();
  });
}

void EngineThread::deliver(authority::CloseSession& close) {
  const auto found = sockets_.find(close.session);
  if (found == sockets_.end()) return;
  intake_.drop_frames(close.session);
  found->second.connection->close(close_code(close.error.code), close.error.message);
  forget_socket(close.session);
}

void EngineThread::deliver(authority::Answer& answer) {
  const auto found = waiting_answers_.find(answer.ticket);
  if (found == waiting_answers_.end()) return;
  const auto done = std::move(found->second);
  waiting_answers_.erase(found);
  done(std::move(answer));
}

}  // namespace syncline::server::app
