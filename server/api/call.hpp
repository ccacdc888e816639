// One REST call on its way: what the routes share.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "server/api/api.hpp"
#include "server/api/url.hpp"

namespace syncline::server::api {

// What every route may use. Thread rule: the ports are thread-safe.
struct Service {
  const mutation::Domain& domain;
  Database& database;
  Engine& engine;
  Accounts& accounts;
  ApiOptions options;
};

struct Call {
  http::Request request;
  Target target;
  authority::Identity identity;  // of routes that need one
  http::Respond respond;         // once

  [[nodiscard]] const mutation::Actor& actor() const { return identity.actor; }
};
using CallPtr = std::shared_ptr<Call>;

// The token of "Authorization: Bearer …", verified. Errors: unauthenticated, token_expired.
[[nodiscard]] base::Result<authority::Identity> identify(Accounts& accounts,
                                                         const http::Request& request);

}  // namespace syncline::server::api
