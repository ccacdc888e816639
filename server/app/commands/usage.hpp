// What was wrong with a command line, said on one line that names it and what was probably meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

namespace syncline::server::app {

// The command names among `words`, the program's arguments, up to the first option: what is wrong with one of them. nullopt:
// they are all known. Before parsing, because the parser would answer `backup --help` with the program's own help.
[[nodiscard]] std::optional<std::string> unknown_command(const CLI::App& program,
                                                         const std::vector<std::string>& words);
// Why the parser refused. REQUIRES: program.parse() threw `error`.
[[nodiscard]] std::string explain(const CLI::App& program, const CLI::ParseError& error);

// Those of `names` that somebody who typed `wrong` may have meant, the nearest ones only; empty when none is near.
[[nodiscard]] std::vector<std::string> near_names(std::string_view wrong,
                                                  const std::vector<std::string>& names);

}  // namespace syncline::server::app
