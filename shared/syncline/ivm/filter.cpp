#include "syncline/ivm/filter.hpp"

#include "syncline/query/predicate.hpp"

namespace syncline::ivm {

bool Filter::accepts(const model::Record& row) const {
  if (!query::matches(query_.where, row)) return false;
  return !query_.after ||
         model::compare_record_to_key(collection_, query_.order, row, *query_.after) > 0;
}

base::Status Filter::push(const model::Change& change) {
  const bool before = change.before && accepts(change.before);
  const bool after = change.after && accepts(change.after);
  if (before && after) return next_.push({DeltaKind::edit, change.before, change.after});
  if (before) return next_.push({DeltaKind::remove, change.before, {}});
  if (after) return next_.push({DeltaKind::add, {}, change.after});
  return {};
}

}  // namespace syncline::ivm
