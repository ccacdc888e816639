#include "server/app/event_hub.hpp"

#include <algorithm>

#include "server/app/clock.hpp"
#include "server/app/log.hpp"

namespace syncline::server::app {
namespace {

// So much may be on its way to one client; the rest waits in its session, which gives it up in an orderly way (reset).
constexpr std::size_t kInFlightMax = 256u << 10;

}  // namespace

// One who listens, whatever the transport.
class EventHub::Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_commit(const authority::LogEntry& entry) = 0;
  virtual void on_timeout(base::Timestamp at) = 0;
  virtual void set_actor(const mutation::Actor& actor) = 0;
  virtual void end() = 0;
  [[nodiscard]] virtual std::optional<std::string> poll_text() = 0;
  [[nodiscard]] virtual std::optional<base::Timestamp> next_timeout() const = 0;
  // Whoever it is; nullptr before authentication.
  [[nodiscard]] virtual const authority::Identity* identity() const = 0;
  // What to close with, once everything was sent.
  [[nodiscard]] virtual std::optional<api::EventSession::Closing> closing() const = 0;

  std::shared_ptr<net::Connection> connection;  // null until the stream's head is out
  std::size_t in_flight = 0;
  bool known = false;
};

class EventHub::SocketListener final : public Listener {
 public:
  SocketListener(const EventHub& hub, base::Timestamp at)
      : session_(hub.domain_, hub.database_, hub.accounts_, api::EventSession::Options{}, at) {}
  void on_text(std::string_view text, base::Timestamp at) { session_.on_text(text, at); }
  void on_commit(const authority::LogEntry& entry) override { session_.on_commit(entry); }
  void on_timeout(base::Timestamp at) override { session_.on_timeout(at); }
  void set_actor(const mutation::Actor& actor) override { session_.set_actor(actor); }
  void end() override {
    session_.end({base::Code::unauthenticated, "The session has ended. Sign in again."});
  }
  std::optional<std::string> poll_text() override { return session_.poll_text(); }
  std::optional<base::Timestamp> next_timeout() const override { return session_.next_timeout(); }
  const authority::Identity* identity() const override {
    return session_.identity() ? &*session_.identity() : nullptr;
  }
  std::optional<api::EventSession::Closing> closing() const override { return session_.closing(); }

 private:
  api::EventSession session_;
};

class EventHub::StreamListener final : public Listener {
 public:
  explicit StreamListener(std::unique_ptr<api::EventStream> stream) : stream_(std::move(stream)) {}
  void on_commit(const authority::LogEntry& entry) override { stream_->on_commit(entry); }
  void on_timeout(base::Timestamp at) override { stream_->on_timeout(at); }
  void set_actor(const mutation::Actor& actor) override { stream_->set_actor(actor); }
  void end() override { stream_->end(); }
  std::optional<std::string> poll_text() override { return stream_->poll_text(); }
  std::optional<base::Timestamp> next_timeout() const override { return stream_->next_timeout(); }
  const authority::Identity* identity() const override { return &stream_->identity(); }
  std::optional<api::EventSession::Closing> closing() const override {
    if (!stream_->ended()) return std::nullopt;
    return api::EventSession::Closing{};
  }

 private:
  std::unique_ptr<api::EventStream> stream_;
};

// Joins a stream's connection to its listener. A client that leaves before the head is out is never opened, so the listener
// goes with this.
class EventHub::StreamHandler final : public net::ConnectionHandler {
 public:
  StreamHandler(std::shared_ptr<EventHub> hub, ListenerPtr listener)
      : hub_(std::move(hub)), listener_(std::move(listener)) {}
  ~StreamHandler() override {
    hub_->post([hub = hub_.get(), listener = listener_] { hub->remove(listener); });
  }
  void opened(net::ConnectionId id, const net::ConnectionInfo& info,
              std::shared_ptr<net::Connection> connection) override {
    log(Level::info, "connected",
        {{"connection", id},
         {"path", info.path},
         {"address", info.address},
         {"agent", info.user_agent}});
    hub_->post(
        [hub = hub_.get(), listener = listener_, connection = std::move(connection)]() mutable {
          listener->connection = std::move(connection);
          hub->pump(listener);
        });
  }
  bool received(net::ConnectionId, base::Bytes) override { return true; }
  void sent(net::ConnectionId, std::size_t bytes) override {
    hub_->post([hub = hub_.get(), listener = listener_, bytes] {
      listener->in_flight -= std::min(bytes, listener->in_flight);
      hub->pump(listener);
    });
  }
  void closed(net::ConnectionId id, const std::string& reason) override {
    log(Level::info, "disconnected", {{"connection", id}, {"reason", reason}});
    hub_->post([hub = hub_.get(), listener = listener_] { hub->remove(listener); });
  }

 private:
  const std::shared_ptr<EventHub> hub_;
  const ListenerPtr listener_;
};

EventHub::EventHub(const mutation::Domain& domain, api::Database& database, api::Accounts& accounts)
    : domain_(domain), database_(database), accounts_(accounts) {}

EventHub::~EventHub() { stop(); }

void EventHub::start() {
  thread_ = std::thread([this] { run(); });
}

void EventHub::stop() {
  mailbox_.stop();
  if (thread_.joinable()) thread_.join();
}

void EventHub::run() {
  while (true) {
    const Mailbox::Delivery delivery = mailbox_.wait(next_timeout());
    if (delivery.stopping) break;
    for (const auto& task : delivery.tasks) task();
    const base::Timestamp at = now();
    for (const auto& listener : listeners_) {
      const auto timeout = listener->next_timeout();
      if (!timeout || at < *timeout) continue;
      listener->on_timeout(at);
      pump(listener);
    }
    session_count_ = listeners_.size();
  }
  listeners_.clear();
  by_connection_.clear();
}

std::optional<base::Timestamp> EventHub::next_timeout() const {
  std::optional<base::Timestamp> first;
  for (const auto& listener : listeners_) {
    const auto timeout = listener->next_timeout();
    if (timeout && (!first || *timeout < *first)) first = timeout;
  }
  return first;
}

void EventHub::committed(std::vector<Commit> commits) {
  post([this, commits = std::move(commits)] {
    for (const auto& [entry, users] : commits) {
      for (const auto& listener : listeners_) listener->on_commit(*entry);
      for (const auto& change : users) apply(change);
      pump_all();
    }
  });
}

void EventHub::apply(const UserChange& change) {
  for (const auto& listener : listeners_) {
    const auto* identity = listener->identity();
    if (identity == nullptr || !(identity->actor.user == change.user)) continue;
    if (change.actor) {
      listener->set_actor(*change.actor);
    } else {
      listener->end();
    }
  }
}

void EventHub::end_session(const base::Id& session) {
  post([this, session] {
    for (const auto& listener : listeners_) {
      const auto* identity = listener->identity();
      if (identity != nullptr && identity->session == session) listener->end();
    }
    pump_all();
  });
}

void EventHub::stream(http::Request request, std::shared_ptr<net::Exchange> exchange) {
  post([this, request = std::move(request), exchange = std::move(exchange)] {
    open_stream(request, *exchange);
  });
}

void EventHub::open_stream(const http::Request& request, net::Exchange& exchange) {
  auto stream = api::EventStream::open(domain_, database_, accounts_, request, now());
  if (!stream.ok()) return exchange.respond(api::EventStream::refusal(stream.error()));
  // It listens from now on, though its head is not yet out: no commit in between may be missed.
  auto listener = std::make_shared<StreamListener>(std::move(*stream));
  listeners_.push_back(listener);
  exchange.stream(api::EventStream::head(),
                  std::make_shared<StreamHandler>(shared_from_this(), listener));
}

void EventHub::opened(net::ConnectionId id, const net::ConnectionInfo& info,
                      std::shared_ptr<net::Connection> connection) {
  log(Level::info, "connected",
      {{"connection", id},
       {"path", info.path},
       {"address", info.address},
       {"agent", info.user_agent}});
  post([this, id, connection = std::move(connection)]() mutable {
    auto listener = std::make_shared<SocketListener>(*this, now());
    listener->connection = std::move(connection);
    listeners_.push_back(listener);
    by_connection_.emplace(id, std::move(listener));
  });
}

// One message at a time of each: whoever sends more than is worked through has to wait.
bool EventHub::received(net::ConnectionId id, base::Bytes message) {
  post([this, id, message = std::move(message)] {
    const auto found = by_connection_.find(id);
    if (found == by_connection_.end()) return;
    const ListenerPtr listener = found->second;
    static_cast<SocketListener&>(*listener).on_text(base::as_text(message), now());
    listener->connection->read_on();
    pump(listener);
  });
  return false;
}

void EventHub::sent(net::ConnectionId id, std::size_t bytes) {
  post([this, id, bytes] {
    const auto found = by_connection_.find(id);
    if (found == by_connection_.end()) return;
    found->second->in_flight -= std::min(bytes, found->second->in_flight);
    pump(found->second);
  });
}

void EventHub::closed(net::ConnectionId id, const std::string& reason) {
  log(Level::info, "disconnected", {{"connection", id}, {"reason", reason}});
  post([this, id] {
    const auto found = by_connection_.find(id);
    if (found == by_connection_.end()) return;
    remove(found->second);
    by_connection_.erase(found);
  });
}

void EventHub::remove(const ListenerPtr& listener) {
  listener->connection.reset();
  listeners_.erase(std::remove(listeners_.begin(), listeners_.end(), listener), listeners_.end());
}

void EventHub::pump_all() {
  for (const auto& listener : listeners_) pump(listener);
}

// Sends what there is, as far as the client takes it.
void EventHub::pump(const ListenerPtr& listener) {
  if (!listener->connection) return;
  if (!listener->known && listener->identity() != nullptr) {
    listener->known = true;
    listener->connection->set_authenticated();
  }
  while (listener->in_flight < kInFlightMax) {
    const auto text = listener->poll_text();
    if (!text) {
      const auto closing = listener->closing();
      if (closing)
        listener->connection->close(static_cast<net::CloseCode>(closing->code), closing->reason);
      return;
    }
    listener->in_flight += text->size();
    listener->connection->send({std::make_shared<const base::Bytes>(text->begin(), text->end())});
  }
}

std::size_t EventHub::sessions() const { return session_count_; }

}  // namespace syncline::server::app
