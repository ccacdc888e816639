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

void add_term(Query& query, query::Aggregator aggregator, FieldId field = model::kNoField) {
  query::AggregateTerm term;
  term.aggregator = aggregator;
  term.field = field;
  query.aggregate->terms.push_back(term);
}

// Rows of one collection, counted.
Query counted(model::CollectionId collection, Predicate where) {
  Query query;
  query.collection = collection;
  query.where = std::move(where);
  query.aggregate.emplace();
  add_term(query, query::Aggregator::count);
  return query;
}

Query grouped(Query query, FieldId field) {
  query::GroupKey key;
  key.field = field;
  query.aggregate->group_by.push_back(std::move(key));
  return query;
}

// The condition says once more what the trend says: so the rows of other times are not even read.
Query with_trend(Query query, FieldId field, Value previous, Value from, Value to) {
  query.where = query::all_of({std::move(query.where), query::compare(field, Op::gte, previous),
                               query::compare(field, Op::lt, to)});
  query.aggregate->trend = query::Trend{field, std::move(previous), std::move(from), std::move(to)};
  return query;
}
Query with_trend(Query query, FieldId timestamp, const Periods& periods) {
  return with_trend(std::move(query), timestamp, periods.previous.at, periods.from.at,
                    periods.to.at);
}

Query deals(Predicate where) {
  Query query = counted(kDealsId, std::move(where));
  add_term(query, query::Aggregator::sum, Deal::value);
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

Predicate within(FieldId timestamp, const Moment& from, const Moment& to) {
  return query::all_of(
      {query::compare(timestamp, Op::gte, from.at), query::compare(timestamp, Op::lt, to.at)});
}

Predicate is_converted() { return query::compare(Lead::status, Op::eq, Lead::kConverted); }

// A day that nobody knows (imported deals) was before all that is known.
Predicate was_before(FieldId date, const Moment& moment) {
  return query::any_of({query::compare(date, Op::lt, moment.on), query::is_null(date)});
}

}  // namespace

Periods last_days(base::Timestamp now, std::uint32_t days) {
  const auto moment = [&](std::int64_t day) {
    const base::Timestamp at = base::start_of(base::date_of(now)) + day * kDayMs;
    return Moment{at, base::date_of(at)};
  };
  const auto length = static_cast<std::int64_t>(days);
  return {moment(1 - 2 * length), moment(1 - length), moment(1)};
}

Query new_leads(const Periods& periods) {
  return with_trend(counted(kLeadsId, query::always()), model::kCreatedAtField, periods);
}
Query converted_leads(const Periods& periods) {
  return counted(kLeadsId, query::all_of({within(model::kCreatedAtField, periods.from, periods.to),
                                          is_converted()}));
}
Query converted_leads_before(const Periods& periods) {
  return counted(kLeadsId,
                 query::all_of({within(model::kCreatedAtField, periods.previous, periods.from),
                                query::compare(Lead::converted_at, Op::lt, periods.from.at)}));
}

Predicate is_unfinished_task() {
  return query::in(Task::status, {Value(Task::kOpen), Value(Task::kInProgress)});
}
Query tasks_due(const Periods& periods) {
  return counted(kTasksId, query::all_of({is_unfinished_task(),
                                          query::compare(Task::due_at, Op::lt, periods.to.at)}));
}
Query tasks_due_before(const Periods& periods) {
  const Predicate was_unfinished = query::any_of(
      {is_unfinished_task(), query::compare(Task::completed_at, Op::gte, periods.from.at)});
  return counted(kTasksId,
                 query::all_of({query::compare(Task::due_at, Op::lt, periods.from.at),
                                query::compare(model::kCreatedAtField, Op::lt, periods.from.at),
                                was_unfinished}));
}
Query activities(const Periods& periods) {
  return with_trend(counted(kActivitiesId, query::always()), Activity::at, periods);
}

Query deals_by_stage() { return grouped(deals(query::always()), Deal::stage_id); }
Query closed_deals(const Periods& periods) {
  return with_trend(deals_by_stage(), Deal::closed_on, periods.previous.on, periods.from.on,
                    periods.to.on);
}
Query won_deals_since(const Periods& periods) {
  return grouped(deals(query::compare(Deal::closed_on, Op::gte, periods.from.on)), Deal::stage_id);
}
Query open_deals_since(const Periods& periods) {
  return grouped(deals(query::all_of({query::compare(Deal::opened_on, Op::gte, periods.from.on),
                                      query::is_null(Deal::closed_on)})),
                 Deal::stage_id);
}
Query open_deals_closed_since(const Periods& periods) {
  return deals(query::all_of({was_before(Deal::opened_on, periods.from),
                              query::compare(Deal::closed_on, Op::gte, periods.from.on)}));
}

Query leads_by_source() { return grouped(counted(kLeadsId, query::always()), Lead::source_id); }
Query converted_leads_by_source() {
  return grouped(counted(kLeadsId, is_converted()), Lead::source_id);
}
Query leads_by_status() { return grouped(counted(kLeadsId, query::always()), Lead::status); }

Query time_to_convert() {
  Query query =
      counted(kLeadsId, query::all_of({is_converted(), query::is_null(Lead::converted_at, false)}));
  add_term(query, query::Aggregator::avg, model::kCreatedAtField);
  add_term(query, query::Aggregator::avg, Lead::converted_at);
  return query;
}

Query all_stages() { return ordered(kDealStagesId, DealStage::position); }
Query all_sources() { return ordered(kLeadSourcesId, LeadSource::position); }

std::vector<NamedQuery> dashboard_queries(const Periods& periods) {
  Query unfinished;
  unfinished.collection = kTasksId;
  unfinished.where = is_unfinished_task();
  return {
      {"newLeads", new_leads(periods)},
      {"convertedLeads", converted_leads(periods)},
      {"convertedLeadsBefore", converted_leads_before(periods)},
      {"tasksDue", tasks_due(periods)},
      {"tasksDueBefore", tasks_due_before(periods)},
      {"activities", activities(periods)},
      {"dealsByStage", deals_by_stage()},
      {"closedDeals", closed_deals(periods)},
      {"wonDealsSince", won_deals_since(periods)},
      {"openDealsSince", open_deals_since(periods)},
      {"openDealsClosedSince", open_deals_closed_since(periods)},
      {"leadsBySource", leads_by_source()},
      {"convertedLeadsBySource", converted_leads_by_source()},
      {"leadsByStatus", leads_by_status()},
      {"timeToConvert", time_to_convert()},
      {"stages", all_stages()},
      {"sources", all_sources()},
      {"unfinishedTasks", std::move(unfinished)},
  };
}

}  // namespace syncline::domain::crm
