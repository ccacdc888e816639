#include "syncline/invalidation/interest_key.hpp"

#include <string_view>
#include <utility>

#include "syncline/base/hash.hpp"

namespace syncline::invalidation {

using model::FieldType;
using model::Value;
using query::Op;
using query::Predicate;

namespace {

using Keys = std::optional<std::vector<InterestKey>>;
using Kind = Value::Kind;

std::uint64_t seal(Kind kind, std::uint64_t content) {
  return base::mix64(content ^ (static_cast<std::uint64_t>(kind) << 56));
}
std::uint64_t of_number(Kind kind, std::int64_t number) {
  return seal(kind, static_cast<std::uint64_t>(number));
}
std::uint64_t of_text(std::string_view text) {
  return seal(Kind::text, base::hash_bytes(base::as_bytes(text)));
}
std::uint64_t of_decimal(std::int64_t mantissa, std::uint8_t scale) {
  return seal(Kind::decimal, base::mix64(static_cast<std::uint64_t>(mantissa)) ^ scale);
}

Keys keys_of_compare(const Predicate& leaf) {
  SYNC_CHECK(leaf.parameter == Predicate::Parameter::none, "predicate is not bound");
  std::vector<InterestKey> keys;
  if (leaf.op == Op::eq || leaf.op == Op::in) {
    for (const Value& value : leaf.values) {
      if (!value.is_null()) keys.push_back({leaf.field, hash_of(value)});
    }
    return keys;
  }
  if (leaf.op == Op::is_null && leaf.values.front().boolean()) {
    keys.push_back({leaf.field, hash_of(Value())});
    return keys;
  }
  return std::nullopt;
}

}  // namespace

std::uint64_t hash_of(const Value& value) {
  switch (value.kind()) {
    case Kind::null: return seal(Kind::null, 0);
    case Kind::boolean: return of_number(Kind::boolean, value.boolean() ? 1 : 0);
    case Kind::integer: return of_number(Kind::integer, value.integer());
    case Kind::decimal: return of_decimal(value.decimal().mantissa, value.decimal().scale);
    case Kind::text: return of_text(value.text());
    case Kind::id: return seal(Kind::id, base::hash(value.id()));
    case Kind::timestamp: return of_number(Kind::timestamp, value.timestamp().ms);
    case Kind::date: return of_number(Kind::date, value.date().days);
    case Kind::set: {
      std::uint64_t content = 0;
      for (const std::string& item : value.set()) content = base::mix64(content) ^ of_text(item);
      return seal(Kind::set, content);
    }
  }
  return 0;
}

std::uint64_t hash_of(const model::Record& record, const model::Field& field) {
  const model::FieldId id = field.spec.id;
  if (!record.has(id)) return hash_of(Value());
  switch (field.spec.type) {
    case FieldType::boolean: return of_number(Kind::boolean, record.integer(id) != 0 ? 1 : 0);
    case FieldType::integer:
    case FieldType::enumeration: return of_number(Kind::integer, record.integer(id));
    case FieldType::decimal: return of_decimal(record.integer(id), field.spec.scale);
    case FieldType::text:
    case FieldType::long_text: return of_text(record.text(id));
    case FieldType::reference: return seal(Kind::id, base::hash(record.reference(id)));
    case FieldType::timestamp: return of_number(Kind::timestamp, record.integer(id));
    case FieldType::date: return of_number(Kind::date, record.integer(id));
    case FieldType::set: return hash_of(record.get(id));
  }
  return 0;
}

Keys keys_of(const Predicate& predicate) {
  switch (predicate.kind) {
    case Predicate::Kind::always: return std::nullopt;
    case Predicate::Kind::never: return std::vector<InterestKey>();
    case Predicate::Kind::compare: return keys_of_compare(predicate);
    case Predicate::Kind::negation: return std::nullopt;
    case Predicate::Kind::all_of: {
      Keys best;
      for (const Predicate& child : predicate.children) {
        Keys keys = keys_of(child);
        if (keys && (!best || keys->size() < best->size())) best = std::move(keys);
      }
      return best;
    }
    case Predicate::Kind::any_of: {
      std::vector<InterestKey> all;
      for (const Predicate& child : predicate.children) {
        Keys keys = keys_of(child);
        if (!keys) return std::nullopt;
        all.insert(all.end(), keys->begin(), keys->end());
      }
      return all;
    }
  }
  return std::nullopt;
}

}  // namespace syncline::invalidation
