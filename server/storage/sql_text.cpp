#include "server/storage/sql_text.hpp"

#include <utility>

#include "server/storage/columns.hpp"

namespace syncline::server::storage::sql_text {

namespace {

using model::Collection;
using model::Field;
using model::FieldSpec;
using model::FieldType;

bool is_text(const FieldSpec& field) {
  return field.type == FieldType::text || field.type == FieldType::long_text;
}

std::string index_name(const Collection& collection, const FieldSpec& field) {
  return quoted(std::string(collection.spec().module) + "_" + std::string(collection.name()) +
                "_by_" + std::string(field.name));
}

bool has_long_text(const Collection& collection) {
  for (const Field& field : collection.fields()) {
    if (field.spec.type == FieldType::long_text) return true;
  }
  return false;
}

bool wants_index(const Collection& collection, const FieldSpec& field) {
  if (field.id == model::kIdField || field.id == model::kVersionField) return false;
  if (field.id == model::kCreatedByField) return false;
  if (field.unique || field.id == collection.spec().title_field) return true;
  return !is_text(field) && field.type != FieldType::set && field.type != FieldType::boolean;
}

// Text columns are compared by the total order everywhere, so that one index serves equality, ranges and sorting:
// SYNCLINE calls two texts equal exactly when their bytes are.
std::string operand(const FieldSpec& field) {
  return is_text(field) ? quoted(field.name) + " COLLATE SYNCLINE" : quoted(field.name);
}

}  // namespace

std::string quoted(std::string_view name) {
  std::string result = "\"";
  for (const char c : name) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string table(const Collection& collection) {
  return quoted(std::string(collection.spec().module) + "_" + std::string(collection.name()));
}

std::string column_definition(const FieldSpec& field) {
  switch (field.type) {
    case FieldType::boolean:
    case FieldType::integer:
    case FieldType::decimal:
    case FieldType::enumeration:
    case FieldType::timestamp:
    case FieldType::date: return quoted(field.name) + " INTEGER";
    case FieldType::text:
    case FieldType::long_text:
    case FieldType::set: return quoted(field.name) + " TEXT";
    case FieldType::reference: return quoted(field.name) + " BLOB";
  }
  return {};
}

std::string create_table(const Collection& collection) {
  std::string sql = "CREATE TABLE " + table(collection) +
                    " (\"id\" BLOB PRIMARY KEY NOT NULL CHECK (length(\"id\") = 16), \"version\" "
                    "INTEGER NOT NULL";
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot) {
    sql += ", " + column_definition(collection.field_at_slot(slot).spec);
  }
  // Without long texts a row is short, and living in the key's own tree saves the second look-up.
  return sql + (has_long_text(collection) ? ") STRICT" : ") STRICT, WITHOUT ROWID");
}

std::vector<std::string> create_indexes(const Collection& collection) {
  std::vector<std::string> result;
  for (const Field& field : collection.fields()) {
    if (!wants_index(collection, field.spec)) continue;
    result.push_back("CREATE INDEX IF NOT EXISTS " + index_name(collection, field.spec) + " ON " +
                     table(collection) + " (" + operand(field.spec) + ", \"id\")");
  }
  return result;
}

bool reads_in_order(const Collection& collection, const model::Order& order) {
  if (order.empty()) return true;
  if (order.front().nulls != model::Nulls::natural) return false;
  const FieldSpec& first = collection.field(order.front().field).spec;
  if (first.id == model::kIdField) return true;
  // Few distinct values: a block of ties is a large part of the table, and is sorted as a whole.
  const bool few_values =
      first.type == FieldType::enumeration || first.type == FieldType::reference;
  return wants_index(collection, first) && !few_values;
}

std::string select_columns(const Collection& collection) {
  std::string sql = "SELECT \"id\", \"version\"";
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot) {
    sql += ", " + quoted(collection.field_at_slot(slot).spec.name);
  }
  return sql + " FROM " + table(collection);
}

std::string insert(const Collection& collection) {
  std::string columns = "\"id\", \"version\"";
  std::string marks = "?, ?";
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot) {
    columns += ", " + quoted(collection.field_at_slot(slot).spec.name);
    marks += ", ?";
  }
  return "INSERT INTO " + table(collection) + " (" + columns + ") VALUES (" + marks + ")";
}

std::string update(const Collection& collection, const std::vector<std::uint16_t>& slots) {
  std::string sql = "UPDATE " + table(collection) + " SET \"version\" = ?";
  for (const std::uint16_t slot : slots) {
    sql += ", " + quoted(collection.field_at_slot(slot).spec.name) + " = ?";
  }
  return sql + " WHERE \"id\" = ?";
}

std::string remove(const Collection& collection) {
  return "DELETE FROM " + table(collection) + " WHERE \"id\" = ?";
}

bool can_aggregate(const Collection& collection, const query::Aggregate& aggregate) {
  for (const query::GroupKey& key : aggregate.group_by) {
    if (key.via != model::kNoField || key.period != query::Period::none) return false;
  }
  for (const query::AggregateTerm& term : aggregate.terms) {
    const bool extreme =
        term.aggregator == query::Aggregator::min || term.aggregator == query::Aggregator::max;
    if (extreme && is_text(collection.field(term.field).spec)) return false;
  }
  return !aggregate.trend;
}

std::string aggregate(const Collection& collection, const query::Aggregate& aggregate,
                      const std::string& where) {
  std::string keys;
  for (const query::GroupKey& key : aggregate.group_by)
    keys += (keys.empty() ? "" : ", ") + quoted(collection.field(key.field).spec.name);
  std::string sql = "SELECT " + (keys.empty() ? keys : keys + ", ") + "count(*)";
  for (const query::AggregateTerm& term : aggregate.terms) {
    if (term.aggregator == query::Aggregator::count) continue;
    const std::string column = quoted(collection.field(term.field).spec.name);
    switch (term.aggregator) {
      case query::Aggregator::count: break;
      case query::Aggregator::sum: sql += ", coalesce(sum(" + column + "), 0)"; break;
      case query::Aggregator::count_distinct: sql += ", count(DISTINCT " + column + ")"; break;
      case query::Aggregator::avg:
        sql += ", coalesce(sum(" + column + "), 0), count(" + column + ")";
        break;
      case query::Aggregator::min: sql += ", min(" + column + ")"; break;
      case query::Aggregator::max: sql += ", max(" + column + ")"; break;
    }
  }
  sql += " FROM " + table(collection) + " WHERE " + where;
  return keys.empty() ? sql : sql + " GROUP BY " + keys;
}

bool can_order(const Collection& collection, const model::Order& order) {
  for (const model::OrderTerm& term : order) {
    if (collection.field(term.field).spec.type == FieldType::set) return false;
  }
  return true;
}

std::string order_by(const Collection& collection, const model::Order& order, bool reverse) {
  std::string sql = " ORDER BY ";
  for (const model::OrderTerm& term : order) {
    // SQLite, like the engine, puts nulls first ascending.
    sql += operand(collection.field(term.field).spec) + (term.descending != reverse ? " DESC" : "");
    if (term.nulls != model::Nulls::natural)
      sql += model::nulls_come_first(term) != reverse ? " NULLS FIRST" : " NULLS LAST";
    sql += ", ";
    if (term.field == model::kIdField) {  // unique: nothing behind it matters
      sql.resize(sql.size() - 2);
      return sql;
    }
  }
  return sql + (reverse ? "\"id\" DESC" : "\"id\"");
}

namespace {

// One step of the order: a column, the key's value there, the direction of reading.
struct Step {
  std::string column;
  SqlValue value;
  bool descending = false;
  bool nulls_first = true;
};

std::vector<Step> steps_of(const Collection& collection, const model::Order& order,
                           const model::OrderKey& key, bool reverse) {
  SYNC_CHECK(key.values.size() == order.size(), "a position of another order");
  std::vector<Step> steps;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const FieldSpec& field = collection.field(order[i].field).spec;
    steps.push_back({operand(field), to_sql(field, key.values[i]), order[i].descending != reverse,
                     model::nulls_come_first(order[i]) != reverse});
  }
  steps.push_back({"\"id\"", sql_value(key.id), reverse, true});
  return steps;
}

bool is_null(const SqlValue& value) { return std::holds_alternative<std::monostate>(value); }

Filter at(const Step& step) {
  if (is_null(step.value)) return {step.column + " IS NULL", {}, true};
  return {step.column + " = ?", {step.value}, true};
}

// Beyond the value in this one column; apart from nulls, which come first or last.
std::vector<Filter> beyond(const Step& step) {
  if (is_null(step.value)) {
    if (!step.nulls_first) return {};
    return {{step.column + " IS NOT NULL", {}, true}};
  }
  std::vector<Filter> parts = {
      {step.column + (step.descending ? " < ?" : " > ?"), {step.value}, true}};
  const bool is_id = step.column == "\"id\"";
  if (!step.nulls_first && !is_id) parts.push_back({step.column + " IS NULL", {}, true});
  return parts;
}

Filter both(Filter a, const Filter& b) {
  a.sql = "(" + a.sql + ") AND (" + b.sql + ")";
  a.parameters.insert(a.parameters.end(), b.parameters.begin(), b.parameters.end());
  a.exact = a.exact && b.exact;
  return a;
}

}  // namespace

std::vector<Filter> strictly_after(const Collection& collection, const model::Order& order,
                                   const model::OrderKey& key, bool reverse) {
  const std::vector<Step> steps = steps_of(collection, order, key, reverse);
  // The rows nearest to the key agree with it in most columns: from the last column to the first.
  std::vector<Filter> result;
  for (std::size_t depth = steps.size(); depth-- > 0;) {
    for (Filter& part : beyond(steps[depth])) {
      Filter filter = std::move(part);
      for (std::size_t i = depth; i-- > 0;) filter = both(at(steps[i]), filter);
      result.push_back(std::move(filter));
    }
  }
  return result;
}

}  // namespace syncline::server::storage::sql_text
