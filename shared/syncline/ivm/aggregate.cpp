#include "syncline/ivm/aggregate.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace syncline::ivm {

using base::Result;
using base::Status;
using model::Record;
using model::Value;

AggregateOperator::AggregateOperator(const model::Collection& collection, const query::Query& query)
    : aggregate_(*query.aggregate),
      group_by_(aggregate_.group_by == model::kNoField ? nullptr
                                                       : &collection.field(aggregate_.group_by)),
      groups_(LessByKey{group_by_}) {
  for (const query::AggregateTerm& term : aggregate_.terms) {
    const bool sum = term.aggregator == query::Aggregator::sum;
    fields_.push_back(sum ? &collection.field(term.field) : nullptr);
  }
  reset();
}

void AggregateOperator::reset() {
  touched_.clear();
  groups_.clear();
  if (group_by_ == nullptr) touch(Value());
}

Status AggregateOperator::push(const RowDelta& delta) {
  if (delta.after) count(delta.after, 1);
  if (delta.before) count(delta.before, -1);
  return {};
}

void AggregateOperator::count(const Record& row, int sign) {
  Group& group = touch(group_by_ == nullptr ? Value() : row.get(group_by_->spec.id))->second;
  group.rows += sign;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i] == nullptr) continue;
    const std::int64_t value = row.integer(fields_[i]->spec.id);  // 0 where it is null
    group.sums[i] += static_cast<Sum>(value) * sign;
  }
}

AggregateOperator::Groups::iterator AggregateOperator::touch(const Value& key) {
  const auto group = groups_.try_emplace(key).first;
  group->second.sums.resize(fields_.size());
  if (!group->second.touched) {
    group->second.touched = true;
    touched_.push_back(group);
  }
  return group;
}

Status AggregateOperator::flush(std::vector<GroupDelta>& out) {
  std::sort(touched_.begin(), touched_.end(), [this](const auto& a, const auto& b) {
    return groups_.key_comp()(a->first, b->first);
  });
  for (const auto& it : touched_) {
    Group& group = it->second;
    group.touched = false;
    if (group.rows == 0 && group_by_ != nullptr) {
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

Result<AggregateRow> AggregateOperator::row_of(const Value& key, const Group& group) const {
  AggregateRow row;
  row.key = key;
  row.rows = group.rows;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i] == nullptr) {
      row.values.emplace_back(group.rows);
      continue;
    }
    const model::FieldSpec& field = fields_[i]->spec;
    if (group.sums[i] > std::numeric_limits<std::int64_t>::max() ||
        group.sums[i] < std::numeric_limits<std::int64_t>::min()) {
      const std::string name(field.name);
      return base::Error(base::Code::overflow, "The sum of " + name + " is too large to be shown.",
                         name);
    }
    const auto sum = static_cast<std::int64_t>(group.sums[i]);
    if (field.type == model::FieldType::decimal) {
      row.values.emplace_back(model::Decimal{sum, field.scale});
    } else {
      row.values.emplace_back(sum);
    }
  }
  return row;
}

}  // namespace syncline::ivm
