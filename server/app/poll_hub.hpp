// Everybody who speaks /sync by POST /api/sync, because no WebSocket gets through to them (SEMANTICS 26). To the engine each
// is a connection like any other. A request that waits for something to say holds no thread: its exchange is kept, and one
// thread of the hub's answers them all.
//
//   first request ──▶ open ◀──▶ a request waits ── the browser ends it, no request for a minute, too much waits ──▶ gone
//                      └── the engine closes it ──▶ over: what was said is said again to who asks, until a few seconds after
//                                                   the answer that said all, or no request for a minute ──▶ gone
//
// Frames that find no room at the engine are not acknowledged. The request that brought them is answered once there is room.
//
// Thread rule: public functions are thread-safe and return at once.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <unordered_map>

#include "server/app/mailbox.hpp"
#include "server/app/poll_session.hpp"
#include "server/net/address_table.hpp"
#include "server/net/connection.hpp"

namespace syncline::server::app {

struct PollLimits {
  net::AddressTable::Limits
      addresses;  // of polled connections, and of those that have not signed in
  std::size_t queued_bytes = 128u << 20;  // to one that does not read; then it is given up
  std::int64_t wait_ms_max = 25'000;      // proxies end what is silent for half a minute
  std::int64_t forget_ms = 60'000;        // without a request
  std::int64_t repeat_ms = 5'000;  // of one that is over: for a retry of the request that heard so
};

class PollHub final : public std::enable_shared_from_this<PollHub> {
 public:
  // `engine`: who serves the connections.
  PollHub(std::shared_ptr<net::ConnectionHandler> engine, PollLimits limits);
  ~PollHub();
  PollHub(const PollHub&) = delete;
  PollHub& operator=(const PollHub&) = delete;

  void start();
  // Answers all who wait and closes all connections. Before the engine stops, and the network.
  void stop();

  [[nodiscard]] static bool is_for(const http::Request& request);
  // REQUIRES: is_for(request)
  void handle(const http::Request& request, std::shared_ptr<net::Exchange> exchange);

  [[nodiscard]] std::size_t sessions() const { return session_count_; }

 private:
  class PolledConnection;
  using ExchangePtr = std::shared_ptr<net::Exchange>;
  struct Polled {
    Polled(std::size_t queued_bytes_max, net::ConnectionId number, const base::Id& secret)
        : session(queued_bytes_max), id(number), key(secret) {}
    PollSession session;
    const net::ConnectionId id;
    const base::Id key;
    std::string address;
    bool stranger = true;
    bool over = false;     // the engine knows it no more
    bool full = false;     // the engine takes no more frames for now
    bool refused = false;  // frames of the last request found no room
    ExchangePtr waiting;   // null: no request waits
    base::Timestamp due;   // waiting: for its answer; else for being forgotten
  };

  void run();
  void poll(protocol::PollRequest& request, const net::ConnectionInfo& info, ExchangePtr exchange);
  // nullptr: refused, and answered.
  [[nodiscard]] Polled* open(const protocol::PollRequest& request, const net::ConnectionInfo& info,
                             net::Exchange& exchange);
  [[nodiscard]] Polled* find(net::ConnectionId id) const;
  void hand_on(Polled& polled, std::vector<base::Bytes> frames);
  void read_on(net::ConnectionId id);
  void push(net::ConnectionId id, std::vector<net::Piece> pieces);
  void end(net::ConnectionId id, const std::string& reason);
  void set_known(Polled& polled);
  // The engine hears that it is closed, if it does not know.
  void close(Polled& polled, const std::string& reason);
  void forget(Polled& polled, const std::string& reason);
  // Answers the request that waits, if one does.
  void answer(Polled& polled, std::string body);
  // REQUIRES: one waits.
  void answer_with_all(Polled& polled);
  void set_due(Polled& polled, base::Timestamp at);
  void answer_all_with_news();
  void expire();
  [[nodiscard]] base::Timestamp later(std::int64_t ms) const;

  const std::shared_ptr<net::ConnectionHandler> engine_;
  const PollLimits limits_;
  std::thread thread_;
  Mailbox mailbox_;
  std::atomic<std::size_t> session_count_ = 0;

  // Hub thread only.
  net::AddressTable addresses_;
  std::map<base::Id, std::unique_ptr<Polled>> by_key_;
  std::unordered_map<net::ConnectionId, Polled*> by_id_;
  std::set<std::pair<std::int64_t, net::ConnectionId>> due_;
  std::vector<net::ConnectionId> moved_;  // may have something to say
  net::ConnectionId last_id_;
};

}  // namespace syncline::server::app
