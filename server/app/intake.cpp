#include "server/app/intake.hpp"

#include <utility>

namespace syncline::server::app {

Intake::Put Intake::put(net::ConnectionId id, base::Bytes frame) {
  const std::lock_guard lock(mutex_);
  const auto [entry, is_first] = queues_.try_emplace(id);
  Queue& queue = entry->second;
  queue.bytes += frame.size();
  statistics_.bytes += frame.size();
  queue.frames.push_back(std::move(frame));
  const bool has_room = queue.bytes < kBytesMax && queue.frames.size() < kFramesMax;
  if (!has_room && !std::exchange(queue.is_full, true)) ++statistics_.full;
  return {is_first, has_room};
}

Intake::Put Intake::put_end(net::ConnectionId id) {
  const std::lock_guard lock(mutex_);
  const auto [entry, is_first] = queues_.try_emplace(id);
  entry->second.has_ended = true;
  return {is_first, false};
}

Intake::Taken Intake::take(net::ConnectionId id) {
  const std::lock_guard lock(mutex_);
  Taken taken;
  const auto found = queues_.find(id);
  if (found == queues_.end()) return taken;
  Queue& queue = found->second;
  if (!queue.frames.empty()) {
    taken.frame = std::move(queue.frames.front());
    queue.frames.pop_front();
    queue.bytes -= taken.frame->size();
    statistics_.bytes -= taken.frame->size();
  } else {
    taken.is_end = queue.has_ended;
  }
  const bool has_room = queue.bytes <= kBytesMax / 2 && queue.frames.size() <= kFramesMax / 2;
  if (has_room && std::exchange(queue.is_full, false)) {
    --statistics_.full;
    taken.read_on = true;
  }
  taken.is_last = queue.frames.empty() && (taken.is_end || !queue.has_ended);
  if (taken.is_last) queues_.erase(found);
  return taken;
}

void Intake::drop_frames(net::ConnectionId id) {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(id);
  if (found == queues_.end()) return;
  Queue& queue = found->second;
  queue.frames.clear();
  statistics_.bytes -= std::exchange(queue.bytes, 0);
}

Intake::Statistics Intake::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

}  // namespace syncline::server::app
