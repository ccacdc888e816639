// A WebSocket client that costs next to nothing, so that a load generator measures the server: plain sockets, no threads, only
// what RFC 6455 makes of binary messages that are not fragmented.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "syncline/base/bytes.hpp"

namespace syncline::bench {

// A TCP connection to this machine.
class Connection {
 public:
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  void write(base::ByteView bytes) const;
  // Appends what has arrived, waiting for something only when `wait`. False: the other side has closed.
  [[nodiscard]] bool read(base::Bytes& into, bool wait) const;

 private:
  int fd_ = -1;
};

class WebSocket {
 public:
  // Shakes hands. An empty path: the other side sends frames as they are, without a handshake.
  WebSocket(std::uint16_t port, const std::string& path, const std::string& protocol);

  [[nodiscard]] int fd() const { return connection_.fd(); }
  void send(base::ByteView message);
  // Visits the messages that have arrived. A connection that was closed ends the benchmark.
  void receive(const std::function<void(base::ByteView)>& visit, bool wait = false);
  [[nodiscard]] base::Bytes receive_one();

 private:
  Connection connection_;
  base::Bytes arrived_;
};

// A frame as a server sends it.
[[nodiscard]] base::Bytes server_frame(base::ByteView message);

// Many sockets, each with the number it was added with.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  void add(int fd, std::size_t number) const;
  // Waits and visits the numbers of those where something has arrived.
  void wait(const std::function<void(std::size_t)>& visit) const;

 private:
  int fd_ = -1;
};

[[nodiscard]] std::string http_post(std::uint16_t port, const std::string& path,
                                    const std::string& json);

}  // namespace syncline::bench
