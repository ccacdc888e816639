// Everybody who listens to JSON events: the WebSockets of /events and the streams of /api/events. One thread of its own runs
// their state machines, so that slow rules and long replays never hold up the engine; the engine only hands it commits.
//
// Thread rule: public functions are thread-safe and return at once; committed() in order of versions.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/api/event_session.hpp"
#include "server/api/event_stream.hpp"
#include "server/app/accounts.hpp"
#include "server/app/mailbox.hpp"
#include "server/net/connection.hpp"

namespace syncline::server::app {

class EventHub final : public net::ConnectionHandler,
                       public std::enable_shared_from_this<EventHub> {
 public:
  // REQUIRES: all outlive it.
  EventHub(const mutation::Domain& domain, api::Database& database, api::Accounts& accounts);
  ~EventHub() override;
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  void start();
  void stop();

  // A durable commit, and what it did to users: their listeners still hear of it, then have new rights or end.
  struct Commit {
    std::shared_ptr<const authority::LogEntry> entry;
    std::vector<UserChange> users;
  };
  // In their order.
  void committed(std::vector<Commit> commits);
  // A login ended.
  void end_session(const base::Id& session);
  // GET /api/events.
  void stream(http::Request request, std::shared_ptr<net::Exchange> exchange);

  // ---- net::ConnectionHandler: the WebSockets
  void opened(net::ConnectionId id, const net::ConnectionInfo& info,
              std::shared_ptr<net::Connection> connection) override;
  [[nodiscard]] bool received(net::ConnectionId id, base::Bytes message) override;
  void sent(net::ConnectionId id, std::size_t bytes) override;
  void closed(net::ConnectionId id, const std::string& reason) override;

  [[nodiscard]] std::size_t sessions() const;

 private:
  class Listener;
  class SocketListener;
  class StreamListener;
  class StreamHandler;
  using ListenerPtr = std::shared_ptr<Listener>;

  void post(Mailbox::Task task) { mailbox_.post(std::move(task)); }
  void run();
  [[nodiscard]] std::optional<base::Timestamp> next_timeout() const;
  void open_stream(const http::Request& request, net::Exchange& exchange);
  void apply(const UserChange& change);
  void pump(const ListenerPtr& listener);
  void pump_all();
  void remove(const ListenerPtr& listener);

  const mutation::Domain& domain_;
  api::Database& database_;
  api::Accounts& accounts_;
  std::thread thread_;

  Mailbox mailbox_;
  std::atomic<std::size_t> session_count_ = 0;

  // Hub thread only.
  std::vector<ListenerPtr> listeners_;
  std::unordered_map<net::ConnectionId, ListenerPtr> by_connection_;
};

}  // namespace syncline::server::app
