// A query as people read it: crm.leads where status = "qualified" and exists companyId (…) order by -value limit 50.
// For explanations only; nothing reads it back.
#pragma once

#include <string>

#include "syncline/query/ast.hpp"

namespace syncline::server::api {

// REQUIRES: checked.
[[nodiscard]] std::string query_text(const model::Schema& schema, const query::Query& query);
// "crm.leads"
[[nodiscard]] std::string full_name(const model::Collection& collection);

}  // namespace syncline::server::api
