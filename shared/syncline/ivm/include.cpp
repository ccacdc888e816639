#include "syncline/ivm/include.hpp"

#include <algorithm>

namespace syncline::ivm {

using base::Status;
using model::Record;

Includer::Includer(const model::Collection& collection, const query::Query& query,
                   SourceProvider& sources)
    : sources_(sources) {
  for (const query::Include& include : query.includes) {
    const model::CollectionId target = collection.field(include.via).spec.target;
    const auto found = std::find_if(targets_.begin(), targets_.end(),
                                    [&](const Target& t) { return t.collection == target; });
    const auto index = static_cast<std::size_t>(found - targets_.begin());
    if (found == targets_.end()) targets_.push_back(Target{target, {}});
    vias_.push_back(Via{include.via, index});
  }
}

std::vector<model::CollectionId> Includer::collections() const {
  std::vector<model::CollectionId> result;
  for (const Target& target : targets_) result.push_back(target.collection);
  return result;
}

void Includer::on_related(const model::Change& change, std::vector<RowDelta>& related) {
  for (const Target& target : targets_) {
    if (target.collection != change.collection().id() || !target.counts.contains(change.id()))
      continue;
    if (change.before && change.after) {
      related.push_back({DeltaKind::edit, change.before, change.after});
    } else if (change.after) {
      related.push_back({DeltaKind::add, {}, change.after});
    } else {
      related.push_back({DeltaKind::remove, change.before, {}});
    }
  }
}

Status Includer::on_rows(std::span<const RowDelta> rows, std::vector<RowDelta>& related) {
  for (const Via& via : vias_) {
    for (const RowDelta& row : rows) {
      if (row.after && row.after.has(via.field)) {
        SYNC_TRY(acquire(targets_[via.target], row.after.reference(via.field), related));
      }
    }
  }
  for (const Via& via : vias_) {
    for (const RowDelta& row : rows) {
      if (row.before && row.before.has(via.field)) {
        SYNC_TRY(release(targets_[via.target], row.before.reference(via.field), related));
      }
    }
  }
  return {};
}

void Includer::reset() {
  for (Target& target : targets_) target.counts.clear();
}

Status Includer::acquire(Target& target, const base::Id& id, std::vector<RowDelta>& related) {
  if (++target.counts[id] > 1) return {};
  SYNC_ASSIGN(Record record, sources_.source(target.collection).get(id));
  if (record) related.push_back({DeltaKind::add, {}, std::move(record)});
  return {};
}

Status Includer::release(Target& target, const base::Id& id, std::vector<RowDelta>& related) {
  const auto found = target.counts.find(id);
  SYNC_CHECK(found != target.counts.end(), "a reference was dropped that was never counted");
  if (--found->second > 0) return {};
  target.counts.erase(found);
  SYNC_ASSIGN(Record record, sources_.source(target.collection).get(id));
  if (record) related.push_back({DeltaKind::remove, std::move(record), {}});
  return {};
}

}  // namespace syncline::ivm
