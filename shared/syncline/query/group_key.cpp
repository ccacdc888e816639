#include "syncline/query/group_key.hpp"

#include <algorithm>

namespace syncline::query {

using model::FieldType;
using model::Record;
using model::Value;

base::Date start_of(Period period, base::Date day) {
  if (period == Period::week) {
    const std::int32_t since_monday = (day.days % 7 + 10) % 7;  // 1970-01-01 was a Thursday
    return {day.days - since_monday};
  }
  if (period == Period::none || period == Period::day) return day;
  // Month by month backwards: a zone's day may lie outside the years that make_date() knows.
  for (;;) {
    const base::CivilDate civil = base::to_civil(day);
    day.days -= civil.day - 1;
    const int months = period == Period::year ? 12 : period == Period::quarter ? 3 : 1;
    if ((civil.month - 1) % months == 0) return day;
    --day.days;
  }
}

GroupKeys::GroupKeys(const model::Schema& schema, const Query& query) {
  const model::Collection& collection = schema.collection(query.collection);
  for (const GroupKey& key : query.aggregate->group_by) {
    const bool own = key.via == model::kNoField;
    const CollectionId target = own ? model::kNoCollection : collection.field(key.via).spec.target;
    const model::Field& field = (own ? collection : schema.collection(target)).field(key.field);
    const model::FieldSpec result =
        key.period == Period::none ? field.spec : model::date(key.field, field.spec.name);
    const base::Zone* zone = key.zone.empty() ? nullptr : base::find_time_zone(key.zone);
    parts_.push_back({key, &field, target, result, zone});
  }
}

bool GroupKeys::reads_related() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return part.target != model::kNoCollection; });
}

std::vector<Value> GroupKeys::of(const Record& row, const RecordOf& record_of) const {
  std::vector<Value> values;
  values.reserve(parts_.size());
  for (const Part& part : parts_) {
    if (part.target == model::kNoCollection) {
      values.push_back(value_of(part, row));
      continue;
    }
    const Record other =
        row.has(part.key.via) ? record_of(part.target, row.reference(part.key.via)) : Record();
    values.push_back(other ? value_of(part, other) : Value());
  }
  return values;
}

Value GroupKeys::value_of(const Part& part, const Record& record) {
  const model::FieldId field = part.key.field;
  if (part.key.period == Period::none || !record.has(field)) return record.get(field);
  const std::int64_t number = record.integer(field);
  base::Date day{static_cast<std::int32_t>(number)};
  if (part.field->spec.type == FieldType::timestamp) {
    day = part.zone == nullptr ? base::date_of({number}) : base::local_date(*part.zone, {number});
  }
  return start_of(part.key.period, day);
}

bool GroupKeys::fits(const std::vector<Value>& key) const {
  if (key.size() != parts_.size()) return false;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!key[i].is_null() && !model::fits(parts_[i].result, key[i])) return false;
  }
  return true;
}

int GroupKeys::compare(const std::vector<Value>& a, const std::vector<Value>& b) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const int by_part = model::compare_values(parts_[i].result, a[i], b[i]);
    if (by_part != 0) return by_part;
  }
  return 0;
}

}  // namespace syncline::query
