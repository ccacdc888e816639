// Predicates as SQL conditions (sql_text.hpp). Three-valued logic is SQL's own, so what is translated at all is exact; what
// is not becomes TRUE and clears `exact`. A negation of something inexact would no longer be a superset: it is TRUE as well.
#include <utility>

#include "server/storage/columns.hpp"
#include "server/storage/sql_text.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::server::storage::sql_text {

namespace {

using model::Collection;
using model::FieldSpec;
using model::FieldType;
using model::Value;
using query::Op;
using query::Predicate;

Filter anything() { return {"1", {}, false}; }

bool is_text(const FieldSpec& field) {
  return field.type == FieldType::text || field.type == FieldType::long_text;
}

// Whether a value can stand beside the field's column. Others (a decimal of another scale) are left to the evaluator.
bool comparable(const FieldSpec& field, const Value& value) {
  switch (field.type) {
    case FieldType::boolean: return value.kind() == Value::Kind::boolean;
    case FieldType::integer:
    case FieldType::enumeration: return value.kind() == Value::Kind::integer;
    case FieldType::decimal:
      return value.kind() == Value::Kind::decimal && value.decimal().scale == field.scale;
    case FieldType::text:
    case FieldType::long_text: return value.kind() == Value::Kind::text;
    case FieldType::set: return false;
    case FieldType::reference: return value.kind() == Value::Kind::id;
    case FieldType::timestamp: return value.kind() == Value::Kind::timestamp;
    case FieldType::date: return value.kind() == Value::Kind::date;
  }
  return false;
}

std::string operand(const FieldSpec& field) {
  return is_text(field) ? quoted(field.name) + " COLLATE SYNCLINE" : quoted(field.name);
}

Filter one_of(const FieldSpec& field, const std::vector<Value>& values) {
  Filter filter;
  filter.sql = operand(field) + " IN (";
  for (const Value& value : values) {
    if (!value.is_null() && !comparable(field, value)) return anything();
    if (!filter.parameters.empty()) filter.sql += ", ";
    filter.sql += '?';
    filter.parameters.push_back(to_sql(field, value));
  }
  filter.sql += ')';
  return filter;
}

Filter contains(const FieldSpec& field, const Value& value) {
  // json_each() ends texts at a NUL; such an item is left to the evaluator.
  if (field.type != FieldType::set || value.kind() != Value::Kind::text ||
      value.text().find('\0') != std::string::npos) {
    return anything();
  }
  const std::string column = quoted(field.name);
  // A null column is unknown, not "no".
  return {"CASE WHEN " + column + " IS NULL THEN NULL ELSE EXISTS (SELECT 1 FROM json_each(" +
              column + ") WHERE value = ?) END",
          {value.text()},
          true};
}

Filter compare(const Collection& collection, const Predicate& predicate) {
  const FieldSpec& field = collection.field(predicate.field).spec;
  if (predicate.parameter != Predicate::Parameter::none) return anything();
  if (predicate.op == Op::in) return one_of(field, predicate.values);
  if (predicate.values.size() != 1) return anything();
  const Value& value = predicate.values.front();
  if (predicate.op == Op::is_null) {
    return {quoted(field.name) + (value.boolean() ? " IS NULL" : " IS NOT NULL"), {}, true};
  }
  if (value.is_null()) return {"NULL", {}, true};
  if (predicate.op == Op::contains) return contains(field, value);
  if (predicate.op == Op::like) {
    if (!is_text(field) || value.kind() != Value::Kind::text) return anything();
    return {"syncline_like(" + quoted(field.name) + ", ?)", {value.text()}, true};
  }
  if (!comparable(field, value)) return anything();
  const auto with = [&](const char* sign) {
    return Filter{operand(field) + sign, {to_sql(field, value)}, true};
  };
  switch (predicate.op) {
    case Op::eq: return with(" = ?");
    case Op::ne: return with(" <> ?");
    case Op::lt: return with(" < ?");
    case Op::lte: return with(" <= ?");
    case Op::gt: return with(" > ?");
    case Op::gte: return with(" >= ?");
    case Op::in:
    case Op::like:
    case Op::is_null:
    case Op::contains: break;  // answered above
  }
  return anything();
}

// Two-valued, as `exists` is: a reference without a value names no row.
Filter exists(const model::Schema& schema, const Collection& collection, const Predicate& leaf) {
  const Collection& other = schema.collection(query::related_collection(collection, leaf));
  Filter inner = where(schema, other, leaf.children.front());
  const bool forward = leaf.from == model::kNoCollection;
  const std::string via = quoted((forward ? collection : other).field(leaf.field).spec.name);
  if (forward) {
    inner.sql = via + " IS NOT NULL AND " + via + " IN (SELECT \"id\" FROM " + table(other) +
                " WHERE " + inner.sql + ")";
  } else {
    inner.sql = "\"id\" IN (SELECT " + via + " FROM " + table(other) + " WHERE " + via +
                " IS NOT NULL AND (" + inner.sql + "))";
  }
  return inner;
}

Filter joined(const model::Schema& schema, const Collection& collection,
              const std::vector<Predicate>& children, const char* word, const char* none) {
  Filter result{none, {}, true};
  bool first = true;
  for (const Predicate& child : children) {
    Filter part = where(schema, collection, child);
    result.sql = first ? "(" + part.sql + ")" : result.sql + word + "(" + part.sql + ")";
    result.parameters.insert(result.parameters.end(),
                             std::make_move_iterator(part.parameters.begin()),
                             std::make_move_iterator(part.parameters.end()));
    result.exact = result.exact && part.exact;
    first = false;
  }
  return result;
}

}  // namespace

Filter where(const model::Schema& schema, const Collection& collection,
             const Predicate& predicate) {
  switch (predicate.kind) {
    case Predicate::Kind::always: return {"1", {}, true};
    case Predicate::Kind::never: return {"0", {}, true};
    case Predicate::Kind::compare: return compare(collection, predicate);
    case Predicate::Kind::all_of:
      return joined(schema, collection, predicate.children, " AND ", "1");
    case Predicate::Kind::any_of:
      return joined(schema, collection, predicate.children, " OR ", "0");
    case Predicate::Kind::exists: return exists(schema, collection, predicate);
    case Predicate::Kind::negation: {
      Filter child = where(schema, collection, predicate.children.front());
      if (!child.exact) return anything();
      child.sql = "NOT (" + child.sql + ")";
      return child;
    }
  }
  return anything();
}

Filter field_equals(const model::Field& field, const Value& value) {
  if (!comparable(field.spec, value)) return anything();
  return {operand(field.spec) + " = ?", {to_sql(field.spec, value)}, true};
}

}  // namespace syncline::server::storage::sql_text
