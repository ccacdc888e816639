// Api: every REST call of API.md, from an HTTP request as a value to an answer as a value. Knows no socket and no database:
// those are behind ports.hpp. JSON events are beside it (event_session.hpp, event_stream.hpp).
//
// Thread rule: handle() may be called from many threads at once; answers come from the caller's or the engine's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/api/ports.hpp"
#include "server/http/message.hpp"

namespace syncline::server::api {

struct ApiOptions {
  std::function<base::Timestamp()> now;  // the server's clock
  std::function<base::Status()> ready;   // /readyz: can it do all it should? absent: yes
  std::function<std::string()> metrics;  // /metrics, in the Prometheus text format; absent: 404
  std::size_t body_bytes_max = 1u << 20;
};

class Api {
 public:
  // REQUIRES: everything outlives the Api and all calls in flight.
  Api(const mutation::Domain& domain, Database& database, Engine& engine, Accounts& accounts,
      ApiOptions options);
  ~Api();
  Api(const Api&) = delete;

  // Answers exactly once. Anything may be in the request. GET /api/events is not for here: event_stream.hpp.
  void handle(http::Request request, http::Respond respond);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace syncline::server::api
