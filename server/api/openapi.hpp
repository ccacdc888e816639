// The OpenAPI 3.1 description of everything the API answers, made from schema and registry; and the page that shows it.
#pragma once

#include <string>
#include <string_view>

#include "syncline/mutation/mutator.hpp"

namespace syncline::server::api {

[[nodiscard]] std::string openapi_json(const mutation::Domain& domain);

// /api/docs and the files it loads: self-contained, no inline script, so that a strict CSP holds.
[[nodiscard]] std::string_view docs_page();
[[nodiscard]] std::string_view docs_script();
[[nodiscard]] std::string_view docs_style();

}  // namespace syncline::server::api
