// script/bench rebase: 100 pending mutations when a delta of 1,000 rows comes that touches some of them, beside the same
// mutations made anew. The delta's own application is not counted. With --limits it fails where a rebase costs more than it
// may: one that touches 5, a tenth of one that touches all; that one, twice what making them costs.
#include <cstdio>
#include <cstring>
#include <utility>

#include "domain/collections.hpp"
#include "domain/crm/leads.hpp"
#include "syncline/client/pending_log.hpp"
#include "tests/bench/support/leads.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/stopwatch.hpp"

namespace syncline::bench {
namespace {

using domain::crm::Lead;

constexpr std::size_t kLeads = 10'000;
constexpr std::size_t kPending = 100;
constexpr std::size_t kDelta = 1'000;
constexpr std::size_t kRounds = 60;

// One browser with pending changes of the first leads.
class Browser {
 public:
  explicit Browser(const std::vector<model::Record>& leads)
      : leads_(leads), replica_(domain().schema), log_(domain(), replica_) {
    log_.set_actor({random_id(random_), mutation::Role::admin});
    replica_.set_coverage([](const query::Query&) { return true; });
    for (const model::Record& lead : leads_) replica_.hold(replica_.put(lead));
    finish_step();
    for (std::size_t i = 0; i < kPending; ++i) {
      made_.push_back(update_value(leads_[i].id(), 1, random_));
      made_.back().id = {random_id(random_), i + 1};
    }
  }

  // Microseconds that it takes to make them.
  double mutate() {
    const Stopwatch watch;
    for (const model::Mutation& mutation : made_) {
      mutation::RunOutcome outcome = log_.try_run(mutation);
      if (!outcome.status.ok()) give_up(outcome.status.error().message);
      log_.add(mutation, std::move(outcome), true);
    }
    const double us = watch.us();
    finish_step();
    return us;
  }
  // Microseconds of the rebase over rows that others wrote: `touched` of those with pending changes, and as many others as
  // the delta has besides.
  double rebase_over(std::size_t touched) {
    for (std::size_t i = 0; i < kDelta; ++i) {
      const std::size_t at = i < touched ? i * (kPending / touched) : kPending + i;
      model::RecordBuilder row(leads_[at]);
      row.set(Lead::score, static_cast<std::int64_t>(random_.below(100)));
      row.set_version(++version_);
      replica_.put(row.build());
    }
    const Stopwatch watch;
    log_.rebase(false);
    const double us = watch.us();
    finish_step();
    check(touched);
    return us;
  }

 private:
  void finish_step() {
    replica_.advance([](const model::Change&) {});
  }
  // What was touched carries the server's version under the pending value.
  void check(std::size_t touched) {
    std::size_t newer = 0;
    for (std::size_t i = 0; i < kPending; ++i) {
      const model::Record row = replica_.visible(client::key_of(leads_[i]));
      const auto& wanted = made_[i].arguments.get(Lead::value);
      if (!(row.get(Lead::value) == wanted)) give_up("a pending change was lost");
      if (row.version() > 1) ++newer;
    }
    if (newer != touched) give_up("the delta touched others than it should");
  }

  const std::vector<model::Record>& leads_;
  base::Random random_{7};
  client::Replica replica_;
  client::PendingLog log_;
  std::vector<model::Mutation> made_;
  model::Version version_ = 1;
};

struct Case {
  const char* name;
  Latencies times;
  [[nodiscard]] double best() const { return times.quantile(0); }
};

int run(bool json, bool limits) {
  base::Random random(1);
  std::vector<model::Record> leads;
  for (std::size_t i = 0; i < kLeads; ++i) {
    model::RecordBuilder row(record_of(insert_lead(random_id(random), {}, i, random)));
    leads.push_back(row.set_version(1).build());
  }
  Case fresh{"mutate-100", {}};
  Case few{"rebase-5-of-100", {}};
  Case all{"rebase-100-of-100", {}};
  for (std::size_t round = 0; round < kRounds; ++round) {
    Browser one(leads);
    fresh.times.add(one.mutate());
    few.times.add(one.rebase_over(5));
    Browser other(leads);
    fresh.times.add(other.mutate());
    all.times.add(other.rebase_over(kPending));
  }
  std::vector<Line> lines;
  for (const Case* each : {&fresh, &few, &all}) {
    const double p50 = each->times.quantile(0.5);
    lines.push_back({each->name, "syncline", p50, each->times.quantile(0.99), 1e6 / p50, 0});
  }
  print(lines, {}, json);
  if (!limits) return 0;
  const bool holds = few.best() * 10 <= all.best() && all.best() <= fresh.best() * 2;
  if (!holds) std::fprintf(stderr, "best: %g, %g, %g us\n", fresh.best(), few.best(), all.best());
  return holds ? 0 : 1;
}

}  // namespace
}  // namespace syncline::bench

int main(int count, char** words) {
  bool json = false;
  bool limits = false;
  for (int i = 1; i < count; ++i) {
    json = json || std::strcmp(words[i], "--json") == 0;
    limits = limits || std::strcmp(words[i], "--limits") == 0;
  }
  return syncline::bench::run(json, limits);
}
