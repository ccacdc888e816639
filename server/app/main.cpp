#include <cstdio>

#include <CLI/CLI.hpp>

#include "server/app/commands/commands.hpp"

int main(int argc, char** argv) {
  namespace app = syncline::server::app;
  int exit_code = 0;
  CLI::App program("Syncline: a real-time business system on one machine", "syncline");
  program.require_subcommand(1);
  app::add_serve(program, exit_code);
  app::add_migrate(program, exit_code);
  app::add_seed(program, exit_code);
  app::add_user(program, exit_code);
  app::add_import(program, exit_code);
  app::add_schema(program, exit_code);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return program.exit(help);
  } catch (const CLI::ParseError& error) {
    std::string what = error.what();
    what.erase(std::min(what.find('\n'), what.size()));
    std::fprintf(stderr, "syncline: %s (see syncline --help)\n", what.c_str());
    return 2;
  }
  return exit_code;
}
