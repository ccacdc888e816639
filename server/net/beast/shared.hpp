// What all connections of one server share. Internal to server/net; together with its neighbours the only headers that know
// Beast.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "server/net/server.hpp"

namespace syncline::server::net {

// A live connection as shutdown sees it. shut_down() may be called from any thread.
class Closable {
 public:
  virtual ~Closable() = default;
  virtual void shut_down() = 0;
};

// The live connections. Thread-safe.
class Registry {
 public:
  void add(ConnectionId id, std::weak_ptr<Closable> connection);
  void remove(ConnectionId id);
  [[nodiscard]] bool closing() const { return closing_; }
  // Shuts all down, also those that come later, and waits until none is left. False when the time is over.
  bool close_all(std::chrono::seconds patience);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> closing_{false};
  std::unordered_map<ConnectionId, std::weak_ptr<Closable>> live_;
};

// Connections that wait for a request, by address: who has too many loses the oldest of these to a new one, so that somebody
// who only holds connections open keeps nobody out, not even at the same address. Thread-safe.
class IdleConnections {
 public:
  void add(const std::string& address, ConnectionId id, std::weak_ptr<Closable> connection);
  void remove(const std::string& address, ConnectionId id);
  // Shuts the oldest one down; false: there is none.
  bool give_up_oldest(const std::string& address);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::map<ConnectionId, std::weak_ptr<Closable>>>
      by_address_;  // ids ascend with age
};

struct Shared {
  Shared(ServerOptions o, HttpHandler h, std::vector<SocketRoute> r)
      : options(std::move(o)),
        http(std::move(h)),
        routes(std::move(r)),
        addresses(options.limits.addresses) {}
  const ServerOptions options;
  const HttpHandler http;
  const std::vector<SocketRoute> routes;
  AddressTable addresses;
  Registry registry;
  IdleConnections idle;
  Counters counters;
  std::atomic<ConnectionId> next_id{1};
};
using SharedPtr = std::shared_ptr<Shared>;

// A connection's entries in the tables, taken back when it goes. Handed on when a request becomes a socket.
class Lease {
 public:
  Lease(SharedPtr shared, std::string peer, ConnectionId id)
      : shared_(std::move(shared)), peer_(std::move(peer)), id_(id) {}
  ~Lease() {
    set_authenticated();
    shared_->addresses.remove_connection(peer_);
    shared_->registry.remove(id_);
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] Shared& shared() const { return *shared_; }
  [[nodiscard]] const std::string& peer() const { return peer_; }
  [[nodiscard]] ConnectionId id() const { return id_; }
  // Counts as a stranger of this address until set_authenticated(). False: too many of them.
  [[nodiscard]] bool become_stranger(const std::string& address) {
    if (!shared_->addresses.add_stranger(address)) return false;
    stranger_ = address;
    return true;
  }
  void set_authenticated() {
    if (!stranger_.empty()) shared_->addresses.remove_stranger(stranger_);
    stranger_.clear();
  }

 private:
  SharedPtr shared_;
  std::string peer_;
  ConnectionId id_;
  std::string stranger_;
};
using LeasePtr = std::unique_ptr<Lease>;

}  // namespace syncline::server::net
