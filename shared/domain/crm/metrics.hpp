// What the CRM's figures are, as queries: REST computes them once, a browser's dashboard watches them live (it gets them as
// TypeScript, made from dashboard_queries()). Whoever asks gets the figures of the rows they may see.
//
// Periods are half-open: from ≤ t < to. A deal is won where its stage is of kind won; it counts on the day it was closed.
//
// A figure is compared with what it was a period ago. What happens in a period (new leads, revenue, activities) is counted in
// the earlier one with the same query, as its trend. What is there at a moment (open deals, tasks due) has further queries, that
// say what was there when the period began, as far as today's records tell.
#pragma once

#include <string_view>
#include <vector>

#include "syncline/query/ast.hpp"

namespace syncline::domain::crm {

// The beginning of a day: where one begins depends on who asks.
struct Moment {
  base::Timestamp at;
  base::Date on;
};
// A period, and the one before it: from previous to from.
struct Periods {
  Moment previous;
  Moment from;
  Moment to;
};
// `days` whole UTC days up to and including today, and as many before them.
[[nodiscard]] Periods last_days(base::Timestamp now, std::uint32_t days);

// One row each: a count.
[[nodiscard]] query::Query new_leads(const Periods& periods);  // with trend
// Of the new ones, those that are converted now.
[[nodiscard]] query::Query converted_leads(const Periods& periods);
// Of those that were new in the earlier period, the ones that were converted when it ended: as many days as the others had.
[[nodiscard]] query::Query converted_leads_before(const Periods& periods);
[[nodiscard]] query::Query tasks_due(const Periods& periods);  // neither completed nor cancelled
[[nodiscard]] query::Query tasks_due_before(const Periods& periods);
[[nodiscard]] query::Query activities(const Periods& periods);  // with trend

// A count and the sum of value by stage: of the stages of one kind together they are a figure. By stage and not by its kind,
// because a browser can tell for itself to which stage a deal was moved.
[[nodiscard]] query::Query deals_by_stage();
[[nodiscard]] query::Query closed_deals(
    const Periods& periods);  // with trend: the won ones are the revenue
// What is there now, less what came since the period began, more what went since, is what was there when it began.
[[nodiscard]] query::Query won_deals_since(const Periods& periods);   // of the won stages
[[nodiscard]] query::Query open_deals_since(const Periods& periods);  // of the open stages
// Open when the period began, and closed since. One row.
[[nodiscard]] query::Query open_deals_closed_since(const Periods& periods);

// One row per group: counts.
[[nodiscard]] query::Query leads_by_source();
[[nodiscard]] query::Query converted_leads_by_source();
[[nodiscard]] query::Query leads_by_status();

// One row: a count, the mean of createdAt and that of convertedAt. What is between them is the mean time to convert.
[[nodiscard]] query::Query time_to_convert();

// Rows.
[[nodiscard]] query::Query all_stages();   // by position
[[nodiscard]] query::Query all_sources();  // by position
[[nodiscard]] query::Predicate is_unfinished_task();

struct NamedQuery {
  std::string_view name;
  query::Query query;
};
// What a dashboard watches. Of rows it says which; how many of them, in which order, is the reader's business.
[[nodiscard]] std::vector<NamedQuery> dashboard_queries(const Periods& periods);

}  // namespace syncline::domain::crm
