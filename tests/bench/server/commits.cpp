#include <algorithm>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>

#include "tests/bench/server/cases.hpp"
#include "tests/bench/server/syncline_server.hpp"
#include "tests/bench/support/leads.hpp"
#include "tests/bench/support/stopwatch.hpp"

namespace syncline::bench {
namespace {

// A browser whose user is busy: it always has some mutations under way, and of rows of its own, so that none conflicts.
class Writer {
 public:
  Writer(const SynclineServer& server, base::Random& random) : session_(server, random) {}

  [[nodiscard]] SyncSession& session() { return session_; }
  void own(const base::Id& id) { ids_.push_back(id); }
  [[nodiscard]] bool is_waiting() const { return !sent_.empty(); }

  void write(std::size_t count, base::Random& random) {
    std::vector<model::Mutation> mutations;
    for (std::size_t i = 0; i < count; ++i) {
      mutations.push_back(update_value(ids_[random.index(ids_.size())], session_.seen(), random));
      sent_.emplace_back();
    }
    session_.push(std::move(mutations));
  }
  // Verdicts that have arrived. REQUIRES: there is something to receive.
  std::size_t take_verdicts(Latencies& latencies) {
    std::size_t verdicts = 0;
    session_.receive([&](const protocol::Poke& poke, base::ByteView) {
      for (std::size_t i = 0; i < poke.verdicts.size(); ++i) {
        latencies.add(sent_.front().us());
        sent_.pop_front();
      }
      verdicts += poke.verdicts.size();
    });
    return verdicts;
  }

 private:
  SyncSession session_;
  std::vector<base::Id> ids_;
  std::deque<Stopwatch> sent_;
};

Line run_syncline(const Options& options) {
  base::Random random(1);
  const SynclineServer server(options);
  std::vector<std::unique_ptr<Writer>> writers;
  const Poller poller;
  for (std::size_t i = 0; i < options.writers; ++i) {
    writers.push_back(std::make_unique<Writer>(server, random));
    poller.add(writers.back()->session().fd(), i);
  }
  const std::vector<base::Id> ids =
      insert_leads(writers.front()->session(), std::max(options.rows, options.writers), random);
  for (std::size_t i = 0; i < ids.size(); ++i) writers[i % writers.size()]->own(ids[i]);

  const model::Version before = writers.front()->session().seen();
  for (const auto& writer : writers) writer->session().saw(before);
  Latencies latencies;
  std::size_t applied = 0;
  const Stopwatch all;
  for (const auto& writer : writers) writer->write(options.in_flight, random);
  while (all.seconds() < options.seconds) {
    poller.wait([&](std::size_t i) {
      const std::size_t verdicts = writers[i]->take_verdicts(latencies);
      applied += verdicts;
      if (verdicts > 0) writers[i]->write(verdicts, random);
    });
  }
  const double seconds = all.seconds();
  const auto measured = static_cast<double>(applied);

  const auto is_waiting = [](const auto& writer) { return writer->is_waiting(); };
  while (std::any_of(writers.begin(), writers.end(), is_waiting))
    poller.wait([&](std::size_t i) { applied += writers[i]->take_verdicts(latencies); });
  model::Version newest = 0;
  for (const auto& writer : writers) newest = std::max(newest, writer->session().seen());
  if (newest - before != applied) give_up("verdicts and versions do not add up");
  return {"commits",          "syncline", latencies.quantile(0.5), latencies.quantile(0.99),
          measured / seconds, 0};
}

}  // namespace

std::vector<Line> run_commits(const Options& options) {
  std::map<std::string, std::vector<Line>> runs;
  for (std::size_t run = 1; run <= options.runs; ++run) {
    std::fprintf(stderr, "commits: run %zu of %zu\n", run, options.runs);
    for (const Line& line :
         {run_syncline(options), run_raw_sqlite(options, 1), run_raw_sqlite(options, 100)})
      runs[line.engine].push_back(line);
  }
  std::vector<Line> lines;
  for (const char* engine : {"syncline", "sqlite-1", "sqlite-100"})
    lines.push_back(median(runs.at(engine)));
  return lines;
}

}  // namespace syncline::bench
