// script/power-cut: workloads by seed with the power cut everywhere, and the canaries.
#include <atomic>
#include <cstdio>
#include <limits>
#include <mutex>
#include <thread>

#include <CLI/CLI.hpp>

#include "tests/disk/canaries.hpp"

namespace {

using namespace syncline::disk;

struct Arguments {
  std::uint64_t seed = 0;
  std::vector<std::uint64_t> cut;
  std::uint64_t seeds = 0;
  std::uint64_t start = 1;
  std::uint32_t losses = 1;
  unsigned jobs = 1;
  bool canaries = false;
};

int print(const CutReport& report, std::uint64_t workloads) {
  for (const std::string& violation : report.violations)
    std::printf("violated: %s\n", violation.c_str());
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "workloads=%llu commits=%llu operations=%llu sync_points=%llu refusals=%llu cuts=%llu "
      "at_syncs=%llu failures=%zu\n",
      number(workloads), number(report.commits), number(report.operations),
      number(report.sync_points), number(report.refusals), number(report.cuts),
      number(report.at_syncs), report.violations.size());
  return report.violations.empty() ? 0 : 1;
}

int replay(const Arguments& arguments) {
  CutOptions options;
  options.losses = arguments.losses;
  bool found = arguments.cut.empty();
  if (!found) {
    options.only = {static_cast<std::uint32_t>(arguments.cut[0]),
                    static_cast<std::size_t>(arguments.cut[1])};
    options.tell = [&found](const std::string& line) {
      found = true;
      std::puts(line.c_str());
    };
  }
  const CutReport report = cut_everywhere(arguments.seed, options);
  if (found) return print(report, 1);
  std::fputs("error: this workload has no such life, or no such cut in it\n", stderr);
  return 2;
}

int run_many(const Arguments& arguments) {
  std::atomic<std::uint64_t> next{arguments.start};
  const std::uint64_t end = arguments.start + arguments.seeds;
  std::mutex lock;
  CutReport sum;
  std::uint64_t done = 0;
  const auto work = [&] {
    for (std::uint64_t seed = next++; seed < end; seed = next++) {
      CutOptions options;
      options.losses = arguments.losses;
      const CutReport report = cut_everywhere(seed, options);
      const std::lock_guard held(lock);
      sum.add(report);
      if (++done % 20 == 0) {
        std::fprintf(stderr, "%llu of %llu workloads\n", static_cast<unsigned long long>(done),
                     static_cast<unsigned long long>(arguments.seeds));
      }
    }
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < arguments.jobs; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  return print(sum, arguments.seeds);
}

int plant_all() {
  std::size_t caught = 0;
  for (const Canary& canary : canaries()) {
    const auto found = catch_canary(canary);
    if (found) ++caught;
    std::printf("%-22s %s\n", canary.name, found ? found->c_str() : "NOT CAUGHT");
    std::fflush(stdout);
  }
  std::printf("caught=%zu of=%zu\n", caught, canaries().size());
  return caught == canaries().size() ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  // As a number below zero would read as a very large one.
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  CLI::App program("A database whose power is cut at every write and sync", "script/power-cut");
  CLI::Option* seed = program.add_option("--seed", arguments.seed, "Cuts this workload everywhere")
                          ->check(CLI::Range(std::uint64_t{0}, kMost));
  program
      .add_option("--cut", arguments.cut,
                  "With --seed: LIFE CUT, only there; says what the disk had been asked")
      ->expected(2)
      ->needs(seed);
  CLI::Option* seeds = program.add_option("--seeds", arguments.seeds, "Cuts so many workloads")
                           ->check(CLI::Range(std::uint64_t{1}, kMost))
                           ->excludes(seed);
  program.add_option("--start", arguments.start, "With --seeds: the first one")
      ->needs(seeds)
      ->check(CLI::Range(std::uint64_t{0}, kMost))
      ->capture_default_str();
  program
      .add_option("--losses", arguments.losses,
                  "How often at one point, each time with another part of what was not synced")
      ->check(CLI::Range(1u, 1'000u))
      ->capture_default_str();
  program.add_option("--jobs", arguments.jobs, "With --seeds: so many at a time")
      ->needs(seeds)
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  program
      .add_flag("--canaries", arguments.canaries,
                "Plants one bug after the other and says which cut noticed it")
      ->excludes(seed)
      ->excludes(seeds);
  CLI11_PARSE(program, count, words);
  if (seed->count() > 0) return replay(arguments);
  if (seeds->count() > 0) return run_many(arguments);
  if (arguments.canaries) return plant_all();
  std::fputs(program.help().c_str(), stderr);
  return 2;
}
