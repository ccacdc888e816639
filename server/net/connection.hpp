// What crosses the border of server/net, as interfaces and plain values: HTTP exchanges, WebSocket and event-stream
// connections. Whoever answers them sees no Beast, and no thread of ours but through these calls.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.hpp"
#include "syncline/base/bytes.hpp"

namespace syncline::server::net {

using Piece = std::shared_ptr<const base::Bytes>;  // shared by many connections, never copied
using Message = std::shared_ptr<const std::vector<Piece>>;
using ConnectionId = std::uint64_t;  // never reused

// RFC 6455, 7.4.1; an event stream just ends.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  unsupported_data = 1003,
  policy_violation = 1008,
  too_big = 1009,
  internal_error = 1011,
  try_again_later = 1013,
};

// One open WebSocket or event stream. Thread rule: every function may be called from any thread and returns at once; after
// the connection has closed they do nothing.
class Connection {
 public:
  virtual ~Connection() = default;
  // One message made of these pieces in this order.
  virtual void send(std::vector<Piece> pieces) = 0;
  // Becomes one of those who are told together. False: it cannot, and is sent to.
  virtual bool join(class Audience&) { return false; }
  // After a received() that answered false: what comes is taken again.
  virtual void read_on() {}
  // Sends what was sent before, then closes.
  virtual void close(CloseCode code, std::string reason) = 0;
  // From now on it does not count against the address's limit of strangers.
  virtual void set_authenticated() = 0;
};

// A connection as its loop sees it, and the loop's mailbox. Thread rule: put() from any thread, deliver() on the loop.
class Addressee {
 public:
  virtual ~Addressee() = default;
  // deliver() comes in a moment: what lies in cold memory is asked for.
  virtual void expect() const {}
  virtual void deliver(const Message& message) = 0;
};
using Addressees = std::vector<std::shared_ptr<Addressee>>;
class Outlet {
 public:
  virtual ~Outlet() = default;
  virtual void put(const Message& message, std::shared_ptr<const Addressees> to) = 0;
};

// Connections that get the same messages: nothing is copied, counted or looked up for each of them when they are told, and
// each of their loops is woken once. Thread rule: one thread; nobody is added any more once they were told something.
class Audience {
 public:
  void add(const std::shared_ptr<Connection>& connection);
  void tell(const Message& message) const;

  // ---- for join()
  void add(Outlet& outlet, std::shared_ptr<Addressee> addressee);

 private:
  struct Lot {
    Outlet* outlet = nullptr;
    std::shared_ptr<Addressees> addressees;
  };
  std::vector<Lot> lots_;  // one per loop: few
  std::vector<std::shared_ptr<Connection>> others_;
};

struct ConnectionInfo {
  std::string path;      // "/sync"
  std::string protocol;  // the sub-protocol; "" for an event stream
  std::string address;
  std::string user_agent;
};

// Whoever serves connections. The calls for one connection come one after the other, opened() first, closed() last and
// exactly once; calls for several connections come from several threads. They must not block.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void opened(ConnectionId id, const ConnectionInfo& info,
                      std::shared_ptr<Connection> connection) = 0;
  // False: it was taken, but enough waits now. Nothing more is read from this client until Connection::read_on(), so that it
  // has to wait itself; what is sent to it goes out all the same.
  [[nodiscard]] virtual bool received(ConnectionId id, base::Bytes message) = 0;
  // So many bytes of what was sent have gone to the network. The last 64 KiB may never be reported.
  virtual void sent(ConnectionId id, std::size_t bytes) = 0;
  virtual void closed(ConnectionId id, const std::string& reason) = 0;
};

// One HTTP request that waits for its answer: call exactly one function, once, from any thread.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void respond(http::Response response) = 0;
  // Answers with the head of `head` and keeps the body open as an event stream, served by `handler`.
  virtual void stream(http::Response head, std::shared_ptr<ConnectionHandler> handler) = 0;
};

using HttpHandler = std::function<void(http::Request, std::shared_ptr<Exchange>)>;

// An error answer as problem+json, for what is refused before anybody else sees the request; in the shape of the API's own.
// REQUIRES: `code` is the name of a base::Code.
[[nodiscard]] http::Response problem(int status, std::string_view code, std::string_view title,
                                     std::string_view detail);
// The part of a target before '?'.
[[nodiscard]] std::string_view path_of(std::string_view target);

}  // namespace syncline::server::net
