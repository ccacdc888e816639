// WriteHealth: does the disk take writes? Where it does not (full, read-only, broken) the database goes on being read, and
// whoever wants to write hears why until something could be written again.
//
// Thread rule: thread-safe; the listener is set before anybody writes, and called by whoever found out, one at a time.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "syncline/base/result.hpp"

namespace syncline::server::storage {

class WriteHealth {
 public:
  // Called with the error when writes begin to be refused, and with success when they are taken again; not in between.
  using Listener = std::function<void(const base::Status&)>;
  void listen(Listener listener) { listener_ = std::move(listener); }

  void refused(const base::Error& error);
  void written();
  [[nodiscard]] bool is_refusing() const { return refusing_.load(std::memory_order_acquire); }

 private:
  std::mutex mutex_;
  std::atomic<bool> refusing_{false};
  Listener listener_;
};

}  // namespace syncline::server::storage
