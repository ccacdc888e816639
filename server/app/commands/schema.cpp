#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "domain/domain.hpp"
#include "server/api/schema_export.hpp"
#include "server/app/commands/commands.hpp"

namespace syncline::server::app {

void add_schema(CLI::App& program, int& exit_code) {
  auto format = std::make_shared<std::string>("json");
  CLI::App* command = program.add_subcommand("schema", "Print the schema for other programs");
  command->add_option("--format", *format, "What for")
      ->check(CLI::IsMember({"json", "typescript"}))
      ->capture_default_str();
  command->callback([format, &exit_code] {
    const auto domain = domain::make_domain();
    const std::string text =
        *format == "json" ? api::schema_json(*domain) : api::schema_typescript(*domain);
    exit_code =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0
            ? 0
            : 1;
  });
}

}  // namespace syncline::server::app
