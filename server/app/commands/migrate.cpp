#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "domain/domain.hpp"
#include "server/app/commands/commands.hpp"
#include "server/app/local_writer.hpp"

namespace syncline::server::app {

void add_migrate(CLI::App& program, int& exit_code) {
  auto path = std::make_shared<std::string>("syncline.db");
  CLI::App* command = program.add_subcommand(
      "migrate", "Make or update a database; a new one gets its reference data");
  add_database_option(*command, *path);
  command->callback([path, &exit_code] {
    const auto domain = domain::make_domain();
    const auto storage = open_database(*path, *domain);
    if (!storage.ok()) {
      exit_code = report(storage.error());
      return;
    }
    std::printf("%s is up to date at version %llu\n", path->c_str(),
                static_cast<unsigned long long>((*storage)->version()));
  });
}

}  // namespace syncline::server::app
