// Agenda: virtual time. What is due runs in order of time, and at the same time in the order in which it was planned, so that
// a run is a function of its seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "syncline/base/time.hpp"

namespace syncline::simulation {

class Agenda {
 public:
  [[nodiscard]] base::Timestamp now() const { return now_; }
  // `what` looks itself whether it is still wanted.
  void in(std::int64_t delay_ms, std::function<void()> what) {
    const std::int64_t at = now_.ms + (delay_ms < 0 ? 0 : delay_ms);
    due_.emplace(std::pair(at, ++planned_), std::move(what));
  }
  // Runs the next thing that is due by then; false: there is none, and it is then.
  bool step(base::Timestamp until) {
    if (due_.empty() || until.ms < due_.begin()->first.first) {
      if (now_ < until) now_ = until;
      return false;
    }
    auto next = due_.extract(due_.begin());
    now_.ms = next.key().first;
    next.mapped()();
    return true;
  }
  void run_until(base::Timestamp until) {
    while (step(until)) continue;
  }

 private:
  base::Timestamp now_{1'795'248'000'000};
  std::uint64_t planned_ = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> due_;
};

}  // namespace syncline::simulation
