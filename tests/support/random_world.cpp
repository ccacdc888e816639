#include "tests/support/random_world.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "tests/support/test_schema.hpp"

namespace syncline::tests {

using base::Random;
using model::FieldSpec;
using model::FieldType;
using model::Value;
using query::Op;
using query::Predicate;

namespace {

constexpr const char* kTexts[] = {"a",  "A",  "ä", "aa", "Aä", "b", "B",  "ab", "Ab", "ba",  "é",
                                  "e1", "E1", "1", "12", "9",  "z", "Zz", "日", "本", "日本"};
constexpr const char* kPatterns[] = {"%",  "a%",  "%A", "_",  "__",  "%b%",
                                     "Ä_", "日%", "a",  "%1", "\\%", "a\\_%"};
constexpr std::string_view kOptions[] = {"one", "two", "three"};
constexpr std::string_view kNames[] = {"f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9"};
constexpr std::string_view kCollections[] = {"first", "second", "third"};

bool one_in(Random& random, std::uint64_t n) { return random.below(n) == 0; }
std::int64_t between(Random& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

Value random_set(Random& random, const FieldSpec& field) {
  std::vector<std::string> items;
  const std::uint64_t count = 1 + random.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    const bool free = field.options.empty();
    items.emplace_back(free ? kTexts[random.below(std::size(kTexts))]
                            : field.options[random.below(field.options.size())]);
  }
  return Value(model::make_text_set(std::move(items)));
}

FieldSpec random_field(Random& random, model::FieldId id, std::string_view name,
                       model::CollectionId collections) {
  switch (random.below(10)) {
    case 0: return model::boolean(id, name);
    case 1: return model::integer(id, name);
    case 2: return model::decimal(id, name, static_cast<std::uint8_t>(random.below(4)));
    case 3: return model::text(id, name);
    case 4: return model::enumeration(id, name, kOptions);
    case 5:
      return model::text_set(id, name,
                             one_in(random, 2) ? std::span<const std::string_view>(kOptions)
                                               : std::span<const std::string_view>());
    case 6: return model::timestamp(id, name);
    case 7: return model::date(id, name);
    case 8: return model::long_text(id, name);
    default: break;
  }
  return model::reference(id, name,
                          static_cast<model::CollectionId>(1 + random.below(collections)));
}

const model::Field& pick_field(Random& random, const model::Collection& collection) {
  return collection.fields()[random.below(collection.fields().size())];
}

Predicate random_leaf(Random& random, const model::Collection& collection) {
  const model::Field& field = pick_field(random, collection);
  const model::FieldId id = field.spec.id;
  const FieldType type = field.spec.type;
  const std::uint64_t kind = random.below(12);
  if (kind == 0) return query::is_null(id, one_in(random, 2));
  if (kind == 1) {
    std::vector<Value> values;
    const std::uint64_t count = random.below(4);
    for (std::uint64_t i = 0; i < count; ++i)
      values.push_back(random_value(random, field.spec, !one_in(random, 8)));
    return query::in(id, std::move(values));
  }
  if (type == FieldType::set && kind < 8) {
    return query::compare(id, Op::contains, random_set(random, field.spec).set().front());
  }
  const bool is_text = type == FieldType::text || type == FieldType::long_text;
  if (is_text && kind < 5)
    return query::compare(id, Op::like, kPatterns[random.below(std::size(kPatterns))]);
  constexpr Op kOps[] = {Op::eq, Op::eq, Op::eq, Op::ne, Op::lt, Op::lte, Op::gt, Op::gte};
  const Op op = kOps[random.below(type == FieldType::set ? 4 : std::size(kOps))];
  return query::compare(id, op, random_value(random, field.spec, !one_in(random, 10)));
}

query::Aggregator random_aggregator(Random& random, const FieldSpec& field) {
  using query::Aggregator;
  if (one_in(random, 4)) return Aggregator::count_distinct;
  const bool number = field.type == FieldType::integer || field.type == FieldType::decimal;
  if (number && one_in(random, 2)) return one_in(random, 2) ? Aggregator::avg : Aggregator::sum;
  if (field.type == FieldType::timestamp && one_in(random, 3)) return Aggregator::avg;
  if (field.type == FieldType::set || field.type == FieldType::reference)
    return Aggregator::count_distinct;
  return one_in(random, 2) ? Aggregator::min : Aggregator::max;
}

query::GroupKey random_group_key(Random& random, const model::Schema& schema,
                                 const model::Collection& collection) {
  query::GroupKey key;
  const model::Field* field = &pick_field(random, collection);
  if (field->spec.type == FieldType::reference && schema.find(field->spec.target) != nullptr &&
      !one_in(random, 3)) {
    key.via = field->spec.id;
    field = &pick_field(random, schema.collection(field->spec.target));
  }
  key.field = field->spec.id;
  const bool time = field->spec.type == FieldType::date || field->spec.type == FieldType::timestamp;
  if (time) key.period = static_cast<query::Period>(random.below(6));
  return key;
}

query::Aggregate random_aggregate(Random& random, const model::Schema& schema,
                                  const model::Collection& collection) {
  query::Aggregate aggregate;
  for (std::uint64_t keys = random.below(3); keys > 0; --keys)
    aggregate.group_by.push_back(random_group_key(random, schema, collection));
  aggregate.terms.push_back({query::Aggregator::count, model::kNoField});
  for (const model::Field& field : collection.fields()) {
    if (field.slot == model::kNoSlot || aggregate.terms.size() == 6 || one_in(random, 3)) continue;
    aggregate.terms.push_back({random_aggregator(random, field.spec), field.spec.id});
  }
  for (const model::Field& field : collection.fields()) {
    const bool time = field.spec.type == FieldType::date || field.spec.type == FieldType::timestamp;
    if (!time || !one_in(random, 4)) continue;
    std::vector<Value> limits;
    for (int i = 0; i < 3; ++i) limits.push_back(random_value(random, field.spec, true));
    std::sort(limits.begin(), limits.end(), [&](const Value& a, const Value& b) {
      return model::compare_values(field.spec, a, b) < 0;
    });
    aggregate.trend = query::Trend{field.spec.id, limits[0], limits[1], limits[2]};
  }
  return aggregate;
}

}  // namespace

base::Id random_id(Random& random) {
  return test_id(static_cast<std::uint32_t>(1 + random.below(kIdsPerCollection)));
}

Value random_value(Random& random, const FieldSpec& field, bool present) {
  const bool never_null =
      field.id == model::kIdField || field.id == model::kVersionField || field.required;
  if (!present && !never_null && one_in(random, 6)) return Value();
  switch (field.type) {
    case FieldType::boolean: return Value(one_in(random, 2));
    case FieldType::integer: return Value(between(random, -3, 3));
    case FieldType::decimal: return Value(model::Decimal{between(random, -4, 4) * 50, field.scale});
    case FieldType::text:
    case FieldType::long_text: return Value(kTexts[random.below(std::size(kTexts))]);
    case FieldType::enumeration:
      return Value(static_cast<std::int64_t>(random.below(field.options.size())));
    case FieldType::set: return random_set(random, field);
    case FieldType::reference: return Value(random_id(random));
    case FieldType::timestamp:
      return Value(base::Timestamp{between(random, -2, 6) * 1'000'000'000});
    case FieldType::date:
      return Value(base::Date{
          static_cast<std::int32_t>(between(random, 20'000, 20'006) + between(random, 0, 1) * 90)});
  }
  return Value();
}

Predicate random_predicate(Random& random, const model::Collection& collection,
                           std::uint32_t depth) {
  const std::uint64_t kind = random.below(10);
  if (depth == 0 || kind < 4) return random_leaf(random, collection);
  if (kind == 4) return one_in(random, 6) ? query::never() : query::always();
  if (kind == 5) return query::negate(random_predicate(random, collection, depth - 1));
  std::vector<Predicate> children;
  const std::uint64_t count = random.below(4);
  for (std::uint64_t i = 0; i < count; ++i)
    children.push_back(random_predicate(random, collection, depth - 1));
  return kind < 8 ? query::all_of(std::move(children)) : query::any_of(std::move(children));
}

namespace {

struct Relation {
  model::CollectionId from;
  model::FieldId via;
  model::CollectionId other;
};

// A random relation of the collection to another or to itself, in either direction; nullopt when there is none.
std::optional<Relation> random_relation(Random& random, const model::Schema& schema,
                                        const model::Collection& collection) {
  std::vector<Relation> found;
  for (const model::Field& field : collection.fields()) {
    if (field.spec.type == FieldType::reference && schema.find(field.spec.target) != nullptr)
      found.push_back({model::kNoCollection, field.spec.id, field.spec.target});
  }
  for (const model::Referrer& referrer : schema.referrers(collection.id())) {
    const model::CollectionId from = referrer.collection->id();
    found.push_back({from, referrer.field->spec.id, from});
  }
  if (found.empty()) return std::nullopt;
  return found[random.below(found.size())];
}

std::optional<Predicate> random_exists(Random& random, const model::Schema& schema,
                                       const model::Collection& collection, std::uint32_t depth,
                                       std::uint32_t relations) {
  const auto relation = random_relation(random, schema, collection);
  if (!relation) return std::nullopt;
  const model::Collection& other = schema.collection(relation->other);
  Predicate inner =
      one_in(random, 4)
          ? query::always()
          : random_related_predicate(random, schema, other, depth - 1, relations - 1);
  return query::exists_in(relation->from, relation->via, std::move(inner));
}

std::vector<query::Include> random_includes(Random& random, const model::Schema& schema,
                                            const model::Collection& collection,
                                            std::uint32_t depth) {
  std::vector<query::Include> includes;
  for (std::uint64_t count = random.below(3); count > 0 && depth > 0; --count) {
    const auto relation = random_relation(random, schema, collection);
    if (!relation) break;
    const model::Collection& other = schema.collection(relation->other);
    query::Include include;
    include.via = relation->via;
    include.from = relation->from;
    if (one_in(random, 3)) include.where = random_predicate(random, other, 1);
    if (relation->from != model::kNoCollection) {
      include.order = random_order(random, other);
      if (!one_in(random, 3)) include.limit = static_cast<std::uint32_t>(1 + random.below(3));
    }
    include.includes = random_includes(random, schema, other, depth - 1);
    includes.push_back(std::move(include));
  }
  return includes;
}

}  // namespace

Predicate random_related_predicate(Random& random, const model::Schema& schema,
                                   const model::Collection& collection, std::uint32_t depth,
                                   std::uint32_t relations) {
  if (relations == 0) return random_predicate(random, collection, depth);
  const std::uint64_t kind = random.below(8);
  if (depth == 0 || kind == 0) return random_leaf(random, collection);
  if (kind < 4) {
    if (auto exists = random_exists(random, schema, collection, depth, relations)) return *exists;
  }
  if (kind == 4)
    return query::negate(random_related_predicate(random, schema, collection, depth, relations));
  std::vector<Predicate> children;
  for (int i = 0; i < 2; ++i)
    children.push_back(random_related_predicate(random, schema, collection, depth - 1, relations));
  return kind < 7 ? query::all_of(std::move(children)) : query::any_of(std::move(children));
}

model::Order random_order(Random& random, const model::Collection& collection) {
  model::Order order;
  const std::uint64_t terms = random.below(4);
  for (std::uint64_t i = 0; i < terms; ++i) {
    const auto nulls = one_in(random, 2) ? model::Nulls::natural
                       : one_in(random, 2) ? model::Nulls::first
                                           : model::Nulls::last;
    order.push_back({pick_field(random, collection).spec.id, one_in(random, 2), nulls});
  }
  return order;
}

model::OrderKey random_key(Random& random, const model::Collection& collection,
                           const model::Order& order) {
  model::OrderKey key;
  key.id = random_id(random);
  for (const model::OrderTerm& term : order) {
    // As of a row: a field that is named twice has one value.
    const auto first = std::find_if(order.begin(), order.end(),
                                    [&](const auto& t) { return t.field == term.field; });
    const auto index = static_cast<std::size_t>(first - order.begin());
    if (index < key.values.size()) {
      key.values.push_back(key.values[index]);
    } else {
      const FieldSpec& field = collection.field(term.field).spec;
      key.values.push_back(term.field == model::kIdField ? Value(key.id)
                                                         : random_value(random, field));
    }
  }
  return key;
}

query::Query random_query(Random& random, const model::Schema& schema) {
  const model::Collection& collection =
      schema.collections()[random.below(schema.collections().size())];
  query::Query query;
  query.collection = collection.id();
  query.where = one_in(random, 3)   ? query::always()
                : one_in(random, 2) ? random_related_predicate(random, schema, collection, 3, 2)
                                    : random_predicate(random, collection, 3);
  if (one_in(random, 4)) {
    query.aggregate = random_aggregate(random, schema, collection);
    return query;
  }
  query.order = random_order(random, collection);
  if (!one_in(random, 3)) query.limit = static_cast<std::uint32_t>(1 + random.below(6));
  if (one_in(random, 4)) query.after = random_key(random, collection, query.order);
  if (!one_in(random, 3)) query.includes = random_includes(random, schema, collection, 2);
  return query;
}

RandomSchema::RandomSchema(Random& random) {
  const auto count = static_cast<model::CollectionId>(2 + random.below(2));
  std::vector<model::CollectionSpec> specs;
  for (model::CollectionId id = 1; id <= count; ++id) {
    std::vector<FieldSpec>& fields = fields_.emplace_back();
    const std::size_t field_count = 2 + random.below(std::size(kNames) - 2);
    for (std::size_t i = 0; i < field_count; ++i) {
      fields.push_back(random_field(random, static_cast<model::FieldId>(model::kFirstOwnField + i),
                                    kNames[i], count));
    }
    model::CollectionSpec spec;
    spec.id = id;
    spec.module = "random";
    spec.name = kCollections[id - 1];
    spec.singular = spec.type_name = spec.api_path = spec.name;
    spec.fields = fields;
    specs.push_back(spec);
  }
  schema_ = std::make_unique<model::Schema>(specs);
}

model::Change RandomChanges::next() {
  const model::Collection& collection =
      schema_.collections()[random_.below(schema_.collections().size())];
  const base::Id id = random_id(random_);
  const auto there = rows_.get(collection.id(), id);
  model::Change change;
  if (there && one_in(random_, 4)) {
    change.kind = model::ChangeKind::remove;
    change.before = *there;
  } else {
    change.kind = there ? model::ChangeKind::update : model::ChangeKind::insert;
    model::RecordBuilder builder =
        there ? model::RecordBuilder(*there) : model::RecordBuilder(collection, id);
    for (const model::Field& field : collection.fields()) {
      if (field.slot == model::kNoSlot || (there && !one_in(random_, 4))) continue;
      // What must be unique follows from the id: a database refuses anything else.
      const bool unique = field.spec.unique;
      builder.set(field.spec.id, unique ? Value(to_string(id)) : random_value(random_, field.spec));
    }
    change.before = there.value_or(model::Record());
    change.after = builder.set_version(++version_).build();
  }
  rows_.apply(change);
  return change;
}

}  // namespace syncline::tests
