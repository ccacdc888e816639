// Counts what each address holds, so that one address cannot take the server away from the others: connections in all, and
// sockets that have not signed in (SEMANTICS 37). Thread rule: thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace syncline::server::net {

class AddressTable {
 public:
  struct Limits {
    std::size_t connections = 50'000;              // of everybody
    std::size_t connections_per_address = 25'000;  // many people may share one address
    std::size_t strangers_per_address = 100;       // sockets before authentication
    bool enabled = true;                           // --limits off: only `connections` counts
  };
  explicit AddressTable(Limits limits) : limits_(limits) {}

  // Each true must be paid back with the matching remove. `in_place` of one that is about to go: counts beyond the limits.
  [[nodiscard]] bool add_connection(const std::string& address, bool in_place = false);
  void remove_connection(const std::string& address);
  [[nodiscard]] bool add_stranger(const std::string& address);
  void remove_stranger(const std::string& address);
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Count {
    std::size_t connections = 0;
    std::size_t strangers = 0;
  };
  void forget_if_empty(const std::string& address);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::size_t connections_ = 0;
  std::unordered_map<std::string, Count> counts_;
};

// Raises the limit of open files as far as the system lets us and returns it.
std::size_t raise_file_limit();

}  // namespace syncline::server::net
