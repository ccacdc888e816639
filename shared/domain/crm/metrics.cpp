#include "domain/crm/metrics.hpp"

#include <utility>

#include "domain/crm/activities.hpp"
#include "domain/crm/deal_stages.hpp"
#include "domain/crm/deals.hpp"
#include "domain/crm/lead_sources.hpp"
#include "domain/crm/leads.hpp"
#include "domain/crm/tasks.hpp"

namespace syncline::domain::crm {
namespace {

using model::FieldId;
using model::Value;
using query::Op;
using query::Predicate;
using query::Query;

constexpr std::int64_t kDayMs = std::int64_t{24} * 60 * 60 * 1'000;

query::AggregateTerm term(query::Aggregator aggregator, FieldId field = model::kNoField) {
  query::AggregateTerm made;
  made.aggregator = aggregator;
  made.field = field;
  return made;
}

Query counted(model::CollectionId collection, Predicate where, FieldId group_by = model::kNoField) {
  Query query;
  query.collection = collection;
  query.where = std::move(where);
  query::Aggregate aggregate;
  if (group_by != model::kNoField) aggregate.group_by.push_back({group_by});
  aggregate.terms.push_back(term(query::Aggregator::count));
  query.aggregate = std::move(aggregate);
  return query;
}

Query deals_counted(Predicate where, FieldId group_by = model::kNoField) {
  Query query = counted(kDealsId, std::move(where), group_by);
  query.aggregate->terms.push_back(term(query::Aggregator::sum, Deal::value));
  return query;
}

Query ordered(model::CollectionId collection, FieldId by) {
  Query query;
  query.collection = collection;
  query.where = query::always();
  model::OrderTerm order;
  order.field = by;
  query.order.push_back(order);
  return query;
}

Predicate within(FieldId field, Period period) {
  return query::all_of(
      {query::compare(field, Op::gte, period.from), query::compare(field, Op::lt, period.to)});
}

Predicate closed_within(const std::vector<Value>& stages, Period period) {
  return query::all_of({query::in(Deal::stage_id, stages),
                        query::compare(Deal::closed_on, Op::gte, base::date_of(period.from)),
                        query::compare(Deal::closed_on, Op::lt, base::date_of(period.to))});
}

Predicate is_converted() { return query::compare(Lead::status, Op::eq, Lead::kConverted); }

}  // namespace

Period last_days(base::Timestamp now, std::uint32_t days) {
  const base::Timestamp end = base::start_of(base::date_of(now)) + kDayMs;
  return {end + -(static_cast<std::int64_t>(days) * kDayMs), end};
}

Query all_stages() { return ordered(kDealStagesId, DealStage::position); }
Query all_sources() { return ordered(kLeadSourcesId, LeadSource::position); }

StagesByKind stages_by_kind(const std::vector<model::Record>& stages) {
  StagesByKind found;
  for (const model::Record& stage : stages) {
    const std::int64_t kind = stage.integer(DealStage::kind);
    auto& ids = kind == DealStage::kWon    ? found.won
                : kind == DealStage::kLost ? found.lost
                                           : found.open;
    ids.emplace_back(stage.id());
  }
  return found;
}

Query new_leads(Period period) { return counted(kLeadsId, within(model::kCreatedAtField, period)); }
Query new_leads_converted(Period period) {
  return counted(kLeadsId, query::all_of({within(model::kCreatedAtField, period), is_converted()}));
}
Query open_deals(const StagesByKind& stages) {
  return deals_counted(query::in(Deal::stage_id, stages.open));
}
Query won_deals(const StagesByKind& stages) {
  return deals_counted(query::in(Deal::stage_id, stages.won));
}
Query won_deals(const StagesByKind& stages, Period period) {
  return deals_counted(closed_within(stages.won, period));
}
Query lost_deals(const StagesByKind& stages, Period period) {
  return deals_counted(closed_within(stages.lost, period));
}
Predicate is_unfinished_task() {
  return query::in(Task::status, {Value(Task::kOpen), Value(Task::kInProgress)});
}
Query tasks_due(base::Timestamp before) {
  return counted(kTasksId, query::all_of({is_unfinished_task(),
                                          query::compare(Task::due_at, Op::lt, before)}));
}
Query activities(Period period) { return counted(kActivitiesId, within(Activity::at, period)); }

Query leads_by_source() { return counted(kLeadsId, query::always(), Lead::source_id); }
Query converted_leads_by_source() { return counted(kLeadsId, is_converted(), Lead::source_id); }
Query leads_by_status() { return counted(kLeadsId, query::always(), Lead::status); }
Query deals_by_stage() { return deals_counted(query::always(), Deal::stage_id); }

Query converted_leads() {
  Query query;
  query.collection = kLeadsId;
  query.where = is_converted();
  return query;
}

}  // namespace syncline::domain::crm
