#include "syncline/ivm/aggregate.hpp"

#include <algorithm>
#include <utility>

#include "syncline/base/sort.hpp"

namespace syncline::ivm {

using base::Result;
using base::Status;
using model::Record;

AggregateOperator::AggregateOperator(const model::Schema& schema, const query::Query& query)
    : collection_(schema.collection(query.collection)),
      aggregate_(*query.aggregate),
      keys_(schema, query),
      groups_(LessByKey{&keys_}) {
  reset();
}

void AggregateOperator::reset() {
  touched_.clear();
  groups_.clear();
  if (keys_.empty()) touch({});
}

Status AggregateOperator::push(const RowDelta& delta) {
  if (delta.after) count(delta.after, 1, now_);
  if (delta.before) count(delta.before, -1, before_);
  return {};
}

void AggregateOperator::count(const Record& row, int sign, SourceRelations* related) {
  const auto side =
      aggregate_.trend ? query::side_of(*aggregate_.trend, row) : query::TrendSide::now;
  if (side == query::TrendSide::neither) return;
  const Key key = keys_.of(row, [related](model::CollectionId collection, const base::Id& id) {
    SYNC_CHECK(related != nullptr, "groups by related rows need them");
    return related->get(collection, id);
  });
  Group& group = touch(key)->second;
  (side == query::TrendSide::now ? group.now : *group.previous).count(row, sign);
}

AggregateOperator::Groups::iterator AggregateOperator::touch(const Key& key) {
  auto group = groups_.find(key);
  if (group == groups_.end()) {
    const query::Tally empty(collection_, aggregate_.terms);
    Group fresh{empty, std::nullopt, std::nullopt, false};
    if (aggregate_.trend) fresh.previous = empty;
    group = groups_.emplace(key, std::move(fresh)).first;
  }
  if (!group->second.touched) {
    group->second.touched = true;
    touched_.push_back(group);
  }
  return group;
}

Status AggregateOperator::flush(std::vector<GroupDelta>& out) {
  base::sort(touched_.begin(), touched_.end(), [this](const auto& a, const auto& b) {
    return groups_.key_comp()(a->first, b->first);
  });
  for (const auto& it : touched_) {
    Group& group = it->second;
    group.touched = false;
    if (group.is_empty() && !keys_.empty()) {
      if (group.sent) out.push_back({DeltaKind::remove, *std::move(group.sent)});
      groups_.erase(it);
      continue;
    }
    SYNC_ASSIGN(AggregateRow row, row_of(it->first, group));
    if (group.sent == row) continue;
    out.push_back({group.sent ? DeltaKind::edit : DeltaKind::add, row});
    group.sent = std::move(row);
  }
  touched_.clear();
  return {};
}

std::size_t AggregateOperator::held() const {
  std::size_t held = 0;
  for (const auto& [key, group] : groups_)
    held += 1 + group.now.held() + (group.previous ? group.previous->held() : 0);
  return held;
}

Result<AggregateRow> AggregateOperator::row_of(const Key& key, const Group& group) {
  AggregateRow row;
  SYNC_ASSIGN(static_cast<query::Figures&>(row), group.now.figures());
  if (group.previous) {
    SYNC_ASSIGN(row.previous, group.previous->figures());
  }
  row.key = key;
  return row;
}

}  // namespace syncline::ivm
