#include "server/api/crm_routes.hpp"

#include <map>

#include <nlohmann/json.hpp>

#include "domain/crm/deal_stages.hpp"
#include "domain/crm/lead_sources.hpp"
#include "domain/crm/leads.hpp"
#include "domain/crm/metrics.hpp"
#include "server/api/problem.hpp"
#include "server/api/record_reader.hpp"
#include "syncline/model/validate.hpp"

namespace syncline::server::api {
namespace {

namespace crm = domain::crm;
using base::Code;
using base::Error;
using base::Result;
using model::Decimal;
using model::Value;

constexpr std::uint32_t kDaysMax = 366;
constexpr std::uint32_t kRowsMax = 100;
constexpr std::uint8_t kRatioScale = 4;

// A count, and the sum of value where the query has one.
struct Figure {
  std::int64_t count = 0;
  Decimal value{0, 2};
};
// A figure, and what it was a period ago.
struct Compared {
  Figure now;
  Figure before;
};

Figure figure_of(const query::Figures& figures) {
  Figure found;
  found.count = figures.rows;
  if (figures.values.size() > 1) found.value = figures.values[1].decimal();
  return found;
}

base::Status add(Figure& sum, const Figure& figure) {
  SYNC_ASSIGN(sum.value, model::add(sum.value, figure.value));
  sum.count += figure.count;
  return {};
}

base::Status take(Figure& from, const Figure& figure) {
  SYNC_ASSIGN(from.value, model::subtract(from.value, figure.value));
  from.count -= figure.count;
  return {};
}

// Of a query with one row.
Result<Compared> figure(RecordReader& reader, const query::Query& query) {
  SYNC_ASSIGN(const std::vector<ivm::AggregateRow> rows, reader.aggregate(query));
  Compared found;
  if (rows.empty()) return found;
  found.now = figure_of(rows.front());
  if (rows.front().previous) found.before = figure_of(*rows.front().previous);
  return found;
}
Result<Compared> figure(RecordReader& reader, const query::Query& now, const query::Query& before) {
  SYNC_ASSIGN(Compared found, figure(reader, now));
  SYNC_ASSIGN(const Compared earlier, figure(reader, before));
  found.before = earlier.now;
  return found;
}

// Of a query by stage: the stages of one kind together.
using ByKind = std::map<std::int64_t, Compared>;
using Kinds = std::map<base::Id, std::int64_t>;
Result<ByKind> by_kind(RecordReader& reader, const Kinds& kinds, const query::Query& query) {
  SYNC_ASSIGN(const std::vector<ivm::AggregateRow> rows, reader.aggregate(query));
  ByKind found;
  for (const ivm::AggregateRow& row : rows) {
    const auto stage = row.key.front().is_null() ? kinds.end() : kinds.find(row.key.front().id());
    if (stage == kinds.end()) continue;
    Compared& kind = found[stage->second];
    SYNC_TRY(add(kind.now, figure_of(row)));
    if (row.previous) SYNC_TRY(add(kind.before, figure_of(*row.previous)));
  }
  return found;
}

// part / whole with four digits; null where there is no whole.
OutJson ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return nullptr;
  const auto quotient = model::divide({part, 0}, {whole, 0}, kRatioScale);
  return quotient.ok() ? OutJson(model::to_string(*quotient)) : OutJson(nullptr);
}

struct Metrics {
  Compared leads, converted, open, won_ever, won, lost, due, done;
};

base::Status read_deals(RecordReader& reader, const crm::Periods& periods, Metrics& read) {
  constexpr std::int64_t kOpen = crm::DealStage::kOpen;
  constexpr std::int64_t kWon = crm::DealStage::kWon;
  SYNC_ASSIGN(const std::vector<model::Record> stages, reader.rows(crm::all_stages()));
  Kinds kinds;
  for (const model::Record& stage : stages)
    kinds.emplace(stage.id(), stage.integer(crm::DealStage::kind));
  SYNC_ASSIGN(ByKind all, by_kind(reader, kinds, crm::deals_by_stage()));
  SYNC_ASSIGN(ByKind won_since, by_kind(reader, kinds, crm::won_deals_since(periods)));
  SYNC_ASSIGN(ByKind open_since, by_kind(reader, kinds, crm::open_deals_since(periods)));
  SYNC_ASSIGN(const Compared closed_since, figure(reader, crm::open_deals_closed_since(periods)));
  SYNC_ASSIGN(ByKind closed, by_kind(reader, kinds, crm::closed_deals(periods)));
  read.open = {all[kOpen].now, all[kOpen].now};
  SYNC_TRY(take(read.open.before, open_since[kOpen].now));
  SYNC_TRY(add(read.open.before, closed_since.now));
  read.won_ever = {all[kWon].now, all[kWon].now};
  SYNC_TRY(take(read.won_ever.before, won_since[kWon].now));
  read.won = closed[kWon];
  read.lost = closed[crm::DealStage::kLost];
  return {};
}

Result<Metrics> read_metrics(RecordReader& reader, const crm::Periods& periods) {
  Metrics read;
  SYNC_ASSIGN(read.leads, figure(reader, crm::new_leads(periods)));
  SYNC_ASSIGN(read.converted,
              figure(reader, crm::converted_leads(periods), crm::converted_leads_before(periods)));
  SYNC_TRY(read_deals(reader, periods, read));
  SYNC_ASSIGN(read.due, figure(reader, crm::tasks_due(periods), crm::tasks_due_before(periods)));
  SYNC_ASSIGN(read.done, figure(reader, crm::activities(periods)));
  return read;
}

void add_metrics(OutJson& body, const Metrics& read, Figure Compared::*when) {
  const auto of = [when](const Compared& figure) -> const Figure& { return figure.*when; };
  body["newLeads"] = of(read.leads).count;
  body["convertedLeads"] = of(read.converted).count;
  body["conversionRate"] = ratio(of(read.converted).count, of(read.leads).count);
  body["openDeals"] = of(read.open).count;
  body["openPipelineValue"] = model::to_string(of(read.open).value);
  body["wonDeals"] = of(read.won_ever).count;
  body["wonValue"] = model::to_string(of(read.won_ever).value);
  body["wonDealsInPeriod"] = of(read.won).count;
  body["revenue"] = model::to_string(of(read.won).value);
  body["lostDealsInPeriod"] = of(read.lost).count;
  body["lostValue"] = model::to_string(of(read.lost).value);
  body["winRate"] = ratio(of(read.won).count, of(read.won).count + of(read.lost).count);
  body["tasksDue"] = of(read.due).count;
  body["activities"] = of(read.done).count;
}

Result<OutJson> metrics(RecordReader& reader, base::Timestamp now, std::uint32_t days) {
  const crm::Periods periods = crm::last_days(now, days);
  SYNC_ASSIGN(const Metrics read, read_metrics(reader, periods));
  OutJson body{{"days", days},
               {"from", base::to_string(periods.from.at)},
               {"to", base::to_string(periods.to.at)}};
  add_metrics(body, read, &Compared::now);
  OutJson previous{{"from", base::to_string(periods.previous.at)},
                   {"to", base::to_string(periods.from.at)}};
  add_metrics(previous, read, &Compared::before);
  body["previous"] = std::move(previous);
  return body;
}

using CountByKey =
    std::map<std::string, std::int64_t>;  // key: text of the grouping value, "" for none

Result<CountByKey> counts(RecordReader& reader, const query::Query& query) {
  SYNC_ASSIGN(const std::vector<ivm::AggregateRow> rows, reader.aggregate(query));
  CountByKey found;
  for (const ivm::AggregateRow& row : rows) {
    const Value& by = row.key.front();
    const std::string key = by.kind() == Value::Kind::id        ? base::to_string(by.id())
                            : by.kind() == Value::Kind::integer ? std::to_string(by.integer())
                                                                : std::string();
    found[key] = row.rows;
  }
  return found;
}

OutJson source_line(const OutJson& id, const OutJson& name, const std::string& key,
                    const CountByKey& leads, const CountByKey& converted) {
  const auto count = [&key](const CountByKey& in) {
    const auto found = in.find(key);
    return found == in.end() ? std::int64_t{0} : found->second;
  };
  return OutJson{{"sourceId", id},
                 {"name", name},
                 {"leads", count(leads)},
                 {"converted", count(converted)},
                 {"conversionRate", ratio(count(converted), count(leads))}};
}

Result<OutJson> by_source(RecordReader& reader) {
  SYNC_ASSIGN(const std::vector<model::Record> sources, reader.rows(crm::all_sources()));
  SYNC_ASSIGN(const CountByKey leads, counts(reader, crm::leads_by_source()));
  SYNC_ASSIGN(const CountByKey converted, counts(reader, crm::converted_leads_by_source()));
  OutJson lines = OutJson::array();
  for (const model::Record& source : sources) {
    const std::string id = base::to_string(source.id());
    lines.push_back(source_line(id, source.text(crm::LeadSource::name), id, leads, converted));
  }
  if (leads.count("") != 0) lines.push_back(source_line(nullptr, nullptr, "", leads, converted));
  return lines;
}

Result<OutJson> by_status(RecordReader& reader) {
  SYNC_ASSIGN(const CountByKey leads, counts(reader, crm::leads_by_status()));
  OutJson lines = OutJson::array();
  for (std::size_t i = 0; i < std::size(crm::kLeadStatuses); ++i) {
    const auto found = leads.find(std::to_string(i));
    lines.push_back(OutJson{{"status", crm::kLeadStatuses[i]},
                            {"leads", found == leads.end() ? std::int64_t{0} : found->second}});
  }
  return lines;
}

// The mean over all converted leads, in days with one digit; null where there is none.
Result<OutJson> days_to_convert(RecordReader& reader) {
  constexpr std::int64_t kDayMs = std::int64_t{24} * 60 * 60 * 1'000;
  SYNC_ASSIGN(const std::vector<ivm::AggregateRow> rows, reader.aggregate(crm::time_to_convert()));
  if (rows.empty() || rows.front().rows == 0) return OutJson(nullptr);
  const Decimal created = rows.front().values[1].decimal();
  const Decimal converted = rows.front().values[2].decimal();
  const Decimal between{converted.mantissa - created.mantissa, created.scale};
  const auto mean = model::divide(between, {kDayMs, 0}, 1);
  return mean.ok() ? OutJson(model::to_string(*mean)) : OutJson(nullptr);
}

Result<OutJson> analytics(RecordReader& reader) {
  SYNC_ASSIGN(OutJson sources, by_source(reader));
  SYNC_ASSIGN(OutJson statuses, by_status(reader));
  SYNC_ASSIGN(OutJson days, days_to_convert(reader));
  return OutJson{{"bySource", std::move(sources)},
                 {"byStatus", std::move(statuses)},
                 {"averageDaysToConvert", std::move(days)}};
}

// Value times the stage's probability, in cents half-up.
Result<Decimal> weighted(const Decimal& value, const model::Record& stage) {
  const Decimal share{stage.integer(crm::DealStage::probability), 0};
  SYNC_ASSIGN(const Decimal percent, model::divide(share, {100, 0}, 2));
  return model::multiply(value, percent, value.scale);
}

Result<OutJson> pipeline(RecordReader& reader) {
  SYNC_ASSIGN(const std::vector<model::Record> stages, reader.rows(crm::all_stages()));
  SYNC_ASSIGN(const std::vector<ivm::AggregateRow> groups, reader.aggregate(crm::deals_by_stage()));
  OutJson lines = OutJson::array();
  for (const model::Record& stage : stages) {
    std::int64_t count = 0;
    Decimal value{0, 2};
    for (const ivm::AggregateRow& group : groups) {
      if (!(group.key.front() == Value(stage.id()))) continue;
      count = group.rows;
      if (group.values.size() > 1 && group.values[1].kind() == Value::Kind::decimal)
        value = group.values[1].decimal();
    }
    SYNC_ASSIGN(const Decimal share, weighted(value, stage));
    const model::Collection& collection = stage.collection();
    const auto field = [&](model::FieldId id) {
      return value_to_json(collection.field(id).spec, stage.get(id));
    };
    lines.push_back(OutJson{{"stageId", base::to_string(stage.id())},
                            {"name", field(crm::DealStage::name)},
                            {"kind", field(crm::DealStage::kind)},
                            {"color", field(crm::DealStage::color)},
                            {"probability", field(crm::DealStage::probability)},
                            {"count", count},
                            {"value", model::to_string(value)},
                            {"weightedValue", model::to_string(share)}});
  }
  return OutJson{{"stages", std::move(lines)}};
}

Result<OutJson> list(const Service& service, RecordReader& reader, std::string_view collection,
                     const Parameters& parameters, const query::Predicate& of = query::always()) {
  const model::Schema& schema = service.domain.schema;
  SYNC_ASSIGN(const ListRequest request,
              parse_list(schema, *schema.find(collection), parameters, of));
  return reader.list(request);
}

base::Status check_parameters(const Call& call, std::initializer_list<std::string_view> known) {
  for (const auto& parameter : call.target.parameters) {
    if (std::find(known.begin(), known.end(), parameter.first) != known.end()) continue;
    return Error(Code::unknown_parameter, "There is no parameter named " + parameter.first + ".",
                 parameter.first);
  }
  return {};
}

http::Response answer(const RecordReader& reader, const OutJson& body) {
  http::Response response = json_answer(200, body);
  set_header(response, "syncline-version", std::to_string(reader.version()));
  return response;
}

}  // namespace

Result<http::Response> show_metrics(const Service& service, const Call& call) {
  SYNC_TRY(check_parameters(call, {"days"}));
  SYNC_ASSIGN(const std::uint32_t days,
              number_parameter(call.target.parameters, "days", 30, kDaysMax));
  SYNC_ASSIGN(RecordReader reader,
              RecordReader::open(service.domain, service.database, call.actor()));
  SYNC_ASSIGN(const OutJson body, metrics(reader, service.options.now(), days));
  return answer(reader, body);
}

Result<http::Response> show_lead_analytics(const Service& service, const Call& call) {
  SYNC_TRY(check_parameters(call, {}));
  SYNC_ASSIGN(RecordReader reader,
              RecordReader::open(service.domain, service.database, call.actor()));
  SYNC_ASSIGN(const OutJson body, analytics(reader));
  return answer(reader, body);
}

Result<http::Response> show_pipeline(const Service& service, const Call& call) {
  SYNC_TRY(check_parameters(call, {}));
  SYNC_ASSIGN(RecordReader reader,
              RecordReader::open(service.domain, service.database, call.actor()));
  SYNC_ASSIGN(const OutJson body, pipeline(reader));
  return answer(reader, body);
}

Result<http::Response> show_dashboard(const Service& service, const Call& call) {
  SYNC_TRY(check_parameters(call, {"days", "limit"}));
  SYNC_ASSIGN(const std::uint32_t days,
              number_parameter(call.target.parameters, "days", 7, kDaysMax));
  SYNC_ASSIGN(const std::uint32_t limit,
              number_parameter(call.target.parameters, "limit", 10, kRowsMax));
  SYNC_ASSIGN(RecordReader reader,
              RecordReader::open(service.domain, service.database, call.actor()));
  const base::Timestamp now = service.options.now();
  const std::string until =
      base::to_string(crm::last_days(now, days).to.at + (std::int64_t{days} * 86'400'000));
  SYNC_ASSIGN(OutJson figures, metrics(reader, now, days));
  SYNC_ASSIGN(OutJson leads, analytics(reader));
  SYNC_ASSIGN(OutJson stages, pipeline(reader));
  SYNC_ASSIGN(OutJson recent, list(service, reader, "crm.activities",
                                   {{"sort", "-at"}, {"limit", std::to_string(limit)}}));
  SYNC_ASSIGN(OutJson upcoming,
              list(service, reader, "crm.tasks",
                   {{"dueAt[lt]", until}, {"sort", "dueAt"}, {"limit", std::to_string(limit)}},
                   crm::is_unfinished_task()));
  return answer(reader, OutJson{{"metrics", std::move(figures)},
                                {"analytics", std::move(leads)},
                                {"pipeline", std::move(stages)},
                                {"activities", std::move(recent)},
                                {"tasks", std::move(upcoming)}});
}

}  // namespace syncline::server::api
