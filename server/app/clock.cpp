#include "server/app/clock.hpp"

#include <atomic>
#include <chrono>

namespace syncline::server::app {

base::Timestamp now() {
  static std::atomic<std::int64_t> latest{0};
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t current =
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  std::int64_t seen = latest.load(std::memory_order_relaxed);
  while (seen < current && !latest.compare_exchange_weak(seen, current, std::memory_order_relaxed))
    continue;
  return {seen < current ? current : seen};
}

}  // namespace syncline::server::app
