#include "server/app/explainer.hpp"

#include <nlohmann/json.hpp>

#include "server/api/explain.hpp"

namespace syncline::server::app {
namespace {

using api::OutJson;
using authority::RunningQuery;

}  // namespace

base::Result<std::string> Explainer::answer(const std::string& text) const {
  SYNC_ASSIGN(const api::ExplainAsk ask, api::parse_explain(domain_, text));
  if (!ask.query) {
    if (engine_ == nullptr) {
      return base::Error{base::Code::unavailable,
                         "No server runs on this database, so no queries run either."};
    }
    std::vector<RunningQuery> running;
    authority::Statistics statistics;
    SYNC_TRY(engine_->inspect([&](const authority::Authority& authority) {
      running = authority.running(ask.most);
      statistics = authority.statistics();
    }));
    OutJson queries = OutJson::array();
    for (const RunningQuery& each : running)
      queries.push_back(api::running_to_json(domain_.schema, each));
    return api::dump({{"groups", statistics.groups},
                      {"subscriptions", statistics.subscriptions},
                      {"sessions", statistics.sessions},
                      {"queries", std::move(queries)}});
  }
  SYNC_ASSIGN(const auto snapshot, readers_.snapshot());
  SYNC_ASSIGN(OutJson json, api::explain_query(domain_, ask, snapshot->planner(), query_cost_max_));
  json["running"] = nullptr;
  if (engine_ == nullptr) return api::dump(json);
  base::Status found;
  SYNC_TRY(engine_->inspect([&](const authority::Authority& authority) {
    const auto running = authority.running(ask.actor, *ask.query);
    if (!running.ok()) {
      found = running.error();
    } else if (*running) {
      json["running"] = api::running_to_json(domain_.schema, **running);
    }
  }));
  SYNC_TRY(found);
  return api::dump(json);
}

}  // namespace syncline::server::app
