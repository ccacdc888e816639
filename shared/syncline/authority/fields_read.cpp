#include "syncline/authority/fields_read.hpp"

#include <algorithm>

#include "syncline/query/predicate.hpp"

namespace syncline::authority {

using model::FieldId;
using query::Predicate;

FieldsRead::FieldsRead(const model::Schema& schema, const query::Query& query) {
  all_ = !query.aggregate;
  if (all_) return;
  const model::Collection& collection = schema.collection(query.collection);
  add(schema, collection, query.where);
  std::vector<FieldId>& own = fields_[collection.id()];
  for (const query::AggregateTerm& term : query.aggregate->terms) {
    if (term.field != model::kNoField) own.push_back(term.field);
  }
  if (query.aggregate->trend) own.push_back(query.aggregate->trend->field);
  for (const query::GroupKey& key : query.aggregate->group_by) {
    if (key.via == model::kNoField) {
      own.push_back(key.field);
      continue;
    }
    own.push_back(key.via);
    fields_[collection.field(key.via).spec.target].push_back(key.field);
  }
}

void FieldsRead::add(const model::Schema& schema, const model::Collection& of,
                     const Predicate& where) {
  if (where.kind == Predicate::Kind::compare) fields_[of.id()].push_back(where.field);
  if (where.kind != Predicate::Kind::exists) {
    for (const Predicate& child : where.children) add(schema, of, child);
    return;
  }
  const model::Collection& other = schema.collection(query::related_collection(of, where));
  // The reference is the row's own, or one of the related rows'.
  const bool forward = where.from == model::kNoCollection;
  fields_[forward ? of.id() : other.id()].push_back(where.field);
  add(schema, other, where.children.front());
}

bool FieldsRead::any_of(model::CollectionId collection, const std::vector<FieldId>& changed) const {
  if (all_) return true;
  const auto read = fields_.find(collection);
  if (read == fields_.end()) return false;
  return std::any_of(read->second.begin(), read->second.end(), [&](FieldId field) {
    // Every update changes the version, in the row's header and not among its fields.
    return field == model::kVersionField ||
           std::find(changed.begin(), changed.end(), field) != changed.end();
  });
}

}  // namespace syncline::authority
