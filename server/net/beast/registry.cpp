#include "server/net/beast/shared.hpp"

namespace syncline::server::net {

void Registry::add(ConnectionId id, std::weak_ptr<Closable> connection) {
  std::shared_ptr<Closable> late;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) late = connection.lock();
    live_[id] = std::move(connection);
  }
  if (late) late->shut_down();
}

void Registry::remove(ConnectionId id) {
  {
    const std::lock_guard lock(mutex_);
    live_.erase(id);
  }
  changed_.notify_all();
}

bool Registry::close_all(std::chrono::seconds patience) {
  std::vector<std::shared_ptr<Closable>> open;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    for (const auto& [id, connection] : live_) {
      if (auto alive = connection.lock()) open.push_back(std::move(alive));
    }
  }
  for (const auto& connection : open) connection->shut_down();
  open.clear();
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return live_.empty(); });
}

void IdleConnections::add(const std::string& address, ConnectionId id,
                          std::weak_ptr<Closable> connection) {
  const std::lock_guard lock(mutex_);
  by_address_[address][id] = std::move(connection);
}

void IdleConnections::remove(const std::string& address, ConnectionId id) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return;
  found->second.erase(id);
  if (found->second.empty()) by_address_.erase(found);
}

bool IdleConnections::give_up_oldest(const std::string& address) {
  std::shared_ptr<Closable> oldest;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_address_.find(address);
    while (!oldest && found != by_address_.end() && !found->second.empty()) {
      oldest = found->second.begin()->second.lock();
      found->second.erase(found->second.begin());
    }
  }
  if (!oldest) return false;
  oldest->shut_down();
  return true;
}

}  // namespace syncline::server::net
