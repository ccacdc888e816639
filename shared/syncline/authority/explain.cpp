#include "syncline/authority/explain.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "syncline/authority/impl.hpp"
#include "syncline/invalidation/interest_key.hpp"

namespace syncline::authority {

namespace {

using invalidation::InterestKey;

Route::By by(InterestKey::Kind kind) {
  switch (kind) {
    case InterestKey::Kind::equals: return Route::By::equality;
    case InterestKey::Kind::item: return Route::By::item;
    case InterestKey::Kind::prefix: return Route::By::prefix;
    case InterestKey::Kind::range: return Route::By::range;
  }
  return Route::By::residual;
}

void count(std::vector<Route>& routes, const Route& route) {
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& known) {
    return std::tie(known.collection, known.by, known.field) ==
           std::tie(route.collection, route.by, route.field);
  });
  if (found != routes.end()) {
    found->keys += route.keys;
  } else {
    routes.push_back(route);
  }
}

}  // namespace

std::vector<Route> routes(const model::Schema& schema, const query::Query& query) {
  std::vector<Route> found;
  for (const ivm::Interest& interest : ivm::interests(schema, query)) {
    const auto keys = invalidation::keys_of(interest.where);
    if (!keys || keys->empty()) {
      count(found, {interest.collection, keys ? Route::By::never : Route::By::residual,
                    model::kNoField, 0});
      continue;
    }
    for (const InterestKey& key : *keys)
      count(found, {interest.collection, by(key.kind), key.field, 1});
  }
  return found;
}

bool is_residual(const std::vector<Route>& routes) {
  return std::any_of(routes.begin(), routes.end(),
                     [](const Route& route) { return route.by == Route::By::residual; });
}

RunningQuery Core::describe(const Group& group) const {
  RunningQuery running;
  running.query = group.pipeline.query();
  running.routes = routes(domain.schema, running.query);
  running.work = group.work;
  running.sessions = group.subscribers.size();
  running.rows = group.hydrated ? group.pipeline.size() : 0;
  running.bytes = sizeof(Group) + group.key.size() + group.net.bytes() +
                  group.subscribers.capacity() * sizeof(Group::Subscriber);
  if (!group.snapshot) return running;
  for (const model::Record& record : group.snapshot->records)
    running.bytes += record.bytes().size();
  if (group.snapshot->body) running.bytes += group.snapshot->body->size();
  return running;
}

std::vector<RunningQuery> Core::running(std::size_t most) const {
  std::vector<const Group*> found;
  for (const auto& [key, group] : groups) found.push_back(group.get());
  const auto middle = found.begin() + static_cast<std::ptrdiff_t>(std::min(most, found.size()));
  std::partial_sort(found.begin(), middle, found.end(), [](const Group* a, const Group* b) {
    return std::tie(b->work.spent_ns, b->work.routed, a->handle) <
           std::tie(a->work.spent_ns, a->work.routed, b->handle);
  });
  std::vector<RunningQuery> described;
  for (auto each = found.begin(); each != middle; ++each) described.push_back(describe(**each));
  return described;
}

}  // namespace syncline::authority
