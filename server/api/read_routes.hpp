// GET of collections and records.
#pragma once

#include "server/api/call.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::server::api {

// `scope`: always(), or the parent under which the records are nested.
[[nodiscard]] base::Result<http::Response> list_records(const Service& service, const Call& call,
                                                        const model::Collection& collection,
                                                        const query::Predicate& scope);
// With ETag; 304 for a matching If-None-Match. Errors: not_found, forbidden.
[[nodiscard]] base::Result<http::Response> get_record(const Service& service, const Call& call,
                                                      const model::Collection& collection,
                                                      const base::Id& id);
// Errors: not_found where the user may not see it.
[[nodiscard]] base::Status check_visible(const Service& service, const Call& call,
                                         const model::Collection& collection, const base::Id& id);

}  // namespace syncline::server::api
