#include "tests/support/describe.hpp"

namespace syncline::tests {

using model::Record;
using model::Value;
using query::Op;
using query::Predicate;

namespace {

const char* name_of(Op op) {
  switch (op) {
    case Op::eq: return "=";
    case Op::ne: return "!=";
    case Op::lt: return "<";
    case Op::lte: return "<=";
    case Op::gt: return ">";
    case Op::gte: return ">=";
    case Op::in: return "in";
    case Op::like: return "like";
    case Op::is_null: return "is null";
    case Op::contains: return "contains";
  }
  return "?";
}

std::string name_of(const model::Collection& collection, model::FieldId id) {
  const model::Field* field = collection.find(id);
  return field != nullptr ? std::string(field->spec.name) : "#" + std::to_string(id);
}

std::string tail(const base::Id& id) { return to_string(id).substr(24); }

std::string join(const std::vector<std::string>& parts, const char* separator) {
  std::string result;
  for (std::size_t i = 0; i < parts.size(); ++i) result += (i == 0 ? "" : separator) + parts[i];
  return result;
}

std::string describe_values(const std::vector<Value>& values) {
  std::vector<std::string> parts;
  for (const Value& value : values) parts.push_back(describe(value));
  return join(parts, ", ");
}

std::string describe_numbered(const Predicate& predicate) {
  using Kind = Predicate::Kind;
  std::vector<std::string> parts;
  for (const Predicate& child : predicate.children) parts.push_back(describe_numbered(child));
  const std::string field = "#" + std::to_string(predicate.field);
  switch (predicate.kind) {
    case Kind::always: return "always";
    case Kind::never: return "never";
    case Kind::negation: return "not " + join(parts, "?");
    case Kind::all_of: return "(" + join(parts, " and ") + ")";
    case Kind::any_of: return "(" + join(parts, " or ") + ")";
    case Kind::exists:
      return "exists(#" + std::to_string(predicate.from) + " " + field + ": " + parts.front() + ")";
    case Kind::compare: break;
  }
  return field + " " + name_of(predicate.op) + " [" + describe_values(predicate.values) + "]";
}

// Without a schema the related rows' fields have numbers only.
std::string describe_exists(const model::Collection& collection, const Predicate& predicate) {
  const bool forward = predicate.from == model::kNoCollection;
  return "exists(" +
         (forward ? name_of(collection, predicate.field)
                  : "in #" + std::to_string(predicate.from) + " by #" +
                        std::to_string(predicate.field)) +
         ": " + describe_numbered(predicate.children.front()) + ")";
}

std::string describe_includes(const std::vector<query::Include>& includes) {
  std::string text;
  for (const query::Include& include : includes) {
    text += " include(#" + std::to_string(include.via);
    if (include.from != model::kNoCollection) {
      text += " in #" + std::to_string(include.from) + " where " +
              describe_numbered(include.where) + " order";
      for (const model::OrderTerm& term : include.order)
        text += " #" + std::to_string(term.field) + (term.descending ? " desc" : "");
      text += " limit " + std::to_string(include.limit);
    }
    text += describe_includes(include.includes) + ")";
  }
  return text;
}

}  // namespace

std::string describe(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null: return "null";
    case Value::Kind::boolean: return value.boolean() ? "true" : "false";
    case Value::Kind::integer: return std::to_string(value.integer());
    case Value::Kind::decimal: return model::to_string(value.decimal());
    case Value::Kind::text: return '"' + value.text() + '"';
    case Value::Kind::id: return "…" + tail(value.id());
    case Value::Kind::timestamp: return base::to_string(value.timestamp());
    case Value::Kind::date: return base::to_string(value.date());
    case Value::Kind::set: return "{" + join(value.set(), ",") + "}";
  }
  return "?";
}

std::string describe(const model::Collection& collection, const Predicate& predicate) {
  if (predicate.kind == Predicate::Kind::exists) return describe_exists(collection, predicate);
  std::vector<std::string> parts;
  for (const Predicate& child : predicate.children) parts.push_back(describe(collection, child));
  switch (predicate.kind) {
    case Predicate::Kind::always: return "always";
    case Predicate::Kind::never: return "never";
    case Predicate::Kind::negation: return "not " + join(parts, "?");
    case Predicate::Kind::all_of: return "(" + join(parts, " and ") + ")";
    case Predicate::Kind::any_of: return "(" + join(parts, " or ") + ")";
    case Predicate::Kind::compare:
    case Predicate::Kind::exists: break;
  }
  const bool bound = predicate.parameter == Predicate::Parameter::none;
  return name_of(collection, predicate.field) + " " + name_of(predicate.op) + " " +
         (bound ? "[" + describe_values(predicate.values) + "]" : "$user");
}

std::string describe(const model::Schema& schema, const query::Query& query) {
  const model::Collection& collection = schema.collection(query.collection);
  std::string text(collection.name());
  text += " where " + describe(collection, query.where) + " order by";
  for (const model::OrderTerm& term : query.order) {
    text += " " + name_of(collection, term.field) + (term.descending ? " desc" : "");
    if (term.nulls != model::Nulls::natural)
      text += term.nulls == model::Nulls::first ? " nulls first" : " nulls last";
  }
  text += " limit " + std::to_string(query.limit);
  if (query.after)
    text += " after (" + describe_values(query.after->values) + ") " + tail(query.after->id);
  text += describe_includes(query.includes);
  if (query.aggregate) {
    constexpr const char* kAggregators[] = {"count", "sum", "distinct", "avg", "min", "max"};
    constexpr const char* kPeriods[] = {"",          " by day",     " by week",
                                        " by month", " by quarter", " by year"};
    text += " group by";
    for (const query::GroupKey& key : query.aggregate->group_by) {
      text += key.via == model::kNoField
                  ? " " + name_of(collection, key.field)
                  : " " + name_of(collection, key.via) + ".#" + std::to_string(key.field);
      text += kPeriods[static_cast<std::size_t>(key.period)];
    }
    text += ":";
    for (const query::AggregateTerm& term : query.aggregate->terms) {
      text += std::string(" ") + kAggregators[static_cast<std::size_t>(term.aggregator)];
      if (term.field != model::kNoField) text += " " + name_of(collection, term.field);
    }
    if (query.aggregate->trend) {
      const query::Trend& trend = *query.aggregate->trend;
      text += " trend of " + name_of(collection, trend.field) + " from " +
              describe_values({trend.previous, trend.from, trend.to});
    }
  }
  return text;
}

std::string describe(const Record& record) {
  if (!record) return "(none)";
  std::string text(record.collection().name());
  text += " " + tail(record.id()) + " v" + std::to_string(record.version()) + " {";
  for (const model::Field& field : record.collection().fields()) {
    if (field.slot == model::kNoSlot || !record.has(field.spec.id)) continue;
    text += " " + std::string(field.spec.name) + "=" + describe(record.get(field.spec.id));
  }
  return text + " }";
}

std::string describe(const query::AggregateRow& row) {
  const auto figures = [](const query::Figures& of) {
    return std::to_string(of.rows) + " (" + describe_values(of.values) + "; " +
           describe_values(of.averaged) + ")";
  };
  return "[" + describe_values(row.key) + "]: " + figures(row) +
         (row.previous ? " before " + figures(*row.previous) : "");
}

std::string describe(const model::Change& change) {
  return describe(change.before) + "\n  -> " + describe(change.after);
}

std::string describe(const std::vector<Record>& records) {
  std::string text;
  for (const Record& record : records) text += "\n  " + describe(record);
  return text;
}

}  // namespace syncline::tests
