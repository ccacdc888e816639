#include "server/net/address_table.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace syncline::server::net {

bool AddressTable::add_connection(const std::string& address, bool in_place) {
  const std::lock_guard lock(mutex_);
  Count& count = counts_[address];
  const bool room = connections_ < limits_.connections &&
                    (!limits_.enabled || count.connections < limits_.connections_per_address);
  if (room || in_place) {
    ++count.connections;
    ++connections_;
  }
  forget_if_empty(address);
  return room || in_place;
}

void AddressTable::remove_connection(const std::string& address) {
  const std::lock_guard lock(mutex_);
  --connections_;
  --counts_[address].connections;
  forget_if_empty(address);
}

bool AddressTable::add_stranger(const std::string& address) {
  const std::lock_guard lock(mutex_);
  Count& count = counts_[address];
  const bool room = !limits_.enabled || count.strangers < limits_.strangers_per_address;
  if (room) ++count.strangers;
  forget_if_empty(address);
  return room;
}

void AddressTable::remove_stranger(const std::string& address) {
  const std::lock_guard lock(mutex_);
  --counts_[address].strangers;
  forget_if_empty(address);
}

std::size_t AddressTable::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void AddressTable::forget_if_empty(const std::string& address) {
  const auto found = counts_.find(address);
  if (found != counts_.end() && found->second.connections == 0 && found->second.strangers == 0)
    counts_.erase(found);
}

std::size_t raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1'024;
  constexpr rlim_t kEnough = 200'000;
  const rlim_t wanted = std::min(limit.rlim_max, kEnough);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = wanted;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0 || ::getrlimit(RLIMIT_NOFILE, &limit) != 0)
      return 1'024;
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace syncline::server::net
