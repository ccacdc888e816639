#include <array>
#include <cstdio>

#include "domain/crm/leads.hpp"
#include "syncline/invalidation/interest_index.hpp"
#include "syncline/protocol/limits.hpp"
#include "tests/bench/server/cases.hpp"
#include "tests/bench/server/office.hpp"
#include "tests/bench/support/leads.hpp"
#include "tests/bench/support/stopwatch.hpp"

namespace syncline::bench {
namespace {

using domain::crm::Lead;
using query::Op;

constexpr std::size_t kFew = 10;

// Subscription `i` of many, no two alike: two of four ask for a company, one for a range of values, one for a beginning.
query::Query numbered_query(std::size_t i) {
  const auto number = static_cast<std::int64_t>(i);
  query::Query query;
  query.collection = domain::kLeadsId;
  if (i % 4 == 1) {
    query.where =
        query::all_of({query::compare(Lead::value, Op::gte, model::Decimal{100 * number, 2}),
                       query::compare(Lead::value, Op::lt, model::Decimal{100 * number + 50, 2})});
  } else if (i % 4 == 3) {
    query.where = query::compare(Lead::email, Op::like, "lead" + std::to_string(i) + "@%");
  } else {
    query.where = query::compare(Lead::company_name, Op::eq, "Company " + std::to_string(i));
  }
  return query;
}

// A lead that subscription `i` shows, and no other does.
model::Mutation lead_of(std::size_t i, const base::Id& id) {
  model::Mutation mutation;
  mutation.name = "crm.leads.insert";
  mutation.arguments.set(model::kIdField, id);
  mutation.arguments.set(Lead::name, "Lead " + std::to_string(i));
  mutation.arguments.set(Lead::company_name,
                         (i % 2 == 0 ? "Company " : "No company ") + std::to_string(i));
  const auto value = 100 * static_cast<std::int64_t>(i) + (i % 4 == 1 ? 20 : 70);
  mutation.arguments.set(Lead::value, model::Decimal{value, 2});
  mutation.arguments.set(Lead::email,
                         (i % 4 == 3 ? "lead" : "other") + std::to_string(i) + "@example.com");
  return mutation;
}

model::Mutation change_phone(const base::Id& id, base::Random& random) {
  model::Mutation mutation;
  mutation.name = "crm.leads.update";
  mutation.arguments.set(model::kIdField, id);
  mutation.arguments.set(Lead::phone,
                         "+49 40 " + std::to_string(1'000'000 + random.below(9'000'000)));
  return mutation;
}

// For each lead which subscription shows it. The table is the same, of everyday size, with few subscriptions and with many: what
// differs is how many there are.
std::vector<std::size_t> shown(std::size_t subscriptions) {
  constexpr std::size_t kLeads = 2'000;
  // A multiple of four and one more, so that all kinds of queries come up.
  const std::size_t step = std::max<std::size_t>(1, subscriptions / kLeads / 4 * 4 + 1);
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < kLeads; ++i) result.push_back(i * step % subscriptions);
  return result;
}

std::string engine_name(std::size_t subscriptions) {
  return std::to_string(subscriptions) + "-subscriptions";
}

Line line_of(const char* name, std::size_t subscriptions, const Latencies& latencies,
             std::size_t ops, double us) {
  return {name,
          engine_name(subscriptions),
          latencies.quantile(0.5),
          latencies.quantile(0.99),
          static_cast<double>(ops) / us * 1e6,
          0};
}

Line run_index(const Options& options, std::size_t subscriptions) {
  constexpr std::size_t kBatch = 50;  // a single one is shorter than the clock is exact
  base::Random random(1);
  invalidation::InterestIndex index;
  for (std::size_t i = 0; i < subscriptions; ++i) {
    const query::Query query = numbered_query(i);
    index.add(i, query.collection, query.where);
  }
  std::vector<model::Change> changes;
  for (const std::size_t i : shown(subscriptions)) {
    model::Change change;
    change.kind = model::ChangeKind::update;
    change.before = record_of(lead_of(i, random_id(random)));
    model::RecordBuilder after(change.before);
    after.set(Lead::phone, "+49 40 1234567");
    change.after = after.build();
    changes.push_back(std::move(change));
  }
  Latencies latencies;
  std::vector<invalidation::InterestIndex::Handle> found;
  std::size_t routed = 0;
  double us = 0;
  for (const Stopwatch all; all.seconds() < options.seconds / 4;) {
    found.clear();
    const Stopwatch batch;
    for (std::size_t i = 0; i < kBatch; ++i)
      index.affected(changes[random.index(changes.size())], found);
    latencies.add(batch.us() / kBatch);
    us += batch.us();
    routed += kBatch;
    if (found.size() != kBatch)
      give_up("a change was routed to " + std::to_string(found.size()) + " queries");
  }
  return line_of("routing-index", subscriptions, latencies, routed, us);
}

Line run_commit(const Options& options, std::size_t subscriptions) {
  base::Random random(1);
  Office office;
  std::vector<base::Id> ids;
  for (const std::size_t i : shown(subscriptions)) {
    ids.push_back(random_id(random));
    office.write({lead_of(i, ids.back())});
  }
  static_cast<void>(office.run());
  authority::SessionId session = 0;
  for (std::size_t i = 0; i < subscriptions; ++i) {
    const auto query_id = static_cast<std::uint32_t>(i % protocol::kSubscriptionsPerSessionMax);
    if (query_id == 0) session = office.enter();
    office.subscribe(session, query_id, numbered_query(i));
  }
  static_cast<void>(office.run());
  if (office.statistics().groups != subscriptions) give_up("different queries share a group");
  Latencies latencies;
  std::size_t routed = 0;
  double us = 0;
  for (const Stopwatch all; all.seconds() < options.seconds / 4; ++routed) {
    std::vector<model::Mutation> change{change_phone(ids[random.index(ids.size())], random)};
    const Stopwatch one;
    office.write(std::move(change));
    if (office.run() != 1) give_up("a change was not told to the one whom it concerns");
    latencies.add(one.us());
    us += one.us();
  }
  return line_of("routing", subscriptions, latencies, routed, us);
}

}  // namespace

std::vector<Line> run_routing(const Options& options) {
  std::vector<Line> lines;
  for (const auto& run_one : {run_commit, run_index}) {
    for (const std::size_t subscriptions : {kFew, options.subscriptions}) {
      std::fprintf(stderr, "routing: %zu subscriptions\n", subscriptions);
      std::vector<Line> runs;
      for (std::size_t run = 0; run < options.runs; ++run)
        runs.push_back(run_one(options, subscriptions));
      lines.push_back(median(runs));
    }
  }
  return lines;
}

}  // namespace syncline::bench
