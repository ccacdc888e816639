#include "syncline/client/held_relations.hpp"

#include <algorithm>

namespace syncline::client {

using query::Predicate;

namespace {

// "There is none" can be true only because the one there is is not held.
bool asks_for_none(const Predicate& predicate) {
  if (predicate.kind == Predicate::Kind::negation)
    return query::has_relations(predicate.children.front());
  return std::any_of(predicate.children.begin(), predicate.children.end(), asks_for_none);
}

}  // namespace

bool HeldRelations::holds(const Predicate& leaf, const model::Record& record, bool negated) {
  if (!asks_for_none(leaf.children.front()) && visible_.holds(leaf, record, false)) return !negated;
  if (is_certainly_none(leaf, record)) return negated;
  const std::optional<RowPlace> place = replica_.place_of(key_of(record));
  if (place && held_.contains(*place)) return true;
  // Nobody else knows a row that was made here, so nobody else's row names it.
  return negated && leaf.from != model::kNoCollection && !place;
}

bool HeldRelations::is_certainly_none(const Predicate& leaf, const model::Record& record) {
  if (leaf.from != model::kNoCollection) return false;
  if (!record.has(leaf.field)) return true;
  if (query::has_relations(leaf.children.front())) return false;
  const RowKey named{query::related_collection(record.collection(), leaf),
                     record.reference(leaf.field)};
  // What is neither changed here nor brought by a live query may be out of date, or just not held.
  return replica_.is_overlaid(named) ||
         (replica_.is_referenced(named) && replica_.confirmed(named));
}

base::Status refuse_ambiguous(const model::Schema& schema, const query::Query& query) {
  if (!query::has_relations(query.where)) return {};
  const std::vector<model::CollectionId> included = query::included_collections(schema, query);
  if (std::find(included.begin(), included.end(), query.collection) == included.end()) return {};
  return base::Error(base::Code::query_too_costly,
                     "A live query with conditions on related rows cannot include rows of its own "
                     "collection.");
}

}  // namespace syncline::client
