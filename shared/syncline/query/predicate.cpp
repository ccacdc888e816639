#include "syncline/query/predicate.hpp"

#include <algorithm>
#include <utility>

#include "syncline/base/sort.hpp"

namespace syncline::query {

namespace {

using model::Field;
using model::FieldType;
using model::Record;
using model::Value;

Truth truth(bool value) { return value ? Truth::yes : Truth::no; }

// Byte equality (SEMANTICS 31) without building a Value; a value of another kind equals nothing.
// REQUIRES: the record has a value in this field.
bool equals(const Field& field, const Record& record, const Value& value) {
  const FieldId id = field.spec.id;
  switch (field.spec.type) {
    case FieldType::text:
    case FieldType::long_text:
      return value.kind() == Value::Kind::text && record.text(id) == value.text();
    case FieldType::integer:
    case FieldType::enumeration:
      return value.kind() == Value::Kind::integer && record.integer(id) == value.integer();
    case FieldType::boolean:
      return value.kind() == Value::Kind::boolean && (record.integer(id) != 0) == value.boolean();
    case FieldType::decimal:
      return value.kind() == Value::Kind::decimal && value.decimal().scale == field.spec.scale &&
             record.integer(id) == value.decimal().mantissa;
    case FieldType::reference:
      return value.kind() == Value::Kind::id && record.reference(id) == value.id();
    case FieldType::timestamp:
      return value.kind() == Value::Kind::timestamp && record.integer(id) == value.timestamp().ms;
    case FieldType::date:
      return value.kind() == Value::Kind::date && record.integer(id) == value.date().days;
    case FieldType::set: return record.get(id) == value;
  }
  return false;
}

// SQL's IN: a null among the values turns "no" into "unknown"; an empty list is "no" for every row, as in SQLite.
Truth is_in(const Field& field, const Record& record, const std::vector<Value>& values) {
  if (values.empty()) return Truth::no;
  if (!record.has(field.spec.id)) return Truth::unknown;
  bool any_null = false;
  for (const Value& value : values) {
    if (value.is_null()) {
      any_null = true;
    } else if (equals(field, record, value)) {
      return Truth::yes;
    }
  }
  return any_null ? Truth::unknown : Truth::no;
}

bool set_contains(const Record& record, FieldId field, const std::string& item) {
  const Value value = record.get(field);
  if (value.kind() != Value::Kind::set) return false;
  return std::binary_search(value.set().begin(), value.set().end(), item);
}

Truth evaluate_compare(const Predicate& predicate, const Record& record) {
  SYNC_CHECK(predicate.parameter == Predicate::Parameter::none, "predicate is not bound");
  const Field& field = record.collection().field(predicate.field);
  if (predicate.op == Op::in) return is_in(field, record, predicate.values);
  SYNC_CHECK(predicate.values.size() == 1, "comparison needs one value");
  const Value& value = predicate.values.front();
  if (predicate.op == Op::is_null) return truth(record.has(field.spec.id) != value.boolean());
  if (value.is_null() || !record.has(field.spec.id)) return Truth::unknown;
  switch (predicate.op) {
    case Op::eq: return truth(equals(field, record, value));
    case Op::ne: return truth(!equals(field, record, value));
    case Op::lt: return truth(model::compare_field(field, record, value) < 0);
    case Op::lte: return truth(model::compare_field(field, record, value) <= 0);
    case Op::gt: return truth(model::compare_field(field, record, value) > 0);
    case Op::gte: return truth(model::compare_field(field, record, value) >= 0);
    case Op::like: return truth(model::like(record.text(predicate.field), value.text()));
    case Op::contains: return truth(set_contains(record, predicate.field, value.text()));
    case Op::in:
    case Op::is_null: break;  // answered above
  }
  return Truth::unknown;
}

void collect_fields(const Predicate& predicate, std::vector<FieldId>& fields) {
  if (predicate.kind == Predicate::Kind::compare) fields.push_back(predicate.field);
  if (predicate.kind == Predicate::Kind::exists) {
    if (predicate.from == model::kNoCollection) fields.push_back(predicate.field);
    return;
  }
  for (const Predicate& child : predicate.children) collect_fields(child, fields);
}

Predicate relaxed(const Predicate& predicate, bool negated) {
  if (predicate.kind == Predicate::Kind::exists) return negated ? never() : always();
  Predicate result = predicate;
  const bool turns = predicate.kind == Predicate::Kind::negation;
  for (Predicate& child : result.children) child = relaxed(child, negated != turns);
  return result;
}

}  // namespace

Truth evaluate(const Predicate& predicate, const Record& record, Relations* relations) {
  switch (predicate.kind) {
    case Predicate::Kind::always: return Truth::yes;
    case Predicate::Kind::never: return Truth::no;
    case Predicate::Kind::compare: return evaluate_compare(predicate, record);
    case Predicate::Kind::all_of: {
      Truth result = Truth::yes;
      for (const Predicate& child : predicate.children) {
        result = std::min(result, evaluate(child, record, relations));
        if (result == Truth::no) break;
      }
      return result;
    }
    case Predicate::Kind::any_of: {
      Truth result = Truth::no;
      for (const Predicate& child : predicate.children) {
        result = std::max(result, evaluate(child, record, relations));
        if (result == Truth::yes) break;
      }
      return result;
    }
    case Predicate::Kind::negation: {
      SYNC_CHECK(predicate.children.size() == 1, "negation needs one child");
      const Predicate& negated = predicate.children.front();
      if (negated.kind == Predicate::Kind::exists) {
        SYNC_CHECK(relations != nullptr, "who answers for related rows?");
        return truth(relations->holds(negated, record, true));
      }
      const Truth child = evaluate(negated, record, relations);
      if (child == Truth::unknown) return Truth::unknown;
      return truth(child == Truth::no);
    }
    case Predicate::Kind::exists:
      SYNC_CHECK(relations != nullptr, "who answers for related rows?");
      return truth(relations->holds(predicate, record, false));
  }
  return Truth::unknown;
}

bool matches(const Predicate& predicate, const Record& record, Relations* relations) {
  return evaluate(predicate, record, relations) == Truth::yes;
}

Predicate bind(const Predicate& predicate, const base::Id& user) {
  Predicate result = predicate;
  if (result.parameter == Predicate::Parameter::user_id) {
    result.parameter = Predicate::Parameter::none;
    result.values.assign(1, Value(user));
  }
  for (Predicate& child : result.children) child = bind(child, user);
  return result;
}

std::vector<FieldId> mentioned_fields(const Predicate& predicate) {
  std::vector<FieldId> fields;
  collect_fields(predicate, fields);
  base::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  return fields;
}

bool has_relations(const Predicate& predicate) {
  return predicate.kind == Predicate::Kind::exists ||
         std::any_of(predicate.children.begin(), predicate.children.end(), has_relations);
}

bool reads_related(const Query& query) {
  if (has_relations(query.where)) return true;
  if (!query.aggregate) return false;
  const auto& keys = query.aggregate->group_by;
  return std::any_of(keys.begin(), keys.end(),
                     [](const GroupKey& key) { return key.via != model::kNoField; });
}

Predicate without_relations(const Predicate& predicate) { return relaxed(predicate, false); }

CollectionId related_collection(const model::Collection& collection, const Predicate& leaf) {
  return leaf.from != model::kNoCollection ? leaf.from : collection.field(leaf.field).spec.target;
}

CollectionId related_collection(const model::Collection& collection, const Include& include) {
  return include.from != model::kNoCollection ? include.from
                                              : collection.field(include.via).spec.target;
}

namespace {

void collect_included(const model::Schema& schema, const model::Collection& holder,
                      const std::vector<Include>& includes, std::vector<CollectionId>& found) {
  for (const Include& include : includes) {
    const model::Collection& other = schema.collection(related_collection(holder, include));
    found.push_back(other.id());
    collect_included(schema, other, include.includes, found);
  }
}

void bind_includes(std::vector<Include>& includes, const base::Id& user) {
  for (Include& include : includes) {
    include.where = bind(include.where, user);
    bind_includes(include.includes, user);
  }
}

}  // namespace

Query bind(Query query, const base::Id& user) {
  query.where = bind(query.where, user);
  bind_includes(query.includes, user);
  return query;
}

std::vector<CollectionId> included_collections(const model::Schema& schema, const Query& query) {
  std::vector<CollectionId> found;
  collect_included(schema, schema.collection(query.collection), query.includes, found);
  base::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace syncline::query
