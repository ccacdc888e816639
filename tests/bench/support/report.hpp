// What every benchmark prints: lines {"case", "engine", "p50_us", "p99_us", "ops_per_s", "bytes"}, as JSON or as a table with
// each line beside its case's baseline. The client's benchmarks (tests/bench/client) print the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace syncline::bench {

struct Line {
  std::string name;  // of the case
  std::string engine;
  double p50_us = 0;
  double p99_us = 0;
  double ops_per_s = 0;
  double bytes = 0;
};

// Times of single operations. Invariant: at most kKept are held, an even sample of all that were added.
class Latencies {
 public:
  void add(double us);
  // The part of them that is at most the answer: quantile(0.99). 0 when there are none.
  [[nodiscard]] double quantile(double part) const;

 private:
  static constexpr std::size_t kKept = 1u << 20;
  std::vector<double> kept_;
  std::uint64_t seen_ = 0;
  std::uint64_t every_ = 1;
};

// Each number's median over runs of one case and engine. REQUIRES: at least one.
[[nodiscard]] Line median(const std::vector<Line>& runs);

// `baselines`: engines, of which the first one that a case has is what its lines are compared with, by ops/s or, where there is
// no speed, by bytes.
void print(const std::vector<Line>& lines, const std::vector<std::string>& baselines, bool json);

// Ends the process: a benchmark that cannot go on has no result.
[[noreturn]] void give_up(const std::string& why);

}  // namespace syncline::bench
