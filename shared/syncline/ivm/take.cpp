#include "syncline/ivm/take.hpp"

namespace syncline::ivm {

using base::Result;
using base::Status;
using model::Record;

Take::Take(const query::Query& query, Source& source, Operator& next)
    : query_(query), source_(source), next_(next) {
  SYNC_CHECK(query.limit > 0, "take needs a limit");
  request_.where = query.where;
  request_.order = query.order;
  request_.limit = 1;
}

void Take::reset() {
  size_ = 0;
  bound_ = Record();
}

Status Take::push(const RowDelta& delta) {
  switch (delta.kind) {
    case DeltaKind::add: return add(delta.after);
    case DeltaKind::remove: return remove(delta.before);
    case DeltaKind::edit: return edit(delta.before, delta.after);
  }
  return {};
}

Status Take::add(const Record& row) {
  if (!full()) {
    ++size_;
    if (!bound_ || compare(row, bound_) > 0) bound_ = row;
    return next_.push({DeltaKind::add, {}, row});
  }
  if (compare(row, bound_) > 0) return {};
  return displace_bound(row);
}

Status Take::displace_bound(const Record& entering) {
  // The source already shows the entering row, so this is it or the row that was last but one.
  SYNC_ASSIGN(Record new_bound, last_before(bound_));
  SYNC_CHECK(new_bound, "the source does not show a row that entered");
  SYNC_TRY(next_.push({DeltaKind::remove, bound_, {}}));
  bound_ = std::move(new_bound);
  return next_.push({DeltaKind::add, {}, entering});
}

Status Take::remove(const Record& row) {
  const int place = compare(row, bound_);
  if (place > 0) return {};
  if (full()) {
    SYNC_ASSIGN(Record refill, first_after(bound_));
    if (refill) {
      SYNC_TRY(next_.push({DeltaKind::remove, row, {}}));
      bound_ = refill;
      return next_.push({DeltaKind::add, {}, std::move(refill)});
    }
  }
  --size_;
  if (size_ == 0) {
    bound_ = Record();
  } else if (place == 0) {
    SYNC_ASSIGN(bound_, last_before(bound_));
  }
  return next_.push({DeltaKind::remove, row, {}});
}

Status Take::edit(const Record& before, const Record& after) {
  const bool was_in = compare(before, bound_) <= 0;
  const bool was_bound = before.id() == bound_.id();
  const bool stays_inside = compare(after, bound_) <= 0;
  if (!was_in) return stays_inside ? displace_bound(after) : Status();
  if (stays_inside || !full()) {
    // Below the limit everything is inside; only the bound may change hands.
    if (!stays_inside || (was_bound && compare(after, bound_) == 0)) {
      bound_ = after;
    } else if (was_bound) {
      SYNC_ASSIGN(bound_, last_before(bound_));
    }
    return next_.push({DeltaKind::edit, before, after});
  }
  // Moved behind the bound: whoever comes first there is in, maybe the row itself.
  SYNC_ASSIGN(Record refill, first_after(bound_));
  SYNC_CHECK(refill, "the source does not show a row that was edited");
  bound_ = refill;
  if (refill.id() == after.id()) return next_.push({DeltaKind::edit, before, after});
  SYNC_TRY(next_.push({DeltaKind::remove, before, {}}));
  return next_.push({DeltaKind::add, {}, std::move(refill)});
}

int Take::compare(const Record& a, const Record& b) const {
  return model::compare_records(source_.collection(), query_.order, a, b);
}

Result<Record> Take::last_before(const Record& place) { return fetch_one(place, true); }
Result<Record> Take::first_after(const Record& place) { return fetch_one(place, false); }

Result<Record> Take::fetch_one(const Record& place, bool reverse) {
  request_.after = model::key_of(query_.order, place);
  request_.reverse = reverse;
  Record found;
  SYNC_TRY(source_.fetch(request_, [&](const Record& row) {
    found = row;
    return false;
  }));
  return found;
}

}  // namespace syncline::ivm
