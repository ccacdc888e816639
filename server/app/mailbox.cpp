#include "server/app/mailbox.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/app/clock.hpp"

namespace syncline::server::app {

bool Mailbox::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    if (tasks_.empty()) oldest_ = now();
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void Mailbox::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

Mailbox::Delivery Mailbox::wait(std::optional<base::Timestamp> until) {
  // The clock may jump: what is late by it is looked at again after a minute at most.
  constexpr std::int64_t kPatienceMaxMs = 60'000;
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !tasks_.empty(); };
  if (until) {
    const auto patience = std::clamp<std::int64_t>(*until - now(), 0, kPatienceMaxMs);
    wake_.wait_for(lock, std::chrono::milliseconds(patience), ready);
  } else {
    wake_.wait(lock, ready);
  }
  return take_all();
}

Mailbox::Delivery Mailbox::take() {
  const std::lock_guard lock(mutex_);
  return take_all();
}

Mailbox::Delivery Mailbox::take_all() {
  Delivery delivery;
  delivery.waited_ms = tasks_.empty() ? 0 : now() - oldest_;
  delivery.tasks.swap(tasks_);
  delivery.stopping = stopping_;
  return delivery;
}

}  // namespace syncline::server::app
