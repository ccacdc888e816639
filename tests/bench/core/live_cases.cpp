// Live queries: what one change costs the operators, beside the same kept by hand in the standard library's containers.
#include <array>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "domain/collections.hpp"
#include "domain/crm/leads.hpp"
#include "syncline/invalidation/interest_index.hpp"
#include "syncline/ivm/ordered_view.hpp"
#include "tests/bench/core/world.hpp"
#include "tests/bench/support/leads.hpp"

namespace syncline::bench {
namespace {

using domain::crm::Lead;
using Handle = invalidation::InterestIndex::Handle;

void expect(bool holds, const char* what) {
  if (!holds) give_up(what);
}

query::Query top_leads() {
  query::Query query;
  query.collection = domain::kLeadsId;
  query.order = {{Lead::value, true}};
  query.limit = 50;
  return query;
}
query::Query leads_with_owner() {
  query::Query query = top_leads();
  query.includes.emplace_back().via = Lead::owner_id;
  return query;
}
query::Query leads_of(const base::Id& owner) {
  query::Query query;
  query.collection = domain::kLeadsId;
  query.where = query::compare(Lead::owner_id, query::Op::eq, owner);
  return query;
}
query::Query value_by_score() {
  query::Query query;
  query.collection = domain::kLeadsId;
  query.aggregate.emplace();
  query.aggregate->group_by.emplace_back().field = Lead::score;
  query.aggregate->terms = {{query::Aggregator::count, model::kNoField},
                            {query::Aggregator::sum, Lead::value}};
  return query;
}

// A query as a screen holds it.
struct Live {
  Live(World& world, const query::Query& query)
      : pipeline(domain().schema, query, world.sources), view(domain().schema, query) {
    ivm::ResultDelta whole;
    expect(pipeline.hydrate(whole).ok(), "a query cannot be answered");
    view.fill(whole);
  }
  void push(const model::Change& change) {
    ivm::ResultDelta delta;
    expect(pipeline.push(change, delta).ok(), "a change cannot be followed");
    std::vector<ivm::ViewEdit> edits;
    view.apply(delta, edits);
  }
  ivm::Pipeline pipeline;
  ivm::OrderedView view;
};

void run_one(benchmark::State& state, const Size& size, const query::Query& query,
             double related_part) {
  World& world = shared_world(size);
  Live live(world, query);
  model::Change change;
  time(
      state,
      [&] {
        const bool related = world.random.unit() < related_part;
        change = related ? world.change_owner_name() : world.change_value();
      },
      [&] {
        world.apply(change);
        live.push(change);
      });
  Live again(world, query);
  expect(again.view.rows().size() == live.view.rows().size(),
         "the result is not as evaluated anew");
}

// By hand: all leads in a tree by value, of which a screen would read the first ones.
void run_std_set(benchmark::State& state, const Size& size) {
  World& world = shared_world(size);
  const auto key = [](const model::Record& lead) {
    return std::pair(-lead.integer(Lead::value), lead.id());
  };
  std::set<std::pair<std::int64_t, base::Id>> sorted;
  for (const model::Record& lead : world.leads) sorted.insert(key(lead));
  model::Change change;
  time(
      state, [&] { change = world.change_value(); },
      [&] {
        world.apply(change);
        sorted.erase(key(change.before));
        sorted.insert(key(change.after));
      });
}

void run_queries(benchmark::State& state, const Size& size) {
  World& world = shared_world(size);
  invalidation::InterestIndex index;
  std::vector<std::unique_ptr<Live>> queries;
  for (const model::Record& owner : world.owners) {
    queries.push_back(std::make_unique<Live>(world, leads_of(owner.id())));
    index.add(queries.size() - 1, domain::kLeadsId, leads_of(owner.id()).where);
  }
  model::Change change;
  std::vector<Handle> affected;
  time(
      state, [&] { change = world.change_value(); },
      [&] {
        world.apply(change);
        affected.clear();
        index.affected(change, affected);
        for (const Handle query : affected) queries[query]->push(change);
      });
}

// By hand: the rows of each owner in a tree by id.
void run_std_map_of_sets(benchmark::State& state, const Size& size) {
  World& world = shared_world(size);
  std::unordered_map<base::Id, std::map<base::Id, model::Record>, base::IdHash> by_owner;
  for (const model::Record& lead : world.leads)
    by_owner[lead.reference(Lead::owner_id)][lead.id()] = lead;
  model::Change change;
  time(
      state, [&] { change = world.change_value(); },
      [&] {
        world.apply(change);
        by_owner[change.before.reference(Lead::owner_id)].erase(change.id());
        by_owner[change.after.reference(Lead::owner_id)][change.id()] = change.after;
      });
}

// By hand: count and sum by what is grouped by.
void run_std_array(benchmark::State& state, const Size& size) {
  World& world = shared_world(size);
  struct Group {
    std::int64_t count = 0, sum = 0;
  };
  std::array<Group, 101> groups;
  const auto add = [&](const model::Record& lead, int sign) {
    Group& group = groups[static_cast<std::size_t>(lead.integer(Lead::score))];
    group.count += sign;
    group.sum += sign * lead.integer(Lead::value);
  };
  for (const model::Record& lead : world.leads) add(lead, 1);
  model::Change change;
  time(
      state, [&] { change = world.change_value(); },
      [&] {
        world.apply(change);
        add(change.before, -1);
        add(change.after, 1);
      });
  benchmark::DoNotOptimize(groups);
}

constexpr std::size_t kBatch = 50;

void run_routing(benchmark::State& state, const Size& size, bool by_index) {
  World& world = shared_world(size);
  invalidation::InterestIndex index;
  std::vector<query::Predicate> all;
  for (const model::Record& owner : world.owners) {
    all.push_back(leads_of(owner.id()).where);
    index.add(all.size() - 1, domain::kLeadsId, all.back());
  }
  std::array<model::Change, kBatch> changes;
  std::vector<Handle> affected;
  time(
      state,
      [&] {
        affected.clear();
        for (model::Change& change : changes) change = world.change_value();
      },
      [&] {
        for (const model::Change& change : changes) {
          if (by_index) {
            index.affected(change, affected);
            continue;
          }
          for (std::size_t i = 0; i < all.size(); ++i) {
            if (query::matches(all[i], change.before) || query::matches(all[i], change.after))
              affected.push_back(i);
          }
        }
      },
      kBatch);
  expect(affected.size() == kBatch, "a change concerns another number of queries than one");
}

}  // namespace

void add_live_cases(const Size& size) {
  using State = benchmark::State;
  add_case("top50", "syncline", [=](State& s) { run_one(s, size, top_leads(), 0); });
  add_case("top50", "std", [=](State& s) { run_std_set(s, size); });
  add_case("queries-1000", "syncline", [=](State& s) { run_queries(s, size); });
  add_case("queries-1000", "std", [=](State& s) { run_std_map_of_sets(s, size); });
  add_case("group", "syncline", [=](State& s) { run_one(s, size, value_by_score(), 0); });
  add_case("group", "std", [=](State& s) { run_std_array(s, size); });
  add_case("join", "syncline", [=](State& s) { run_one(s, size, leads_with_owner(), 0.2); });
  add_case("routing", "syncline", [=](State& s) { run_routing(s, size, true); });
  add_case("routing", "scan", [=](State& s) { run_routing(s, size, false); });
}

}  // namespace syncline::bench
