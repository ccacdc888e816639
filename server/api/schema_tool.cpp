// Prints the schema: `schema_tool json|typescript`. For builds of web/ that need nothing else of the server.
#include <cstdio>
#include <string_view>

#include "domain/domain.hpp"
#include "server/api/schema_export.hpp"

int main(int argc, char** argv) {
  using namespace syncline;
  const std::string_view format = argc == 2 ? argv[1] : "";
  if (format != "json" && format != "typescript") {
    std::fputs("usage: schema_tool json|typescript\n", stderr);
    return 2;
  }
  const auto domain = domain::make_domain();
  const std::string text = format == "json" ? server::api::schema_json(*domain)
                                            : server::api::schema_typescript(*domain);
  return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
}
