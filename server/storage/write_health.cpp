#include "server/storage/write_health.hpp"

namespace syncline::server::storage {

void WriteHealth::refused(const base::Error& error) {
  const std::lock_guard lock(mutex_);
  if (!refusing_.exchange(true) && listener_) listener_(error);
}

void WriteHealth::written() {
  const std::lock_guard lock(mutex_);
  if (refusing_.exchange(false) && listener_) listener_({});
}

}  // namespace syncline::server::storage
