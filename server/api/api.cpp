#include "server/api/api.hpp"

#include <atomic>
#include <exception>

#include "server/api/fixed_routes.hpp"
#include "server/api/problem.hpp"
#include "server/api/read_routes.hpp"
#include "server/api/router.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;

http::Response method_not_allowed(std::string_view allow) {
  http::Response response =
      problem(405, "Method not allowed",
              Error(Code::method_not_allowed, "This address answers " + std::string(allow) + "."));
  set_header(response, "allow", std::string(allow));
  return response;
}

http::Response no_such_address() {
  return problem(Error(Code::not_found, "There is nothing at this address."));
}

std::string_view allowed_methods(Place::Kind kind) {
  switch (kind) {
    case Place::Kind::collection:
    case Place::Kind::nested: return "GET, POST";
    case Place::Kind::record: return "GET, PATCH, PUT, DELETE";
    case Place::Kind::action: return "POST";
  }
  return "";
}

}  // namespace

Result<authority::Identity> identify(Accounts& accounts, const http::Request& request) {
  const std::string_view header = request.header("authorization");
  constexpr std::string_view kScheme = "bearer ";
  bool bearer = header.size() > kScheme.size();
  for (std::size_t i = 0; bearer && i < kScheme.size(); ++i) {
    const char c = header[i];
    bearer = (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == kScheme[i];
  }
  if (!bearer)
    return Error(Code::unauthenticated,
                 "Sign in, and send \"Authorization: Bearer <accessToken>\".");
  return accounts.verify(std::string(header.substr(kScheme.size())));
}

struct Api::Impl {
  Impl(const mutation::Domain& domain, Database& database, Engine& engine, Accounts& accounts,
       ApiOptions options)
      : service(std::make_shared<const Service>(
            Service{domain, database, engine, accounts, std::move(options)})),
        router(domain) {}

  void route(const CallPtr& call);
  [[nodiscard]] bool route_fixed(const CallPtr& call, const std::string& path);
  void route_place(const CallPtr& call, const Place& place);
  void answer(const CallPtr& call, Result<http::Response> response) {
    call->respond(response.ok() ? std::move(response).value() : problem(response.error()));
  }
  [[nodiscard]] bool authenticate(const CallPtr& call) {
    auto identity = identify(service->accounts, call->request);
    if (!identity.ok()) {
      call->respond(problem(identity.error()));
      return false;
    }
    call->identity = std::move(identity).value();
    return true;
  }
  void list_nested(const CallPtr& call, const Place& place);
  void create_nested(const CallPtr& call, const Place& place);
  // Every answer names a version of the database; one that read nothing names the newest that is known.
  void stamp(http::Response& response);

  ServicePtr service;
  Router router;
  std::atomic<model::Version> newest{0};
};

Api::Api(const mutation::Domain& domain, Database& database, Engine& engine, Accounts& accounts,
         ApiOptions options)
    : impl_(std::make_shared<Impl>(domain, database, engine, accounts, std::move(options))) {
  SYNC_CHECK(impl_->service->options.now != nullptr, "the API needs a clock");
}
Api::~Api() = default;

void Api::handle(http::Request request, http::Respond respond) {
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  // HEAD is GET without the body.
  const bool head = call->request.method == "HEAD";
  if (head) call->request.method = "GET";
  call->respond = [impl = impl_, respond = std::move(respond), head](http::Response response) {
    impl->stamp(response);
    if (head) response.body.clear();
    respond(std::move(response));
  };
  try {
    impl_->route(call);
  } catch (const std::exception& failure) {
    // JSON and the standard library throw; nothing of theirs goes further than here.
    call->respond(
        problem(Error(Code::internal, "Something went wrong: " + std::string(failure.what()))));
  }
}

void Api::Impl::stamp(http::Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name != "syncline-version") continue;
    const model::Version version = std::strtoull(value.c_str(), nullptr, 10);
    model::Version known = newest.load();
    while (known < version && !newest.compare_exchange_weak(known, version)) {
    }
    return;
  }
  if (newest.load() == 0) {
    const auto snapshot = service->database.snapshot();
    if (snapshot.ok()) newest.store((*snapshot)->version());
  }
  set_header(response, "syncline-version", std::to_string(newest.load()));
}

void Api::Impl::route(const CallPtr& call) {
  if (call->request.body.size() > service->options.body_bytes_max) {
    return call->respond(problem(Error(Code::too_large, "A body has at most 1 MiB.")));
  }
  auto target = parse_target(call->request.target);
  if (!target.ok()) return call->respond(problem(target.error()));
  call->target = std::move(target).value();
  std::string path;
  for (const std::string& segment : call->target.segments) path += "/" + segment;
  if (route_fixed(call, path)) return;
  const auto place = router.find(call->target.segments);
  if (!place) return call->respond(no_such_address());
  // What methods there are is no secret, so OPTIONS needs no sign-in; the edge makes its answer of this refusal's Allow.
  if (call->request.method == "OPTIONS")
    return call->respond(method_not_allowed(allowed_methods(place->kind)));
  if (!authenticate(call)) return;
  route_place(call, *place);
}

bool Api::Impl::route_fixed(const CallPtr& call, const std::string& path) {
  std::string allow;
  for (const FixedRoute& route : fixed_routes()) {
    if (route.path != path) continue;
    if (route.method == call->request.method) {
      if (!route.needs_identity || authenticate(call)) route.run(service, call);
      return true;
    }
    allow += (allow.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allow.empty()) return false;
  call->respond(method_not_allowed(allow));
  return true;
}

void Api::Impl::route_place(const CallPtr& call, const Place& place) {
  const std::string& method = call->request.method;
  const model::Collection& collection = *place.collection;
  switch (place.kind) {
    case Place::Kind::collection:
      if (method == "GET")
        return answer(call, list_records(*service, *call, collection, query::always()));
      if (method == "POST") return create_record(service, call, collection, model::kNoField, {});
      break;
    case Place::Kind::nested:
      if (method == "GET") return list_nested(call, place);
      if (method == "POST") return create_nested(call, place);
      break;
    case Place::Kind::record:
      if (method == "GET") return answer(call, get_record(*service, *call, collection, place.id));
      if (method == "PATCH") return patch_record(service, call, collection, place.id);
      if (method == "PUT") return replace_record(service, call, collection, place.id);
      if (method == "DELETE") return remove_record(service, call, collection, place.id);
      break;
    case Place::Kind::action:
      if (method == "POST") return run_action(service, call, *place.action, place.id);
      break;
  }
  call->respond(method_not_allowed(allowed_methods(place.kind)));
}

void Api::Impl::list_nested(const CallPtr& call, const Place& place) {
  const base::Status visible = check_visible(*service, *call, *place.parent, place.parent_id);
  if (!visible.ok()) return call->respond(problem(visible.error()));
  const auto scope = query::compare(place.parent_field, query::Op::eq, place.parent_id);
  answer(call, list_records(*service, *call, *place.collection, scope));
}

void Api::Impl::create_nested(const CallPtr& call, const Place& place) {
  const base::Status visible = check_visible(*service, *call, *place.parent, place.parent_id);
  if (!visible.ok()) return call->respond(problem(visible.error()));
  create_record(service, call, *place.collection, place.parent_field, place.parent_id);
}

}  // namespace syncline::server::api
