#include "tests/support/random_world.hpp"

#include <algorithm>
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

query::Aggregate random_aggregate(Random& random, const model::Collection& collection) {
  query::Aggregate aggregate;
  if (!one_in(random, 3)) aggregate.group_by = pick_field(random, collection).spec.id;
  aggregate.terms.push_back({query::Aggregator::count, model::kNoField});
  for (const model::Field& field : collection.fields()) {
    const bool number =
        field.spec.type == FieldType::integer || field.spec.type == FieldType::decimal;
    if (number && field.slot != model::kNoSlot && aggregate.terms.size() < 4) {
      aggregate.terms.push_back({query::Aggregator::sum, field.spec.id});
    }
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
    case FieldType::timestamp: return Value(base::Timestamp{between(random, 0, 6) * 1'000});
    case FieldType::date:
      return Value(base::Date{static_cast<std::int32_t>(between(random, 20'000, 20'006))});
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

model::Order random_order(Random& random, const model::Collection& collection) {
  model::Order order;
  const std::uint64_t terms = random.below(4);
  for (std::uint64_t i = 0; i < terms; ++i) {
    order.push_back({pick_field(random, collection).spec.id, one_in(random, 2)});
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
  query.where = one_in(random, 3) ? query::always() : random_predicate(random, collection, 3);
  if (one_in(random, 4)) {
    query.aggregate = random_aggregate(random, collection);
    return query;
  }
  query.order = random_order(random, collection);
  if (!one_in(random, 3)) query.limit = static_cast<std::uint32_t>(1 + random.below(6));
  if (one_in(random, 4)) query.after = random_key(random, collection, query.order);
  for (const model::Field& field : collection.fields()) {
    const bool reference =
        field.spec.type == FieldType::reference && schema.find(field.spec.target) != nullptr;
    if (reference && one_in(random, 2) && query.includes.size() < 8)
      query.includes.push_back({field.spec.id});
  }
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
