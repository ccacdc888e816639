// script/bench core: the native core by Google Benchmark, printed as the other benchmarks print.
#include <CLI/CLI.hpp>

#include "tests/bench/core/world.hpp"

namespace {

using namespace syncline::bench;

class Reporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const std::string& name = run.run_name.function_name;
      const auto slash = name.find('/');
      const double operations = static_cast<double>(run.iterations) * run.counters.at("batch");
      lines.push_back({name.substr(0, slash), name.substr(slash + 1), run.counters.at("p50_us"),
                       run.counters.at("p99_us"), operations / run.real_accumulated_time, 0});
    }
  }
  std::vector<Line> lines;
};

}  // namespace

int main(int count, char** words) {
  Size size;
  std::string filter = ".";
  std::string seconds = "0.5";
  bool json = false;
  CLI::App program("The native core's benchmarks, by Google Benchmark", "script/bench core");
  program.footer("`load`, `record-…` and `routing`: of one row or change. bytes: 0.\n");
  program.add_option("--filter", filter, "Only cases and engines that match this expression");
  program.add_option("--rows", size.rows, "Leads")->capture_default_str();
  program.add_option("--seconds", seconds, "At least, for each")->capture_default_str();
  program.add_flag("--json", json, "One JSON object per line instead of the table");
  CLI11_PARSE(program, count, words);

  std::vector<std::string> options{"bench_core", "--benchmark_min_time=" + seconds};
  std::vector<char*> arguments;
  for (std::string& option : options) arguments.push_back(option.data());
  int argument_count = static_cast<int>(arguments.size());
  benchmark::Initialize(&argument_count, arguments.data());
  add_live_cases(size);
  add_wire_cases(size);
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter, filter);
  print(reporter.lines, {"std", "memcpy", "scan"}, json);
  return 0;
}
