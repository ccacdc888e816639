// Queries explained: how changes find them, how their rows are read and what that costs, and what they have cost so far. Asked
// and answered in JSON, so that the command line asks the running server what it could ask a database file as well.
//
// Ask: {"query": "crm.leads?status=new&sort=-value", "role": "agent", "user": ID}: a collection and the parameters of a REST
// list, without `limit` all rows; or the query of a subscribe of the sync socket's JSON form. Or {"running": true, "most": 20}.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/json.hpp"
#include "syncline/authority/authority.hpp"

namespace syncline::server::api {

struct ExplainAsk {
  std::optional<query::Query> query;  // checked and bound; none: what runs
  mutation::Actor actor;
  std::size_t most = 20;
};
// Errors: malformed, unknown_parameter, unknown_collection, query_too_costly (it nests too deep).
[[nodiscard]] base::Result<ExplainAsk> parse_explain(const mutation::Domain& domain,
                                                     std::string_view json);

// What is known of the query before it runs. Errors: forbidden, storage_failed.
[[nodiscard]] base::Result<OutJson> explain_query(const mutation::Domain& domain,
                                                  const ExplainAsk& ask,
                                                  authority::Planner& planner, std::uint64_t most);
[[nodiscard]] OutJson running_to_json(const model::Schema& schema,
                                      const authority::RunningQuery& running);

}  // namespace syncline::server::api
