#include "syncline/model/order.hpp"

#include <algorithm>

namespace syncline::model {
namespace {

int compare_numbers(std::int64_t a, std::int64_t b) { return a < b ? -1 : a > b; }

int compare_sets(const TextSet& a, const TextSet& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const int by_item = compare_text(a[i], b[i]);
    if (by_item != 0) return by_item;
  }
  return compare_numbers(static_cast<std::int64_t>(a.size()), static_cast<std::int64_t>(b.size()));
}

// Nulls first. 2 = both present, go on comparing.
int compare_presence(bool a, bool b) {
  return a && b ? 2 : static_cast<int>(a) - static_cast<int>(b);
}

std::int64_t number_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::boolean: return value.boolean() ? 1 : 0;
    case Value::Kind::timestamp: return value.timestamp().ms;
    case Value::Kind::date: return value.date().days;
    default: return value.integer();
  }
}

}  // namespace

int compare_values(const FieldSpec& field, const Value& a, const Value& b) {
  const int presence = compare_presence(!a.is_null(), !b.is_null());
  if (presence != 2) return presence;
  switch (field.type) {
    case FieldType::decimal: return compare(a.decimal(), b.decimal());
    case FieldType::text:
    case FieldType::long_text: return compare_text(a.text(), b.text());
    case FieldType::set: return compare_sets(a.set(), b.set());
    case FieldType::reference: return base::Id::compare(a.id(), b.id());
    case FieldType::boolean:
    case FieldType::integer:
    case FieldType::enumeration:
    case FieldType::timestamp:
    case FieldType::date: break;
  }
  return compare_numbers(number_of(a), number_of(b));
}

int compare_field(const Field& field, const Record& a, const Record& b) {
  const FieldId id = field.spec.id;
  const int presence = compare_presence(a.has(id), b.has(id));
  if (presence != 2) return presence;
  switch (field.spec.type) {
    case FieldType::text:
    case FieldType::long_text: return compare_text(a.text(id), b.text(id));
    case FieldType::set: return compare_sets(a.get(id).set(), b.get(id).set());
    case FieldType::reference: return base::Id::compare(a.reference(id), b.reference(id));
    case FieldType::decimal:  // of one scale
    case FieldType::boolean:
    case FieldType::integer:
    case FieldType::enumeration:
    case FieldType::timestamp:
    case FieldType::date: break;
  }
  return compare_numbers(a.integer(id), b.integer(id));
}

int compare_field(const Field& field, const Record& a, const Value& b) {
  const FieldId id = field.spec.id;
  const int presence = compare_presence(a.has(id), !b.is_null());
  if (presence != 2) return presence;
  switch (field.spec.type) {
    case FieldType::decimal: return compare(Decimal{a.integer(id), field.spec.scale}, b.decimal());
    case FieldType::text:
    case FieldType::long_text: return compare_text(a.text(id), b.text());
    case FieldType::set: return compare_sets(a.get(id).set(), b.set());
    case FieldType::reference: return base::Id::compare(a.reference(id), b.id());
    case FieldType::boolean:
    case FieldType::integer:
    case FieldType::enumeration:
    case FieldType::timestamp:
    case FieldType::date: break;
  }
  return compare_numbers(a.integer(id), number_of(b));
}

int compare_records(const Collection& collection, const Order& order, const Record& a,
                    const Record& b) {
  if (a.same(b)) return 0;
  for (const OrderTerm& term : order) {
    const bool placed = term.nulls != Nulls::natural && a.has(term.field) != b.has(term.field);
    if (placed) return a.has(term.field) == nulls_come_first(term) ? 1 : -1;
    const int by_term = compare_field(collection.field(term.field), a, b);
    if (by_term != 0) return term.descending ? -by_term : by_term;
  }
  return base::Id::compare(a.id(), b.id());
}

OrderKey key_of(const Order& order, const Record& record) {
  OrderKey key;
  key.values.reserve(order.size());
  for (const OrderTerm& term : order) key.values.push_back(record.get(term.field));
  key.id = record.id();
  return key;
}

int compare_record_to_key(const Collection& collection, const Order& order, const Record& record,
                          const OrderKey& key) {
  SYNC_CHECK(key.values.size() == order.size(), "a key of another order");
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool there = record.has(order[i].field);
    const bool placed = order[i].nulls != Nulls::natural && there == key.values[i].is_null();
    if (placed) return there == nulls_come_first(order[i]) ? 1 : -1;
    const int by_term = compare_field(collection.field(order[i].field), record, key.values[i]);
    if (by_term != 0) return order[i].descending ? -by_term : by_term;
  }
  return base::Id::compare(record.id(), key.id);
}

}  // namespace syncline::model
