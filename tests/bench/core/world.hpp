// The rows that the core's benchmarks are about, in packed form and in memory, and how an operation is timed.
#pragma once

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "syncline/base/random.hpp"
#include "syncline/ivm/memory_source.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/stopwatch.hpp"

namespace syncline::bench {

struct Size {
  std::size_t rows = 100'000;
  std::size_t owners = 1'000;
};

struct World {
  explicit World(const Size& size);
  // Another content of a lead, not yet applied.
  [[nodiscard]] model::Change change_value();
  [[nodiscard]] model::Change change_owner_name();
  // To the sources and to `leads` or `owners`.
  void apply(const model::Change& change);

  base::Random random{1};
  ivm::MemorySources sources;
  std::vector<model::Record> leads;
  std::vector<model::Record> owners;

 private:
  model::Version version_ = 1;
  std::size_t lead_ = 0;  // of the last change
  std::size_t owner_ = 0;
};

// Made once: Google Benchmark starts every case several times.
[[nodiscard]] World& shared_world(const Size& size);

// Each round prepares with the first function, untimed, and then times the second, which does `batch` operations.
template <class Prepare, class Operation>
void time(benchmark::State& state, const Prepare& prepare, const Operation& operation,
          std::size_t batch = 1) {
  Latencies latencies;
  for ([[maybe_unused]] auto _ : state) {
    prepare();
    const Stopwatch watch;
    operation();
    const double us = watch.us();
    latencies.add(us / static_cast<double>(batch));
    state.SetIterationTime(us / 1e6);
  }
  state.counters["batch"] = static_cast<double>(batch);
  state.counters["p50_us"] = latencies.quantile(0.5);
  state.counters["p99_us"] = latencies.quantile(0.99);
}

// Registers a case of one engine. REQUIRES: neither name has a slash.
template <class Run>
void add_case(const std::string& name, const std::string& engine, Run run) {
  benchmark::RegisterBenchmark((name + "/" + engine).c_str(), run)->UseManualTime();
}

void add_live_cases(const Size& size);
void add_wire_cases(const Size& size);

}  // namespace syncline::bench
