#include "server/api/query_export.hpp"

#include <nlohmann/json.hpp>

#include "domain/crm/metrics.hpp"
#include "server/api/json.hpp"
#include "server/api/names.hpp"
#include "syncline/base/check.hpp"

namespace syncline::server::api {
namespace {

namespace crm = domain::crm;
using model::Collection;
using model::Value;
using query::Predicate;
using query::Query;

constexpr const char* kOperators[] = {"=",  "!=", "<",    "<=",      ">",
                                      ">=", "in", "like", "is null", "contains"};
constexpr const char* kAggregators[] = {"count", "sum", "countDistinct", "avg", "min", "max"};
constexpr const char* kPeriods[] = {"none", "day", "week", "month", "quarter", "year"};

// Stand-ins: the queries are made with these, and wherever one of them turns up, its name is written instead. They are days
// that no definition names.
struct Parameter {
  const char* name;
  crm::Moment moment;
};
crm::Moment stand_in(std::int32_t day) { return {base::start_of(base::Date{day}), {day}}; }
const Parameter kParameters[] = {
    {"previous", stand_in(2'000'003)}, {"from", stand_in(2'000'029)}, {"to", stand_in(2'000'081)}};

// A string that becomes an expression when all is text: "${periods.from.at}".
OutJson expression(const Parameter& parameter, const char* member) {
  return "${periods." + std::string(parameter.name) + "." + member + "}";
}

OutJson value_of(const model::FieldSpec& field, const Value& value) {
  for (const Parameter& parameter : kParameters) {
    if (value == Value(parameter.moment.at)) return expression(parameter, "at");
    if (value == Value(parameter.moment.on)) return expression(parameter, "on");
  }
  if (value.kind() == Value::Kind::timestamp) return value.timestamp().ms;
  SYNC_CHECK(value.kind() != Value::Kind::decimal, "a number as the SDK writes it is needed here");
  return value_to_json(field, value);
}

class Exporter {
 public:
  explicit Exporter(const model::Schema& schema) : schema_(schema) {}

  OutJson spec(const Query& query) const {
    const Collection& of = schema_.collection(query.collection);
    SYNC_CHECK(!query.after && query.includes.empty(), "rows are cut by who reads them");
    OutJson order = OutJson::array();
    for (const model::OrderTerm& term : query.order) {
      SYNC_CHECK(term.nulls == model::Nulls::natural, "so far");
      order.push_back(OutJson{
          {"field", name(of, term.field)}, {"descending", term.descending}, {"nulls", "natural"}});
    }
    return OutJson{{"conditions", conditions(of, query.where)},
                   {"order", std::move(order)},
                   {"limit", query.limit},
                   {"includes", OutJson::array()},
                   {"aggregate", query.aggregate ? aggregate(of, *query.aggregate) : nullptr}};
  }

 private:
  static std::string name(const Collection& of, model::FieldId field) {
    return std::string(of.field(field).spec.name);
  }

  // Those that hold all together.
  static OutJson conditions(const Collection& of, const Predicate& where) {
    if (where.kind == Predicate::Kind::always) return OutJson::array();
    if (where.kind == Predicate::Kind::all_of) return children(of, where);
    return OutJson::array({condition(of, where)});
  }

  static OutJson children(const Collection& of, const Predicate& predicate) {
    OutJson out = OutJson::array();
    for (const Predicate& child : predicate.children) {
      if (child.kind != Predicate::Kind::always) out.push_back(condition(of, child));
    }
    return out;
  }

  static OutJson condition(const Collection& of, const Predicate& predicate) {
    switch (predicate.kind) {
      case Predicate::Kind::compare: return comparison(of, predicate);
      case Predicate::Kind::all_of:
        return OutJson{{"kind", "all"}, {"children", children(of, predicate)}};
      case Predicate::Kind::any_of:
        return OutJson{{"kind", "any"}, {"children", children(of, predicate)}};
      case Predicate::Kind::negation:
        return OutJson{{"kind", "not"}, {"children", children(of, predicate)}};
      case Predicate::Kind::always:
      case Predicate::Kind::never:
      case Predicate::Kind::exists: break;
    }
    SYNC_CHECK(false, "a condition of another kind is needed here");
    return nullptr;
  }

  static OutJson comparison(const Collection& of, const Predicate& predicate) {
    const model::FieldSpec& field = of.field(predicate.field).spec;
    OutJson value = OutJson::array();
    for (const Value& each : predicate.values) value.push_back(value_of(field, each));
    if (predicate.op != query::Op::in) value = OutJson(value.at(0));
    return OutJson{{"kind", "compare"},
                   {"field", field.name},
                   {"operator", kOperators[static_cast<std::size_t>(predicate.op)]},
                   {"value", std::move(value)}};
  }

  static OutJson aggregate(const Collection& of, const query::Aggregate& asked) {
    OutJson group_by = OutJson::array();
    for (const query::GroupKey& key : asked.group_by) {
      SYNC_CHECK(key.via == model::kNoField, "a key of a related row is needed here");
      group_by.push_back(OutJson{{"field", name(of, key.field)},
                                 {"period", kPeriods[static_cast<std::size_t>(key.period)]},
                                 {"zone", key.zone}});
    }
    OutJson terms = OutJson::array();
    for (const query::AggregateTerm& term : asked.terms) {
      const bool rows = term.field == model::kNoField;
      terms.push_back(
          OutJson{{"aggregator", kAggregators[static_cast<std::size_t>(term.aggregator)]},
                  {"field", rows ? OutJson(nullptr) : OutJson(name(of, term.field))}});
    }
    OutJson trend = nullptr;
    if (asked.trend) {
      const model::FieldSpec& field = of.field(asked.trend->field).spec;
      trend = OutJson{{"field", field.name},
                      {"previous", value_of(field, asked.trend->previous)},
                      {"from", value_of(field, asked.trend->from)},
                      {"to", value_of(field, asked.trend->to)}};
    }
    return OutJson{
        {"groupBy", std::move(group_by)}, {"terms", std::move(terms)}, {"trend", std::move(trend)}};
  }

  const model::Schema& schema_;
};

// "${periods.from.at}" with its quotes → periods.from.at
std::string with_expressions(std::string text) {
  constexpr std::string_view kBegin = "\"${";
  constexpr std::string_view kEnd = "}\"";
  for (std::size_t at = 0; (at = text.find(kBegin, at)) != std::string::npos;) {
    text.erase(at, kBegin.size());
    const std::size_t end = text.find(kEnd, at);
    SYNC_CHECK(end != std::string::npos, "an expression has an end");
    text.erase(end, kEnd.size());
  }
  return text;
}

}  // namespace

std::string crm_queries_typescript(const mutation::Domain& domain) {
  std::string out =
      "// Generated from shared/domain/crm/metrics.hpp, which says what these mean; not edited by "
      "hand.\n"
      "import { figuresOf, rowsOf } from '../named_query.ts';\n\n"
      "/** When a day begins (epoch milliseconds), and which it is ('YYYY-MM-DD'). */\n"
      "export interface Moment {\n  readonly at: number;\n  readonly on: string;\n}\n"
      "/** from ≤ t < to, and the period before it, previous ≤ t < from. */\n"
      "export interface Periods {\n  readonly previous: Moment;\n  readonly from: Moment;\n"
      "  readonly to: Moment;\n}\n\n"
      "export const crmQueries = {\n";
  const Exporter exporter(domain.schema);
  const crm::Periods periods{kParameters[0].moment, kParameters[1].moment, kParameters[2].moment};
  for (const crm::NamedQuery& named : crm::dashboard_queries(periods)) {
    const Collection& collection = domain.schema.collection(named.query.collection);
    const std::string spec = with_expressions(exporter.spec(named.query).dump());
    const bool has_periods = spec.find("periods.") != std::string::npos;
    out.append("  ")
        .append(named.name)
        .append(has_periods ? ": (periods: Periods) => " : ": () => ");
    out.append(named.query.aggregate ? "figuresOf" : "rowsOf");
    out.append("('").append(camel_case(collection.name())).append("', ");
    out.append(spec).append("),\n");
  }
  return out + "} as const;\n";
}

}  // namespace syncline::server::api
