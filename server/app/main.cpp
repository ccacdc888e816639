#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "server/app/commands/commands.hpp"
#include "server/app/commands/usage.hpp"

namespace {

int wrong_usage(const std::string& why) {
  std::fprintf(stderr, "syncline: %s\n", why.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  namespace app = syncline::server::app;
  int exit_code = 0;
  CLI::App program("Syncline: a real-time business system on one machine", "syncline");
  program.set_version_flag("--version", "syncline " SYNCLINE_VERSION, "Print the version and exit");
  program.require_subcommand(1);
  app::add_serve(program, exit_code);
  app::add_migrate(program, exit_code);
  app::add_seed(program, exit_code);
  app::add_user(program, exit_code);
  app::add_import(program, exit_code);
  app::add_explain(program, exit_code);
  app::add_schema(program, exit_code);
  if (argc <= 1) {
    std::fputs(program.help().c_str(), stderr);
    return 2;
  }
  if (const auto wrong = app::unknown_command(program, {argv + 1, argv + argc}))
    return wrong_usage(*wrong);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return program.exit(help);
  } catch (const CLI::ParseError& error) {
    return wrong_usage(app::explain(program, error));
  }
  return exit_code;
}
