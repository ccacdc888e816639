#include "syncline/model/order.hpp"

#include <algorithm>

#include "syncline/model/record_layout.hpp"

namespace syncline::model {
namespace {

int compare_numbers(std::int64_t a, std::int64_t b) { return a < b ? -1 : a > b; }

// Where they lie, by unsigned bytes, eight at a time.
int compare_ids(const std::uint8_t* a, const std::uint8_t* b) {
  for (std::size_t at = 0; at < kIdLength; at += 8) {
    const auto x = base::load_le<std::uint64_t>(a + at);
    const auto y = base::load_le<std::uint64_t>(b + at);
    if (x != y) return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1;
  }
  return 0;
}

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

// Runs for every step of every binary search: numbers and ids are read where they lie.
int compare_records(const Collection& collection, const Order& order, const Record& a,
                    const Record& b) {
  if (a.same(b)) return 0;
  const std::uint8_t* const left = a.bytes().data();
  const std::uint8_t* const right = b.bytes().data();
  for (const OrderTerm& term : order) {
    const Field& field = collection.field(term.field);
    const bool in_slot = field.slot != kNoSlot;
    const bool there = !in_slot || has_slot(left, field.slot);
    if (in_slot && there != has_slot(right, field.slot))
      return there == nulls_come_first(term) ? 1 : -1;
    if (!there) continue;
    const SlotForm form = in_slot ? form_of(field.spec.type) : SlotForm::text;
    const int by_term =
        form == SlotForm::number ? compare_numbers(number_at(collection, left, field.slot),
                                                   number_at(collection, right, field.slot))
        : form == SlotForm::id
            ? compare_ids(id_at(collection, left, field.slot), id_at(collection, right, field.slot))
            : compare_field(field, a, b);
    if (by_term != 0) return term.descending ? -by_term : by_term;
  }
  return compare_ids(left + kIdAt, right + kIdAt);
}

std::uint64_t order_head(const Collection& collection, const Order& order, const Record& record) {
  const auto of_id = [](const base::Id& id) {
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < sizeof(head); ++i) head = head << 8 | id.bytes[i];
    return head;
  };
  if (order.empty()) return of_id(record.id());
  const OrderTerm& term = order.front();
  const FieldType type = collection.field(term.field).spec.type;
  if (type == FieldType::text || type == FieldType::long_text || type == FieldType::set) return 0;
  // Nulls share their head with the value that is next to them.
  if (!record.has(term.field)) return nulls_come_first(term) ? 0 : ~std::uint64_t{0};
  const std::uint64_t head =
      type == FieldType::reference
          ? of_id(record.reference(term.field))
          : static_cast<std::uint64_t>(record.integer(term.field)) ^ (std::uint64_t{1} << 63);
  return term.descending ? ~head : head;
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
