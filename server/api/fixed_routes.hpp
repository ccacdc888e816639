// Routes that are not made from the schema: signing in, figures, batches, description, health.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/write_routes.hpp"

namespace syncline::server::api {

struct FixedRoute {
  std::string_view method;
  std::string_view path;
  bool needs_identity = true;
  void (*run)(const ServicePtr& service, const CallPtr& call) = nullptr;
};
[[nodiscard]] const std::vector<FixedRoute>& fixed_routes();

}  // namespace syncline::server::api
