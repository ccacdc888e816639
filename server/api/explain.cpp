#include "server/api/explain.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "server/api/query_parameters.hpp"
#include "server/api/query_text.hpp"
#include "server/api/sync_json.hpp"
#include "syncline/query/canonical.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::server::api {
namespace {

using authority::PlanStep;
using authority::Route;
using base::Code;
using base::Error;
using base::Result;

constexpr std::array<std::string_view, 6> kRouteNames = {"never",  "equality", "item",
                                                         "prefix", "range",    "residual"};
constexpr std::array<std::string_view, 4> kRoleNames = {"rows", "exists", "include", "group key"};

// "crm.leads" or the path of its REST resource.
const model::Collection* find_collection(const model::Schema& schema, std::string_view name) {
  for (const model::Collection& collection : schema.collections()) {
    if (collection.spec().api_path == name) return &collection;
  }
  return schema.find(name);
}

Result<query::Query> parse_parameters(const model::Schema& schema, const std::string& text) {
  const std::size_t mark = std::min(text.find('?'), text.size());
  const model::Collection* collection = find_collection(schema, text.substr(0, mark));
  if (collection == nullptr) {
    return Error(Code::unknown_collection,
                 "There is no collection named " + text.substr(0, mark) + ".");
  }
  SYNC_ASSIGN(const Target target, parse_target("/" + text.substr(mark)));
  SYNC_ASSIGN(ListRequest list,
              parse_list(schema, *collection, target.parameters, query::always()));
  const auto& given = target.parameters;
  const bool limited = std::any_of(given.begin(), given.end(),
                                   [](const auto& each) { return each.first == "limit"; });
  if (!limited) list.query.limit = 0;
  return std::move(list.query);
}

Result<query::Query> parse_query(const model::Schema& schema, const std::string& text) {
  if (text.empty() || text.front() != '{') return parse_parameters(schema, text);
  SYNC_ASSIGN(query::Query query, query_from_json(text));
  return query::check(schema, std::move(query));
}

OutJson routes_to_json(const model::Schema& schema, const std::vector<Route>& routes) {
  OutJson json = OutJson::array();
  for (const Route& route : routes) {
    const model::Collection& collection = schema.collection(route.collection);
    OutJson each{{"collection", full_name(collection)},
                 {"by", kRouteNames.at(static_cast<std::size_t>(route.by))}};
    if (route.field != model::kNoField) {
      each["field"] = collection.field(route.field).spec.name;
      each["keys"] = route.keys;
    }
    json.push_back(std::move(each));
  }
  return json;
}

Result<ExplainAsk> read_ask(const mutation::Domain& domain, const ParsedJson& json) {
  ExplainAsk ask;
  ask.most = json.value("most", ask.most);
  const std::string role_name = json.value("role", "admin");
  const auto role = mutation::role_from_name(role_name);
  if (!role) return Error(Code::malformed, "There is no role named " + role_name + ".", "role");
  ask.actor.role = *role;
  if (const std::string user = json.value("user", ""); !user.empty()) {
    const auto id = base::parse_id(user);
    if (!id) return Error(Code::malformed, "A user is named by its id.", "user");
    ask.actor.user = *id;
  }
  if (json.value("running", false)) return ask;
  SYNC_ASSIGN(query::Query query, parse_query(domain.schema, json.value("query", "")));
  ask.query = query::bind(std::move(query), ask.actor.user);
  return ask;
}

}  // namespace

Result<ExplainAsk> parse_explain(const mutation::Domain& domain, std::string_view text) {
  SYNC_ASSIGN(const ParsedJson json, parse_object(text));
  try {
    return read_ask(domain, json);
  } catch (const ParsedJson::exception&) {  // a member of another type
    return Error(Code::malformed, "This is no question for an explanation.");
  }
}

Result<OutJson> explain_query(const mutation::Domain& domain, const ExplainAsk& ask,
                              authority::Planner& planner, std::uint64_t most) {
  const model::Schema& schema = domain.schema;
  SYNC_ASSIGN(query::Query allowed, domain.access.rewrite(schema, ask.actor, *ask.query));
  const query::Query query = query::canonical(schema, std::move(allowed));
  // Counted as far as admission would: what lies beyond only says that it is too much.
  SYNC_ASSIGN(const authority::QueryPlan plan,
              authority::make_plan(schema, query, planner, most * 2));
  const std::vector<Route> routes = authority::routes(schema, query);
  OutJson reads = OutJson::array();
  for (const PlanStep& step : plan.steps) {
    reads.push_back({{"for", kRoleNames.at(static_cast<std::size_t>(step.role))},
                     {"collection", full_name(schema.collection(step.collection))},
                     {"rows", step.rows},
                     {"how", step.how}});
  }
  return OutJson{{"query", query_text(schema, query)},
                 {"routes", routes_to_json(schema, routes)},
                 {"residual", authority::is_residual(routes)},
                 {"reads", std::move(reads)},
                 {"cost", plan.cost},
                 {"limit", most},
                 {"allowed", authority::admit(schema, query, planner, most).ok()}};
}

OutJson running_to_json(const model::Schema& schema, const authority::RunningQuery& running) {
  const authority::GroupWork& work = running.work;
  return OutJson{{"query", query_text(schema, running.query)},
                 {"routes", routes_to_json(schema, running.routes)},
                 {"residual", authority::is_residual(running.routes)},
                 {"sessions", running.sessions},
                 {"rows", running.rows},
                 {"bytes", running.bytes},
                 {"hydrated", work.hydrated},
                 {"routed", work.routed},
                 {"altered", work.altered},
                 {"nanoseconds", work.spent_ns},
                 {"nanosecondsPerChange", work.routed == 0 ? 0 : work.spent_ns / work.routed}};
}

}  // namespace syncline::server::api
