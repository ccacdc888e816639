// The CRM's figures (CRM-3): /api/crm/{metrics,lead-analytics,pipeline,dashboard}, computed from the rows the caller may see.
#pragma once

#include "server/api/call.hpp"

namespace syncline::server::api {

// Errors (all): unknown_parameter, malformed, forbidden.
[[nodiscard]] base::Result<http::Response> show_metrics(const Service& service,
                                                        const Call& call);  // ?days=30
[[nodiscard]] base::Result<http::Response> show_lead_analytics(const Service& service,
                                                               const Call& call);
[[nodiscard]] base::Result<http::Response> show_pipeline(const Service& service, const Call& call);
// ?days=7&limit=10: {metrics, analytics, pipeline, activities, tasks}, all of one version of the database.
[[nodiscard]] base::Result<http::Response> show_dashboard(const Service& service, const Call& call);

}  // namespace syncline::server::api
