// check(): a query from outside becomes one whose fields exist, whose values fit and whose cost is bounded, or an error.
#include <algorithm>
#include <string>
#include <utility>

#include "syncline/base/time_zone.hpp"
#include "syncline/query/canonical.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::query {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Status;
using model::Collection;
using model::Field;
using model::FieldSpec;
using model::FieldType;
using model::Value;

Error wrong_type(const FieldSpec& field, const char* expected) {
  const std::string name(field.name);
  return Error(Code::wrong_type, "Field " + name + " needs " + expected + ".", name);
}

Result<Value> to_decimal(const FieldSpec& field, const Value& value) {
  model::Decimal number;
  if (value.kind() == Value::Kind::integer) {
    number = {value.integer(), 0};
  } else if (value.kind() == Value::Kind::decimal) {
    number = value.decimal();
  } else if (value.kind() == Value::Kind::text) {
    const auto parsed = model::parse_decimal(value.text(), field.scale);
    if (!parsed.ok()) return wrong_type(field, "a decimal number");
    return Value(*parsed);
  } else {
    return wrong_type(field, "a decimal number");
  }
  if (number.scale > model::kScaleMax) return wrong_type(field, "a decimal number");
  const auto scaled = model::rescale(number, field.scale);
  // A rounded bound would select other rows than the author asked for.
  if (!scaled.ok() || model::compare(*scaled, number) != 0) {
    return wrong_type(field, "a number within its range and decimal places");
  }
  return Value(*scaled);
}

Result<Value> to_integer(const FieldSpec& field, const Value& value) {
  if (value.kind() == Value::Kind::integer) return value;
  const bool text = value.kind() == Value::Kind::text;
  if (text || (value.kind() == Value::Kind::decimal && value.decimal().scale <= model::kScaleMax)) {
    const auto whole =
        text ? model::parse_decimal(value.text(), 0) : model::rescale(value.decimal(), 0);
    if (whole.ok() && (text || model::compare(*whole, value.decimal()) == 0)) {
      return Value(whole->mantissa);
    }
  }
  return wrong_type(field, "a whole number");
}

Result<Value> to_option(const FieldSpec& field, const Value& value) {
  if (value.kind() == Value::Kind::integer && value.integer() >= 0 &&
      value.integer() < static_cast<std::int64_t>(field.options.size())) {
    return value;
  }
  if (value.kind() == Value::Kind::text) {
    for (std::size_t i = 0; i < field.options.size(); ++i) {
      if (field.options[i] == value.text()) return Value(static_cast<std::int64_t>(i));
    }
  }
  return wrong_type(field, "one of its options");
}

Result<Value> to_boolean(const FieldSpec& field, const Value& value) {
  if (value.kind() == Value::Kind::boolean) return value;
  if (value.kind() == Value::Kind::text && value.text() == "true") return Value(true);
  if (value.kind() == Value::Kind::text && value.text() == "false") return Value(false);
  return wrong_type(field, "true or false");
}

Result<Value> to_id(const FieldSpec& field, const Value& value) {
  if (value.kind() == Value::Kind::id) return value;
  if (value.kind() == Value::Kind::text) {
    if (const auto id = base::parse_id(value.text())) return Value(*id);
  }
  return wrong_type(field, "a record id");
}

Result<Value> to_timestamp(const FieldSpec& field, const Value& value) {
  if (value.kind() == Value::Kind::timestamp) return value;
  if (value.kind() == Value::Kind::integer) return Value(base::Timestamp{value.integer()});
  if (value.kind() == Value::Kind::text) {
    if (const auto at = base::parse_timestamp(value.text())) return Value(*at);
  }
  return wrong_type(field, "a point in time");
}

Result<Value> to_date(const FieldSpec& field, const Value& value) {
  if (value.kind() == Value::Kind::date) return value;
  if (value.kind() == Value::Kind::text) {
    if (const auto date = base::parse_date(value.text())) return Value(*date);
  }
  return wrong_type(field, "a date");
}

Result<Value> to_text(const FieldSpec& field, const Value& value) {
  if (value.kind() != Value::Kind::text) return wrong_type(field, "a text");
  if (!model::is_valid_utf8(value.text())) return wrong_type(field, "a text in UTF-8");
  return value;
}

// The value as the field stores it; null stays null.
Result<Value> normalise(const FieldSpec& field, const Value& value) {
  if (value.is_null()) return value;
  switch (field.type) {
    case FieldType::boolean: return to_boolean(field, value);
    case FieldType::integer: return to_integer(field, value);
    case FieldType::decimal: return to_decimal(field, value);
    case FieldType::text:
    case FieldType::long_text: return to_text(field, value);
    case FieldType::enumeration: return to_option(field, value);
    case FieldType::reference: return to_id(field, value);
    case FieldType::timestamp: return to_timestamp(field, value);
    case FieldType::date: return to_date(field, value);
    case FieldType::set:
      if (value.kind() == Value::Kind::set) return Value(model::make_text_set(value.set()));
      return wrong_type(field, "a set of texts");
  }
  return wrong_type(field, "another value");
}

Error unknown_collection(model::CollectionId id) {
  return Error(Code::unknown_collection,
               "No collection has the number " + std::to_string(id) + ".");
}

class Checker {
 public:
  Checker(const model::Schema& schema, const Collection& collection, const Limits& limits)
      : schema_(schema), collection_(collection), limits_(limits) {}

  Status check_predicate(const Collection& of, Predicate& predicate, std::uint32_t depth,
                         std::uint32_t relation_depth = 0) {
    if (++nodes_ > limits_.predicate_nodes_max)
      return too_costly("conditions", limits_.predicate_nodes_max);
    if (depth > limits_.predicate_depth_max)
      return too_costly("nested conditions", limits_.predicate_depth_max);
    switch (predicate.kind) {
      case Predicate::Kind::always:
      case Predicate::Kind::never:
        predicate = predicate.kind == Predicate::Kind::always ? always() : never();
        return {};
      case Predicate::Kind::compare: return check_compare(of, predicate);
      case Predicate::Kind::exists: return check_exists(of, predicate, depth, relation_depth);
      case Predicate::Kind::negation:
        if (predicate.children.size() != 1)
          return malformed("A negation needs exactly one condition.");
        [[fallthrough]];
      case Predicate::Kind::all_of:
      case Predicate::Kind::any_of:
        // Bounded before anything is walked: the list itself came from outside.
        if (predicate.children.size() > limits_.predicate_nodes_max) {
          return too_costly("conditions", limits_.predicate_nodes_max);
        }
        predicate.field = model::kNoField;
        predicate.from = model::kNoCollection;
        forget_comparison(predicate);
        for (Predicate& child : predicate.children) {
          SYNC_TRY(check_predicate(of, child, depth + 1, relation_depth));
        }
        return {};
    }
    return malformed("The query has a condition of an unknown kind.");
  }

  Status check_order(Query& query) {
    if (query.order.size() > limits_.order_terms_max)
      return too_costly("order terms", limits_.order_terms_max);
    if (query.after && query.after->values.size() != query.order.size()) {
      return malformed("The cursor does not belong to this order.");
    }
    for (std::size_t i = 0; i < query.order.size(); ++i) {
      SYNC_TRY(check_order_term(collection_, query.order[i]));
      SYNC_ASSIGN(const Field* field, find(query.order[i].field));
      if (!query.after) continue;
      Value& value = query.after->values[i];
      SYNC_ASSIGN(value, normalise(field->spec, value));
      // A position is a row's: one value per field, the id's own included.
      const bool own_id = field->spec.id != model::kIdField || value == Value(query.after->id);
      const auto first =
          std::find_if(query.order.begin(), query.order.end(),
                       [&](const auto& term) { return term.field == field->spec.id; });
      const auto& first_value =
          query.after->values[static_cast<std::size_t>(first - query.order.begin())];
      if (!own_id || !(first_value == value)) {
        return malformed("The cursor does not belong to this order.");
      }
    }
    return {};
  }

  Status check_includes(const Collection& of, std::vector<Include>& includes,
                        std::uint32_t depth = 1) {
    if (includes.empty()) return {};
    if (depth > limits_.include_depth_max)
      return too_costly("includes within each other", limits_.include_depth_max);
    for (Include& include : includes) {
      if (++includes_ > limits_.includes_max) return too_costly("includes", limits_.includes_max);
      SYNC_ASSIGN(const Collection* other, related(of, include.via, include.from));
      if (include.from == model::kNoCollection && (!include.order.empty() || include.limit != 0))
        return malformed("One related row has no order and no limit.");
      SYNC_TRY(check_predicate(*other, include.where, 1));
      if (has_relations(include.where))
        return malformed("Which rows are included depends on these rows alone.");
      if (include.order.size() > limits_.order_terms_max)
        return too_costly("order terms", limits_.order_terms_max);
      for (const model::OrderTerm& term : include.order) SYNC_TRY(check_order_term(*other, term));
      SYNC_TRY(check_includes(*other, include.includes, depth + 1));
    }
    return {};
  }

  Status check_aggregate(Query& query) {
    if (!query.aggregate) return {};
    if (!query.order.empty() || query.limit != 0 || query.after || !query.includes.empty()) {
      return malformed("An aggregate has no order, limit, cursor or includes.");
    }
    Aggregate& aggregate = *query.aggregate;
    if (aggregate.terms.size() > limits_.aggregate_terms_max) {
      return too_costly("aggregates", limits_.aggregate_terms_max);
    }
    if (aggregate.group_by.size() > limits_.group_keys_max)
      return too_costly("group keys", limits_.group_keys_max);
    for (GroupKey& key : aggregate.group_by) SYNC_TRY(check_key(key));
    for (AggregateTerm& term : aggregate.terms) SYNC_TRY(check_term(term));
    return aggregate.trend ? check_trend(*aggregate.trend) : Status{};
  }

 private:
  static Error malformed(const char* message) { return Error(Code::malformed, message); }
  static Error too_costly(const char* what, std::uint32_t most) {
    return Error(Code::query_too_costly, "The query has more than " + std::to_string(most) + " " +
                                             what + ", which is the most that is allowed.");
  }

  Result<const Field*> find(FieldId id) const { return find(collection_, id); }
  static Result<const Field*> find(const Collection& of, FieldId id) {
    const Field* field = of.find(id);
    if (field != nullptr) return field;
    return Error(Code::unknown_field, "Collection " + std::string(of.name()) +
                                          " has no field with number " + std::to_string(id) + ".");
  }

  static void forget_comparison(Predicate& predicate) {
    predicate.op = Op::eq;
    predicate.parameter = Predicate::Parameter::none;
    predicate.values.clear();
  }

  // The collection of the related rows. Errors: no such collection or field, or not a reference between the two.
  Result<const Collection*> related(const Collection& of, FieldId via, model::CollectionId from) {
    const Collection* holder = from == model::kNoCollection ? &of : schema_.find(from);
    if (holder == nullptr) return unknown_collection(from);
    SYNC_ASSIGN(const Field* field, find(*holder, via));
    const bool fits = field->spec.type == FieldType::reference &&
                      schema_.find(field->spec.target) != nullptr &&
                      (holder == &of || field->spec.target == of.id());
    if (!fits || (from == of.id() && field->spec.target != of.id()))
      return wrong_type(field->spec, "to be a reference between the two collections");
    return from == model::kNoCollection ? schema_.find(field->spec.target) : holder;
  }

  Status check_exists(const Collection& of, Predicate& predicate, std::uint32_t depth,
                      std::uint32_t relation_depth) {
    if (predicate.children.size() != 1) return malformed("An exists needs exactly one condition.");
    if (++relations_ > limits_.relations_max)
      return too_costly("conditions on related rows", limits_.relations_max);
    if (relation_depth >= limits_.relation_depth_max)
      return too_costly("conditions on related rows within each other", limits_.relation_depth_max);
    forget_comparison(predicate);
    SYNC_ASSIGN(const Collection* other, related(of, predicate.field, predicate.from));
    return check_predicate(*other, predicate.children.front(), depth + 1, relation_depth + 1);
  }

  static Status check_order_term(const Collection& of, const model::OrderTerm& term) {
    if (term.nulls > model::Nulls::last) return malformed("The query has an unknown order.");
    SYNC_TRY(find(of, term.field));
    return {};
  }

  Status check_key(GroupKey& key) const {
    const Collection* of = &collection_;
    if (key.via != model::kNoField) {
      SYNC_ASSIGN(const Field* via, find(key.via));
      of = via->spec.type == FieldType::reference ? schema_.find(via->spec.target) : nullptr;
      if (of == nullptr) return wrong_type(via->spec, "to be a reference to be grouped through");
    }
    SYNC_ASSIGN(const Field* field, find(*of, key.field));
    const bool timestamp = field->spec.type == FieldType::timestamp;
    if (key.period > Period::year) return malformed("The query has an unknown period.");
    if (key.period != Period::none && !timestamp && field->spec.type != FieldType::date)
      return wrong_type(field->spec, "to be a date or a point in time to be grouped by a period");
    if (!timestamp || key.period == Period::none) key.zone.clear();
    if (key.zone.empty() || base::find_time_zone(key.zone) != nullptr) return {};
    return malformed("The query has an unknown time zone.");
  }

  Status check_term(AggregateTerm& term) const {
    if (term.aggregator > Aggregator::max) return malformed("The query has an unknown aggregate.");
    if (term.aggregator == Aggregator::count) {
      term.field = model::kNoField;
      return {};
    }
    SYNC_ASSIGN(const Field* field, find(term.field));
    const FieldType type = field->spec.type;
    const bool number = type == FieldType::integer || type == FieldType::decimal;
    switch (term.aggregator) {
      case Aggregator::sum:
        return number ? Status{} : wrong_type(field->spec, "to be a number to be summed");
      case Aggregator::avg:
        return number || type == FieldType::timestamp
                   ? Status{}
                   : wrong_type(field->spec, "to be a number to be averaged");
      case Aggregator::min:
      case Aggregator::max:
        if (type == FieldType::set || type == FieldType::reference)
          return wrong_type(field->spec, "to be ordered to have a least and a greatest value");
        return {};
      case Aggregator::count:
      case Aggregator::count_distinct: break;
    }
    return {};
  }

  Status check_trend(Trend& trend) const {
    SYNC_ASSIGN(const Field* field, find(trend.field));
    const FieldSpec& spec = field->spec;
    if (spec.type != FieldType::date && spec.type != FieldType::timestamp)
      return wrong_type(spec, "to be a date or a point in time to be compared with earlier");
    for (Value* value : {&trend.previous, &trend.from, &trend.to}) {
      SYNC_ASSIGN(*value, normalise(spec, *value));
      if (value->is_null()) return wrong_type(spec, "the two periods' limits");
    }
    if (model::compare_values(spec, trend.previous, trend.from) > 0 ||
        model::compare_values(spec, trend.from, trend.to) > 0)
      return malformed("The earlier period ends where the later one begins.");
    return {};
  }

  Status check_compare(const Collection& of, Predicate& predicate) {
    predicate.children.clear();
    predicate.from = model::kNoCollection;
    SYNC_ASSIGN(const Field* field, find(of, predicate.field));
    const FieldSpec& spec = field->spec;
    if (predicate.parameter == Predicate::Parameter::user_id) {
      const bool comparable = predicate.op == Op::eq || predicate.op == Op::ne;
      if (spec.type != FieldType::reference || !comparable)
        return wrong_type(spec, "to be a reference to a user");
      predicate.values.clear();
      return {};
    }
    if (predicate.parameter != Predicate::Parameter::none)
      return malformed("The query has an unknown parameter.");
    if (predicate.op == Op::in) return check_in(spec, predicate);
    if (predicate.values.size() != 1) return malformed("A comparison needs exactly one value.");
    return check_operand(spec, predicate.op, predicate.values.front());
  }

  Status check_in(const FieldSpec& spec, Predicate& predicate) {
    if (predicate.values.size() > limits_.in_values_max)
      return too_costly("values in a list", limits_.in_values_max);
    values_ += static_cast<std::uint32_t>(predicate.values.size());
    if (values_ > limits_.values_max) return too_costly("values in its lists", limits_.values_max);
    for (Value& value : predicate.values) {
      SYNC_ASSIGN(value, normalise(spec, value));
    }
    return {};
  }

  Status check_operand(const FieldSpec& spec, Op op, Value& value) const {
    switch (op) {
      case Op::is_null:
        return value.kind() == Value::Kind::boolean
                   ? Status{}
                   : wrong_type(spec, "true or false for its null test");
      case Op::like:
        if (spec.type != FieldType::text && spec.type != FieldType::long_text) {
          return wrong_type(spec, "to be a text to be matched by a pattern");
        }
        if (value.kind() == Value::Kind::text &&
            model::utf8_length(value.text()) > limits_.pattern_length_max)
          return too_costly("characters in a pattern", limits_.pattern_length_max);
        break;
      case Op::contains:
        if (spec.type != FieldType::set)
          return wrong_type(spec, "to be a set to be searched for an item");
        return value.is_null() || value.kind() == Value::Kind::text
                   ? Status{}
                   : wrong_type(spec, "a text as item");
      case Op::lt:
      case Op::lte:
      case Op::gt:
      case Op::gte:
        if (spec.type == FieldType::set) return wrong_type(spec, "to be ordered, and a set is not");
        break;
      case Op::eq:
      case Op::ne: break;
      case Op::in:
      default: return malformed("The query has an unknown comparison.");
    }
    SYNC_ASSIGN(value, normalise(spec, value));
    return {};
  }

  const model::Schema& schema_;
  const Collection& collection_;
  const Limits& limits_;
  std::uint32_t nodes_ = 0;
  std::uint32_t values_ = 0;
  std::uint32_t relations_ = 0;
  std::uint32_t includes_ = 0;
};

}  // namespace

Result<Query> check(const model::Schema& schema, Query query, const Limits& limits) {
  const Collection* collection = schema.find(query.collection);
  if (collection == nullptr) return unknown_collection(query.collection);
  Checker checker(schema, *collection, limits);
  SYNC_TRY(checker.check_predicate(*collection, query.where, 1));
  SYNC_TRY(checker.check_order(query));
  SYNC_TRY(checker.check_includes(*collection, query.includes));
  SYNC_TRY(checker.check_aggregate(query));
  return query;
}

}  // namespace syncline::query
