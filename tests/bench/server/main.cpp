// script/bench server: what the server does with its processor, beside the least that anybody could do with it.
#include <algorithm>
#include <cstdio>
#include <functional>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include "tests/bench/server/cases.hpp"

namespace {

using namespace syncline::bench;

struct Case {
  std::string name;
  std::string about;
  std::function<std::vector<Line>(const Options&)> run;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"commits", "durable updates of many writers, beside SQLite itself", run_commits},
      {"fanout", "processor time per frame that reaches a subscriber", run_fanout},
      {"routing", "one change among few and among many subscriptions", run_routing},
      {"live-query-memory", "bytes of one more live query", run_live_query_memory},
  };
  return all;
}

// A thousand sockets here and as many in the server, which inherits the limit.
void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string footer() {
  std::string text = "Cases:\n";
  for (const Case& one : cases()) {
    text += "  " + one.name + std::string(20 - one.name.size(), ' ') + one.about + "\n";
  }
  return text +
         "\nA frame's or change's ops/s in the case fanout are per second of the sender's "
         "processor "
         "time; the receivers run elsewhere.\n";
}

}  // namespace

int main(int count, char** words) {
  Options options;
  std::vector<std::string> names;
  bool json = false;
  CLI::App program("The server's benchmarks", "script/bench server");
  program.footer(footer());
  std::vector<std::string> known;
  for (const Case& one : cases()) known.push_back(one.name);
  program.add_option("--case", names, "Only this case; may be given several times")
      ->check(CLI::IsMember(known));
  program.add_flag("--json", json, "One JSON object per line instead of the table");
  program.add_option("--runs", options.runs, "Runs of each engine, in turns; the median counts")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  program.add_option("--seconds", options.seconds, "Of one run")->capture_default_str();
  program.add_option("--rows", options.rows, "commits: rows of the table")->capture_default_str();
  program.add_option("--writers", options.writers, "commits: connections")->capture_default_str();
  program
      .add_option("--in-flight", options.in_flight,
                  "commits: mutations of one connection that wait for their verdict")
      ->capture_default_str();
  program.add_option("--subscribers", options.subscribers, "fanout: connections")
      ->capture_default_str();
  program
      .add_option("--subscriptions", options.subscriptions, "routing, live-query-memory: how many")
      ->capture_default_str();
  program.add_option("--folder", options.folder, "Where databases are made")->required();
  program.add_option("--binary", options.binary, "The server")->required();
  program.add_option("--ws", options.ws_script,
                     "The script that serves npm ws; without it, it is left out");
  CLI11_PARSE(program, count, words);

  raise_file_limit();
  std::vector<Line> lines;
  for (const Case& one : cases()) {
    if (!names.empty() && std::find(names.begin(), names.end(), one.name) == names.end()) continue;
    for (Line& line : one.run(options)) lines.push_back(std::move(line));
  }
  print(lines, {"c-send", "sqlite-1", "10-subscriptions"}, json);
  return 0;
}
