// GET /path?status=qualified&value[gte]=1000&sort=-value,name&limit=50&cursor=…&fields=id,name&include=company&count=true, or
// where=<JSON>, as a query (API.md). Whatever is not understood is 400: a filter that is silently ignored shows wrong rows.
//
// where: {"field": "status", "op": "eq", "value": "new"}, {"all_of": […]}, {"any_of": […]}, {"not": …}; `op` as in parameters,
// and `contains` for sets. {"exists": {"field": "companyId", "where": …}}: the record that companyId names is there, and so;
// {"exists": {"collection": "crm.deals", "field": "companyId", "where": …}}: so is one of the deals that name this record.
// sort: -value:nulls_first, value:nulls_last; else records without a value come first ascending and last descending.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/api/url.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::server::api {

inline constexpr std::uint32_t kPageRowsDefault = 50;
inline constexpr std::uint32_t kPageRowsMax = 1'000;

struct ListRequest {
  query::Query query;                    // checked; with limit, after and includes
  std::vector<model::FieldId> selected;  // `fields`; empty: all
  bool count = false;
  std::uint64_t hash = 0;  // of collection, filter and order: what a cursor belongs to
};

// `scope` is conjoined to the filter (records nested under a parent).
// Errors: unknown_parameter, malformed, query_too_costly.
[[nodiscard]] base::Result<ListRequest> parse_list(const model::Schema& schema,
                                                   const model::Collection& collection,
                                                   const Parameters& parameters,
                                                   const query::Predicate& scope);
// Of a single record: only `fields` and `include`.
[[nodiscard]] base::Result<ListRequest> parse_view(const model::Schema& schema,
                                                   const model::Collection& collection,
                                                   const Parameters& parameters);

// Opaque: the position after `last` in this list.
[[nodiscard]] std::string make_cursor(const ListRequest& list, const model::Record& last);

// The number in a parameter, or `fallback` when it is absent. Errors: malformed (no number, or outside 1…most).
[[nodiscard]] base::Result<std::uint32_t> number_parameter(const Parameters& parameters,
                                                           std::string_view name,
                                                           std::uint32_t fallback,
                                                           std::uint32_t most);

}  // namespace syncline::server::api
