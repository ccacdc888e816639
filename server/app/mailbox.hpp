// Mailbox: how other threads hand tasks to the one thread that owns some state. Unbounded: what flows in is bounded where it
// enters (requests in flight, bytes per socket). Thread rule: post() and stop() from anywhere, wait() from the owner only.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "syncline/base/time.hpp"

namespace syncline::server::app {

class Mailbox {
 public:
  using Task = std::function<void()>;
  struct Delivery {
    std::vector<Task> tasks;     // in the order in which they were posted
    std::int64_t waited_ms = 0;  // how long the oldest of them had been there
    bool stopping = false;       // nothing more will come
  };

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // False after stop(): the task was not taken.
  bool post(Task task);
  void stop();
  // Everything posted since. Waits until there is something, or until `until` (nullopt: for ever).
  [[nodiscard]] Delivery wait(std::optional<base::Timestamp> until);
  // The same without waiting.
  [[nodiscard]] Delivery take();

 private:
  [[nodiscard]] Delivery take_all();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> tasks_;
  base::Timestamp oldest_;  // of tasks_
  bool stopping_ = false;
};

}  // namespace syncline::server::app
