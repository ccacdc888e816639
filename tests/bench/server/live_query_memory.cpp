#include <cstdio>

#include <malloc.h>

#include "domain/crm/leads.hpp"
#include "syncline/protocol/limits.hpp"
#include "tests/bench/server/cases.hpp"
#include "tests/bench/server/office.hpp"
#include "tests/bench/support/leads.hpp"
#include "tests/bench/support/stopwatch.hpp"

namespace syncline::bench {
namespace {

using domain::crm::Lead;

double heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

// What a list on a screen asks for.
query::Query list_query() {
  query::Query query;
  query.collection = domain::kLeadsId;
  query.where = query::all_of({query::compare(Lead::status, query::Op::eq, Lead::kQualified),
                               query::compare(Lead::score, query::Op::gte, 10)});
  query.order = {{Lead::value, true}};
  query.limit = 50;
  return query;
}

}  // namespace

std::vector<Line> run_live_query_memory(const Options& options) {
  std::fprintf(stderr, "live-query-memory: %zu live queries\n", options.subscriptions);
  base::Random random(1);
  Office office;
  for (std::size_t i = 0; i < 200; ++i)
    office.write({insert_lead(random_id(random), {}, i, random)});
  std::vector<authority::SessionId> sessions;
  for (std::size_t i = 0; i < options.subscriptions; i += protocol::kSubscriptionsPerSessionMax)
    sessions.push_back(office.enter());
  const query::Query query = list_query();
  // Everybody has one, so that what is counted is a further one and not a session's first.
  for (const auto session : sessions) office.subscribe(session, 0, query);
  static_cast<void>(office.run());

  const std::size_t each = protocol::kSubscriptionsPerSessionMax - 1;
  const double before = heap_bytes();
  Latencies latencies;
  std::size_t live = 0;
  const Stopwatch all;
  for (const auto session : sessions) {
    for (std::uint32_t i = 1; i <= each; ++i, ++live) {
      const Stopwatch one;
      office.subscribe(session, i, query);
      if (office.run() != 1) give_up("no snapshot");
      latencies.add(one.us());
    }
  }
  const double seconds = all.seconds();
  const double bytes = heap_bytes() - before;
  if (office.statistics().groups != 1) give_up("equal queries are in several groups");
  const auto count = static_cast<double>(live);
  return {{"live-query-memory", "syncline", latencies.quantile(0.5), latencies.quantile(0.99),
           count / seconds, bytes / count}};
}

}  // namespace syncline::bench
