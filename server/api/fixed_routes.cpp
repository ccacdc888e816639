#include "server/api/fixed_routes.hpp"

#include <nlohmann/json.hpp>

#include "server/api/auth_routes.hpp"
#include "server/api/crm_routes.hpp"
#include "server/api/openapi.hpp"
#include "server/api/problem.hpp"

namespace syncline::server::api {
namespace {

using Show = base::Result<http::Response> (*)(const Service&, const Call&);

template <Show show>
void respond_with(const ServicePtr& service, const CallPtr& call) {
  auto response = show(*service, *call);
  call->respond(response.ok() ? std::move(response).value() : problem(response.error()));
}

http::Response text_answer(std::string_view type, std::string body) {
  http::Response response;
  response.headers = {{"content-type", std::string(type)}, {"cache-control", "no-cache"}};
  response.body = std::move(body);
  return response;
}

void show_openapi(const ServicePtr& service, const CallPtr& call) {
  call->respond(text_answer("application/json", openapi_json(service->domain)));
}

template <std::string_view (*content)()>
void show_docs(const ServicePtr&, const CallPtr& call, std::string_view type) {
  http::Response response = text_answer(type, std::string(content()));
  set_header(response, "content-security-policy", "default-src 'self'; frame-ancestors 'none'");
  set_header(response, "x-content-type-options", "nosniff");
  call->respond(std::move(response));
}
void show_docs_page(const ServicePtr& service, const CallPtr& call) {
  show_docs<docs_page>(service, call, "text/html; charset=utf-8");
}
void show_docs_script(const ServicePtr& service, const CallPtr& call) {
  show_docs<docs_script>(service, call, "text/javascript; charset=utf-8");
}
void show_docs_style(const ServicePtr& service, const CallPtr& call) {
  show_docs<docs_style>(service, call, "text/css; charset=utf-8");
}

void show_health(const ServicePtr&, const CallPtr& call) {
  call->respond(json_answer(200, OutJson{{"status", "ok"}}));
}

void show_ready(const ServicePtr& service, const CallPtr& call) {
  if (service->options.ready) {
    if (const base::Status ready = service->options.ready(); !ready.ok())
      return call->respond(problem(ready.error()));
  }
  call->respond(json_answer(200, OutJson{{"status", "ready"}}));
}

void show_counters(const ServicePtr& service, const CallPtr& call) {
  if (!service->options.metrics) {
    return call->respond(
        problem(base::Error(base::Code::not_found, "This server keeps no metrics.")));
  }
  call->respond(text_answer("text/plain; version=0.0.4", service->options.metrics()));
}

}  // namespace

const std::vector<FixedRoute>& fixed_routes() {
  static const std::vector<FixedRoute> kRoutes = {
      {"POST", "/api/auth/login", false, login},
      {"POST", "/api/auth/refresh", false, refresh},
      {"POST", "/api/auth/logout", true, logout},
      {"GET", "/api/auth/me", true, show_me},
      {"POST", "/api/auth/ticket", true, issue_ticket},
      {"POST", "/api/mutate", true, run_mutations},
      {"GET", "/api/crm/metrics", true, respond_with<show_metrics>},
      {"GET", "/api/crm/lead-analytics", true, respond_with<show_lead_analytics>},
      {"GET", "/api/crm/pipeline", true, respond_with<show_pipeline>},
      {"GET", "/api/crm/dashboard", true, respond_with<show_dashboard>},
      {"GET", "/api/openapi.json", false, show_openapi},
      {"GET", "/api/docs", false, show_docs_page},
      {"GET", "/api/docs/docs.js", false, show_docs_script},
      {"GET", "/api/docs/docs.css", false, show_docs_style},
      {"GET", "/healthz", false, show_health},
      {"GET", "/readyz", false, show_ready},
      {"GET", "/metrics", false, show_counters},
  };
  return kRoutes;
}

}  // namespace syncline::server::api
