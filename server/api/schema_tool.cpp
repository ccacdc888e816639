// Prints what web/ is built from: `schema_tool json|typescript|queries`, the schema or the queries of the CRM's figures. For builds
// that need nothing else of the server.
#include <cstdio>
#include <string_view>

#include "domain/domain.hpp"
#include "server/api/query_export.hpp"
#include "server/api/schema_export.hpp"

int main(int argc, char** argv) {
  using namespace syncline;
  const std::string_view format = argc == 2 ? argv[1] : "";
  if (format != "json" && format != "typescript" && format != "queries") {
    std::fputs("usage: schema_tool json|typescript|queries\n", stderr);
    return 2;
  }
  const auto domain = domain::make_domain();
  const std::string text = format == "json"      ? server::api::schema_json(*domain)
                           : format == "queries" ? server::api::crm_queries_typescript(*domain)
                                                 : server::api::schema_typescript(*domain);
  return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
}
