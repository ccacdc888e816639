#pragma once

#include <chrono>

namespace syncline::bench {

class Stopwatch {
 public:
  [[nodiscard]] double us() const {
    return std::chrono::duration<double, std::micro>(Clock::now() - start_).count();
  }
  [[nodiscard]] double seconds() const { return us() / 1e6; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace syncline::bench
