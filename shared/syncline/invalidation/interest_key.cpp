#include "syncline/invalidation/interest_key.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "syncline/base/hash.hpp"
#include "syncline/model/order.hpp"

namespace syncline::invalidation {

using model::FieldId;
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

InterestKey key_of(FieldId field, InterestKey::Kind kind, std::uint64_t hash) {
  InterestKey key;
  key.field = field;
  key.kind = kind;
  key.hash = hash;
  return key;
}

// Longer beginnings tell little more, and every length that is in use costs each text a hash.
constexpr std::size_t kPrefixBytesMax = 32;

// The text before the first wildcard, folded; whatever the pattern matches begins with it.
std::string prefix_of(const std::string& pattern) {
  std::string literal;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' || pattern[i] == '_') break;
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    literal += pattern[i];
  }
  std::string folded = model::fold(literal);
  if (folded.size() > kPrefixBytesMax) folded.resize(kPrefixBytesMax);
  return folded;
}

Keys keys_of_like(const Predicate& leaf, const std::string& pattern) {
  const std::string prefix = prefix_of(pattern);
  if (prefix.empty()) return std::nullopt;
  InterestKey key = key_of(leaf.field, InterestKey::Kind::prefix, hash_of_prefix(prefix));
  key.length = prefix.size();
  return std::vector<InterestKey>{key};
}

Keys keys_of_range(FieldId field, Interval range) {
  InterestKey key;
  key.field = field;
  key.kind = InterestKey::Kind::range;
  key.range = std::move(range);
  return std::vector<InterestKey>{key};
}

bool is_lower(Op op) { return op == Op::gt || op == Op::gte; }
bool is_upper(Op op) { return op == Op::lt || op == Op::lte; }

Keys keys_of_compare(const Predicate& leaf) {
  SYNC_CHECK(leaf.parameter == Predicate::Parameter::none, "predicate is not bound");
  std::vector<InterestKey> keys;
  if (leaf.op == Op::eq || leaf.op == Op::in) {
    for (const Value& value : leaf.values) {
      if (!value.is_null())
        keys.push_back(key_of(leaf.field, InterestKey::Kind::equals, hash_of(value)));
    }
    return keys;
  }
  const Value& value = leaf.values.front();
  if (leaf.op == Op::is_null) {
    if (!value.boolean()) return std::nullopt;
    keys.push_back(key_of(leaf.field, InterestKey::Kind::equals, hash_of(Value())));
    return keys;
  }
  if (value.is_null()) return keys;  // unknown for every row
  if (leaf.op == Op::contains) {
    keys.push_back(key_of(leaf.field, InterestKey::Kind::item, hash_of_item(value.text())));
    return keys;
  }
  if (leaf.op == Op::like) return keys_of_like(leaf, value.text());
  if (is_lower(leaf.op)) return keys_of_range(leaf.field, {value, std::nullopt});
  if (is_upper(leaf.op)) return keys_of_range(leaf.field, {std::nullopt, value});
  return std::nullopt;
}

// The tightest interval that the parts of an AND give a field, for every field that they bound on both sides.
void add_intervals(const Predicate& all_of, std::vector<Keys>& candidates) {
  std::map<FieldId, Interval> found;
  for (const Predicate& child : all_of.children) {
    const bool bounds = child.kind == Predicate::Kind::compare &&
                        (is_lower(child.op) || is_upper(child.op)) &&
                        !child.values.front().is_null();
    if (!bounds) continue;
    const Value& value = child.values.front();
    Interval& interval = found[child.field];
    std::optional<Value>& end = is_lower(child.op) ? interval.low : interval.high;
    const int side = end ? compare_plain(value, *end) : 0;
    if (!end || (is_lower(child.op) ? side > 0 : side < 0)) end = value;
  }
  for (auto& [field, interval] : found) {
    if (!interval.low || !interval.high) continue;
    if (compare_plain(*interval.low, *interval.high) > 0) {
      candidates.emplace_back(std::vector<InterestKey>());
    } else {
      candidates.push_back(keys_of_range(field, std::move(interval)));
    }
  }
}

// How many rows the keys are likely to let through; only the comparison matters.
std::size_t looseness(const std::vector<InterestKey>& keys) {
  std::size_t sum = 0;
  for (const InterestKey& key : keys) {
    switch (key.kind) {
      case InterestKey::Kind::equals: sum += 1; break;
      case InterestKey::Kind::item: sum += 4; break;
      case InterestKey::Kind::prefix: sum += 8; break;
      case InterestKey::Kind::range: sum += key.range.low && key.range.high ? 16 : 256; break;
    }
  }
  return sum;
}

Keys keys_of_all(const Predicate& all_of) {
  std::vector<Keys> candidates;
  for (const Predicate& child : all_of.children) candidates.push_back(keys_of(child));
  add_intervals(all_of, candidates);
  Keys best;
  for (Keys& keys : candidates) {
    if (keys && (!best || looseness(*keys) < looseness(*best))) best = std::move(keys);
  }
  return best;
}

}  // namespace

std::uint64_t hash_of_item(std::string_view item) { return of_text(item); }
std::uint64_t hash_of_prefix(std::string_view folded) { return of_text(folded); }

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
    case Predicate::Kind::negation:
    case Predicate::Kind::exists: return std::nullopt;
    case Predicate::Kind::all_of: return keys_of_all(predicate);
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
