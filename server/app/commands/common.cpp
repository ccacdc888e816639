#include <cstdio>

#include <CLI/CLI.hpp>

#include "server/app/commands/commands.hpp"

namespace syncline::server::app {

void add_database_option(CLI::App& command, std::string& path) {
  command.add_option("--db", path, "Database file")->capture_default_str();
}

int report(const base::Error& error) {
  std::string line = "syncline: " + error.message;
  for (const auto& field : error.fields) line += " [" + field.field + ": " + field.message + "]";
  std::fprintf(stderr, "%s\n", line.c_str());
  return 1;
}

}  // namespace syncline::server::app
