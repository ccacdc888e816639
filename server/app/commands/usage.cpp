#include "server/app/commands/usage.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace syncline::server::app {
namespace {

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string joined(const std::vector<std::string>& items, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? last : std::string_view(", ");
    text += items[i];
  }
  return text;
}

// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> steps(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        steps[i][j] = i + j;
        continue;
      }
      const bool same = a[i - 1] == b[j - 1];
      steps[i][j] = std::min(
          {steps[i - 1][j] + 1, steps[i][j - 1] + 1, steps[i - 1][j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        steps[i][j] = std::min(steps[i][j], steps[i - 2][j - 2] + 1);
    }
  }
  return steps[a.size()][b.size()];
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// The command that the parser took after this one, if any.
const CLI::App* next_command(const CLI::App& app) {
  const auto taken = app.get_subcommands();
  return taken.empty() ? nullptr : taken.front();
}

// "; did you mean "serve"?", or nothing.
std::string meant(std::string_view wrong, const std::vector<std::string>& names) {
  std::vector<std::string> near = near_names(wrong, names);
  std::transform(near.begin(), near.end(), near.begin(), in_quotes);
  return near.empty() ? "" : "; did you mean " + joined(near, " or ") + "?";
}

std::string see(const std::string& path) { return " see " + path + " --help"; }

std::string no_command(const CLI::App& app, const std::string& path, const std::string& wrong) {
  const std::vector<std::string> names = command_names(app);
  const std::string guess = meant(wrong, names);
  const std::string under =
      app.get_parent() == nullptr ? "" : " under " + in_quotes(app.get_name());
  return "there is no command " + in_quotes(wrong) + under +
         (guess.empty() ? "; there is " + joined(names, " and ") + ";" : guess) + see(path);
}

std::string no_option(const CLI::App& app, const std::string& path, const std::string& extra) {
  const std::string name = extra.substr(0, extra.find('='));
  const CLI::App* next = next_command(app);
  if (next != nullptr && next->get_option_no_throw(name) != nullptr) {
    const std::string command = path + " " + next->get_name();
    return "the option " + in_quotes(name) + " stands after the command: " + command + " " + name +
           ";" + see(command);
  }
  const std::string guess = meant(name, option_names(app));
  return "there is no option " + in_quotes(name) + (guess.empty() ? ";" : guess) + see(path);
}

}  // namespace

std::vector<std::string> near_names(std::string_view wrong, const std::vector<std::string>& names) {
  std::vector<std::string> near;
  std::size_t best = std::max<std::size_t>(1, wrong.size() / 3);  // farther is another word
  for (const std::string& name : names) {
    const std::size_t steps = distance(wrong, name);
    if (steps > best) continue;
    if (steps < best) near.clear();
    best = steps;
    near.push_back(name);
  }
  return near;
}

std::optional<std::string> unknown_command(const CLI::App& program,
                                           const std::vector<std::string>& words) {
  const CLI::App* app = &program;
  std::string path = program.get_name();
  for (const std::string& word : words) {
    const bool is_option = !word.empty() && word.front() == '-';
    if (is_option || command_names(*app).empty()) break;
    const CLI::App* command = find_command(*app, word);
    if (command == nullptr) return no_command(*app, path, word);
    app = command;
    path += " " + word;
  }
  return std::nullopt;
}

std::string explain(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App* app = &program;
  std::string path = program.get_name();
  while (app->remaining().empty() && next_command(*app) != nullptr) {
    app = next_command(*app);
    path += " " + app->get_name();
  }
  const std::string extra = app->remaining().empty() ? "" : app->remaining().front();
  // An option nobody knows comes before what is missing: it is often the missing one, misspelt.
  if (extra.size() > 1 && extra.front() == '-') return no_option(*app, path, extra);
  if (!extra.empty()) return "the argument " + in_quotes(extra) + " is one too many;" + see(path);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
      app->get_require_subcommand_min() > 0) {
    return in_quotes(path) + " needs a command: " + joined(command_names(*app), " or ") + ";" +
           see(path);
  }
  std::string what = error.what();
  what.erase(std::min(what.find('\n'), what.size()));
  return what + ";" + see(path);
}

}  // namespace syncline::server::app
