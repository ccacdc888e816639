// script/simulate: runs of the simulator by seed, and the canaries.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "tests/simulation/canaries.hpp"

namespace {

using namespace syncline::simulation;

struct Options {
  std::uint64_t seed = 0;
  std::uint64_t seeds = 0;
  std::uint64_t start = 1;
  unsigned jobs = 1;
  double minutes = 0;
  bool verbose = false;
  bool canaries = false;
  bool editing = false;
};

int replay(const Options& options) {
  std::function<void(const std::string&)> tell;
  if (options.verbose) tell = [](const std::string& line) { std::puts(line.c_str()); };
  const Report report = run_seed(options.seed, options.editing, {}, tell);
  for (const std::string& violation : report.violations)
    std::printf("violated: %s\n", violation.c_str());
  std::printf("seed=%llu virtual_minutes=%.1f mutations=%llu faults=%llu violations=%zu\n",
              static_cast<unsigned long long>(options.seed),
              static_cast<double>(report.virtual_ms) / 60'000.0,
              static_cast<unsigned long long>(report.mutations),
              static_cast<unsigned long long>(report.faults), report.violations.size());
  return report.violations.empty() ? 0 : 1;
}

struct Sum {
  std::mutex lock;
  std::uint64_t seeds = 0;
  std::int64_t virtual_ms = 0;
  std::uint64_t faults = 0;
  std::uint64_t failures = 0;
};

void add(Sum& sum, std::uint64_t seed, const Report& report) {
  const std::lock_guard<std::mutex> held(sum.lock);
  ++sum.seeds;
  sum.virtual_ms += report.virtual_ms;
  sum.faults += report.faults;
  if (report.violations.empty()) return;
  ++sum.failures;
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
              report.violations.front().c_str());
  std::fflush(stdout);
}

int run_many(const Options& options) {
  std::atomic<std::uint64_t> next{options.start};
  const std::uint64_t end = options.start + options.seeds;
  const auto until = std::chrono::steady_clock::now() +
                     std::chrono::duration<double, std::ratio<60>>(options.minutes);
  Sum sum;
  const auto work = [&] {
    for (std::uint64_t seed = next++; seed < end || std::chrono::steady_clock::now() < until;
         seed = next++)
      add(sum, seed, run_seed(seed, options.editing));
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < options.jobs; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  std::printf(
      "seeds=%llu virtual_hours=%.0f faults=%llu failures=%llu\n",
      static_cast<unsigned long long>(sum.seeds), static_cast<double>(sum.virtual_ms) / 3'600'000.0,
      static_cast<unsigned long long>(sum.faults), static_cast<unsigned long long>(sum.failures));
  return sum.failures == 0 ? 0 : 1;
}

int plant_all() {
  std::size_t caught = 0;
  for (const Canary& canary : canaries()) {
    const auto found = catch_canary(canary);
    if (found) ++caught;
    std::printf("%-22s %s\n", canary.name,
                found ? ("seed " + std::to_string(found->seed) + ": " + found->violation).c_str()
                      : "NOT CAUGHT");
    std::fflush(stdout);
  }
  std::printf("caught=%zu of=%zu\n", caught, canaries().size());
  return caught == canaries().size() ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  Options options;
  // As a number below zero would read as a very large one.
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  CLI::App program("Browsers, a server, and everything that goes wrong between them",
                   "script/simulate");
  CLI::Option* seed = program.add_option("--seed", options.seed, "Replays this one")
                          ->check(CLI::Range(std::uint64_t{0}, kMost));
  CLI::Option* seeds = program.add_option("--seeds", options.seeds, "Runs so many of them")
                           ->check(CLI::Range(std::uint64_t{1}, kMost));
  seed->excludes(seeds);
  program.add_flag("--verbose", options.verbose, "With --seed: says what happens")->needs(seed);
  program.add_option("--start", options.start, "With --seeds: the first one")
      ->needs(seeds)
      ->check(CLI::Range(std::uint64_t{0}, kMost))
      ->capture_default_str();
  program
      .add_option("--minutes", options.minutes,
                  "With --seeds: goes on past them until so many minutes are over")
      ->needs(seeds);
  program.add_option("--jobs", options.jobs, "With --seeds: so many at a time")
      ->needs(seeds)
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  program.add_flag("--editing", options.editing,
                   "People also type, edit drafts, take back and do again");
  program
      .add_flag("--canaries", options.canaries,
                "Plants one bug after the other and says which seed noticed it")
      ->excludes(seed)
      ->excludes(seeds);
  CLI11_PARSE(program, count, words);
  if (seed->count() > 0) return replay(options);
  if (seeds->count() > 0) return run_many(options);
  if (options.canaries) return plant_all();
  std::fputs(program.help().c_str(), stderr);
  return 2;
}
