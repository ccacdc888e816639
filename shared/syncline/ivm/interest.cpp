#include "syncline/ivm/interest.hpp"

#include <utility>

#include "syncline/query/predicate.hpp"

namespace syncline::ivm {

namespace {

using query::Predicate;

// An exists can only turn when a row that satisfies its inner condition comes, goes or changes sides.
void add_related(const model::Schema& schema, const model::Collection& holder,
                 const Predicate& predicate, std::vector<Interest>& out) {
  if (predicate.kind != Predicate::Kind::exists) {
    for (const Predicate& child : predicate.children) add_related(schema, holder, child, out);
    return;
  }
  const model::Collection& other = schema.collection(query::related_collection(holder, predicate));
  const Predicate& inner = predicate.children.front();
  out.push_back({other.id(), query::without_relations(inner)});
  add_related(schema, other, inner, out);
}

// A row may matter as an included one whatever the filter says.
void add_included(const model::Schema& schema, const model::Collection& holder,
                  const std::vector<query::Include>& includes, std::vector<Interest>& out) {
  for (const query::Include& include : includes) {
    const model::Collection& other = schema.collection(query::related_collection(holder, include));
    out.push_back({other.id(), include.where});
    add_included(schema, other, include.includes, out);
  }
}

}  // namespace

std::vector<Interest> interests(const model::Schema& schema, const query::Query& query) {
  const model::Collection& collection = schema.collection(query.collection);
  std::vector<Interest> out;
  out.push_back({query.collection, query::without_relations(query.where)});
  if (query.aggregate && query.aggregate->trend) {
    const query::Trend& trend = *query.aggregate->trend;
    out.back().where = query::all_of({std::move(out.back().where),
                                      query::compare(trend.field, query::Op::gte, trend.previous),
                                      query::compare(trend.field, query::Op::lt, trend.to)});
  }
  if (query.aggregate) {
    for (const query::GroupKey& key : query.aggregate->group_by) {
      if (key.via != model::kNoField)
        out.push_back({collection.field(key.via).spec.target, query::always()});
    }
  }
  add_related(schema, collection, query.where, out);
  add_included(schema, collection, query.includes, out);
  return out;
}

}  // namespace syncline::ivm
