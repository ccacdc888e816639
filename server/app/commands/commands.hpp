// The commands of the program, one file each. add_*() declares a command; when it was chosen, its callback runs it and sets
// the exit code.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "syncline/base/error.hpp"

namespace syncline::server::app {

void add_serve(CLI::App& program, int& exit_code);
void add_migrate(CLI::App& program, int& exit_code);
void add_seed(CLI::App& program, int& exit_code);
void add_user(CLI::App& program, int& exit_code);
void add_explain(CLI::App& program, int& exit_code);
void add_import(CLI::App& program, int& exit_code);
void add_schema(CLI::App& program, int& exit_code);

// Adds --db FILE.
void add_database_option(CLI::App& command, std::string& path);
// Says on one line of stderr what went wrong; the exit code for it.
[[nodiscard]] int report(const base::Error& error);

}  // namespace syncline::server::app
