// The network edge: accepts connections, speaks HTTP and WebSocket with bounds on everything, and hands plain values to
// handlers. Knows nothing of Syncline's messages.
//
// Threads: one loop per thread, each connection belongs to one loop. start() and stop() from one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/net/address_table.hpp"
#include "server/net/connection.hpp"
#include "syncline/base/result.hpp"

namespace syncline::server::net {

struct Limits {
  std::uint32_t header_bytes = 16u << 10;
  std::uint64_t body_bytes = 1u << 20;
  std::size_t message_bytes = 1u << 20;  // of a WebSocket message from a client
  std::size_t queued_bytes =
      128u << 20;                      // to one client that does not read; then it is disconnected
  std::uint32_t request_seconds = 30;  // for a request to arrive, and between requests
  std::uint32_t response_seconds = 120;    // for an answer to be taken
  std::uint32_t socket_idle_seconds = 75;  // without any sign of life; pings are sent at half of it
  std::uint32_t shutdown_seconds = 5;
  AddressTable::Limits addresses;
};

// What a WebSocket path speaks. Several may have the same path: the client's sub-protocols choose.
struct SocketRoute {
  std::string path;
  std::string protocol;
  bool binary = true;
  std::shared_ptr<ConnectionHandler> handler;
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  std::size_t threads = 2;
  std::vector<std::string> allow_origins;
  std::vector<std::string> trusted_proxies;
  Limits limits;
};

// Counted since start; read from any thread.
struct Counters {
  std::atomic<std::uint64_t> connections_accepted{0}, connections_refused{0}, requests{0};
  std::atomic<std::uint64_t> sockets_opened{0}, sockets_closed{0}, sockets_refused{0};
  std::atomic<std::uint64_t> bytes_received{0}, bytes_sent{0};
};

class Server {
 public:
  Server(ServerOptions options, HttpHandler http, std::vector<SocketRoute> routes);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens and returns the port. Errors: unavailable (address in use, no such address).
  [[nodiscard]] base::Result<std::uint16_t> start();
  // Stops accepting, lets running requests answer, closes sockets with 1001, waits for all of it (bounded), joins.
  void stop();
  [[nodiscard]] const Counters& counters() const;
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace syncline::server::net
