// What the CRM's figures are, as queries: REST computes them once, a browser's dashboard watches them live. Whoever asks gets
// the figures of the rows they may see.
//
// Periods are half-open: from ≤ t < to. A deal is won where its stage is of kind won; it counts on the day it was closed.
#pragma once

#include <vector>

#include "syncline/query/ast.hpp"

namespace syncline::domain::crm {

struct Period {
  base::Timestamp from;
  base::Timestamp to;
};
// `days` whole UTC days up to and including today.
[[nodiscard]] Period last_days(base::Timestamp now, std::uint32_t days);

// Stages by kind, as the figures need them: ids, for an `in` (an empty list selects nothing).
struct StagesByKind {
  std::vector<model::Value> open;
  std::vector<model::Value> won;
  std::vector<model::Value> lost;
};
[[nodiscard]] query::Query all_stages();  // by position
[[nodiscard]] StagesByKind stages_by_kind(const std::vector<model::Record>& stages);

// One row each: a count, or a count and then a sum of value.
[[nodiscard]] query::Query new_leads(Period period);
[[nodiscard]] query::Query new_leads_converted(
    Period period);  // of the new ones, those that are converted now
[[nodiscard]] query::Query open_deals(const StagesByKind& stages);
[[nodiscard]] query::Query won_deals(const StagesByKind& stages);
[[nodiscard]] query::Query won_deals(const StagesByKind& stages, Period period);
[[nodiscard]] query::Query lost_deals(const StagesByKind& stages, Period period);
[[nodiscard]] query::Query tasks_due(base::Timestamp before);  // neither completed nor cancelled
[[nodiscard]] query::Query activities(Period period);

// One row per group.
[[nodiscard]] query::Query leads_by_source();
[[nodiscard]] query::Query converted_leads_by_source();
[[nodiscard]] query::Query leads_by_status();
[[nodiscard]] query::Query deals_by_stage();  // count, value

// Rows.
[[nodiscard]] query::Query all_sources();      // by position
[[nodiscard]] query::Query converted_leads();  // for the time to convert
[[nodiscard]] query::Predicate is_unfinished_task();

}  // namespace syncline::domain::crm
