#include "server/api/query_text.hpp"

#include <nlohmann/json.hpp>

#include "server/api/json.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::server::api {
namespace {

using model::Collection;
using query::Op;
using query::Predicate;

constexpr const char* kOps[] = {"=",  "!=", "<",    "<=",      ">",
                                ">=", "in", "like", "is null", "contains"};
constexpr const char* kAggregators[] = {"count",   "sum",   "count distinct",
                                        "average", "least", "greatest"};
constexpr const char* kPeriods[] = {"", "day", "week", "month", "quarter", "year"};
// A list of a thousand ids tells nobody anything.
constexpr std::size_t kValuesShown = 5;

std::string name(const Collection& collection, model::FieldId field) {
  return std::string(collection.field(field).spec.name);
}

class TextMaker {
 public:
  explicit TextMaker(const model::Schema& schema) : schema_(schema) {}

  [[nodiscard]] std::string condition(const Collection& collection, const Predicate& where) const {
    switch (where.kind) {
      case Predicate::Kind::always: return "true";
      case Predicate::Kind::never: return "false";
      case Predicate::Kind::compare: return comparison(collection, where);
      case Predicate::Kind::negation:
        return "not (" + condition(collection, where.children.front()) + ")";
      case Predicate::Kind::exists: return exists(collection, where);
      case Predicate::Kind::all_of:
      case Predicate::Kind::any_of: break;
    }
    const bool all = where.kind == Predicate::Kind::all_of;
    std::string text;
    for (const Predicate& child : where.children) {
      const bool nested =
          child.kind == Predicate::Kind::any_of || child.kind == Predicate::Kind::all_of;
      const std::string part = condition(collection, child);
      text += (text.empty() ? "" : all ? " and " : " or ") + (nested ? "(" + part + ")" : part);
    }
    return text;
  }

  [[nodiscard]] static std::string order(const Collection& collection, const model::Order& order) {
    std::string text;
    for (const model::OrderTerm& term : order)
      text += (text.empty() ? " order by " : ", ") + std::string(term.descending ? "-" : "") +
              name(collection, term.field);
    return text;
  }

  [[nodiscard]] std::string includes(const Collection& collection,
                                     const std::vector<query::Include>& all) const {
    std::string text;
    for (const query::Include& include : all) {
      const Collection& other = schema_.collection(query::related_collection(collection, include));
      const bool backward = include.from != model::kNoCollection;
      text += " include " + (backward ? full_name(other) + " by " : std::string()) +
              name(backward ? other : collection, include.via);
      if (include.where.kind != Predicate::Kind::always)
        text += " where " + condition(other, include.where);
      text += order(other, include.order);
      if (include.limit != 0) text += " limit " + std::to_string(include.limit);
      if (!include.includes.empty()) text += " (" + includes(other, include.includes) + " )";
    }
    return text;
  }

  [[nodiscard]] std::string aggregate(const Collection& collection,
                                      const query::Aggregate& aggregate) const {
    std::string text;
    for (const query::AggregateTerm& term : aggregate.terms) {
      text += (text.empty() ? " " : ", ") +
              std::string(kAggregators[static_cast<std::size_t>(term.aggregator)]);
      if (term.field != model::kNoField) text += " " + name(collection, term.field);
    }
    for (const query::GroupKey& key : aggregate.group_by) {
      const bool through = key.via != model::kNoField;
      const Collection& of =
          through ? schema_.collection(collection.field(key.via).spec.target) : collection;
      text += (&key == &aggregate.group_by.front() ? " by " : ", ") +
              (through ? name(collection, key.via) + "." : std::string()) + name(of, key.field);
      if (key.period != query::Period::none)
        text += std::string(" (") + kPeriods[static_cast<std::size_t>(key.period)] + ")";
    }
    if (aggregate.trend)
      text += " with the period before by " + name(collection, aggregate.trend->field);
    return text;
  }

 private:
  [[nodiscard]] static std::string comparison(const Collection& collection, const Predicate& leaf) {
    const model::FieldSpec& field = collection.field(leaf.field).spec;
    const std::string left = std::string(field.name) + " ";
    if (leaf.parameter != Predicate::Parameter::none) return left + "= the user";
    if (leaf.op == Op::is_null)
      return left + (leaf.values.front().boolean() ? "is null" : "is not null");
    std::string right;
    for (std::size_t i = 0; i < leaf.values.size() && i < kValuesShown; ++i) {
      // The item of a set is no set.
      const bool as_field = leaf.op != Op::contains;
      right += (i == 0 ? "" : ", ") + dump(as_field ? value_to_json(field, leaf.values[i])
                                                    : value_to_json(leaf.values[i]));
    }
    if (leaf.values.size() > kValuesShown)
      right += ", … (" + std::to_string(leaf.values.size()) + " in all)";
    if (leaf.op == Op::in) right = "(" + right + ")";
    return left + kOps[static_cast<std::size_t>(leaf.op)] + " " + right;
  }

  [[nodiscard]] std::string exists(const Collection& collection, const Predicate& leaf) const {
    const Collection& other = schema_.collection(query::related_collection(collection, leaf));
    const bool backward = leaf.from != model::kNoCollection;
    const std::string what = backward ? full_name(other) + " by " + name(other, leaf.field)
                                      : name(collection, leaf.field);
    return "exists " + what + " (" + condition(other, leaf.children.front()) + ")";
  }

  const model::Schema& schema_;
};

}  // namespace

std::string full_name(const Collection& collection) {
  return std::string(collection.spec().module) + "." + std::string(collection.name());
}

std::string query_text(const model::Schema& schema, const query::Query& query) {
  const Collection& collection = schema.collection(query.collection);
  const TextMaker text(schema);
  std::string result = full_name(collection);
  if (query.aggregate) result += text.aggregate(collection, *query.aggregate);
  if (query.where.kind != Predicate::Kind::always)
    result += " where " + text.condition(collection, query.where);
  result += TextMaker::order(collection, query.order);
  if (query.limit != 0) result += " limit " + std::to_string(query.limit);
  if (query.after) result += " after " + base::to_string(query.after->id);
  return result + text.includes(collection, query.includes);
}

}  // namespace syncline::server::api
