#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "domain/domain.hpp"
#include "server/app/commands/commands.hpp"
#include "server/app/database_file.hpp"
#include "server/app/explainer.hpp"
#include "server/app/remote_writer.hpp"

namespace syncline::server::app {
namespace {

using Json = nlohmann::json;

struct ExplainOptions {
  std::string database = "syncline.db";
  std::string query, role = "admin", user;
  bool running = false, json = false;
  std::size_t most = 20;
};

base::Result<std::string> ask(const ExplainOptions& options) {
  const Json question = {{"query", options.query},
                         {"role", options.role},
                         {"user", options.user},
                         {"running", options.running},
                         {"most", options.most}};
  const std::string text = question.dump(-1, ' ', false, Json::error_handler_t::replace);
  SYNC_TRY(require_database(options.database));
  if (const auto server = RemoteWriter::connect(options.database)) return server->explain(text);
  const auto domain = domain::make_domain();
  SYNC_ASSIGN(const auto readers, storage::ReaderPool::open(options.database, domain->schema, 1));
  return Explainer(*domain, *readers, nullptr, authority::kQueryCostMax).answer(text);
}

// ---- for people

using Row = std::vector<std::string>;

void print_table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const Row& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += " " + row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 1, ' ');
    }
    std::printf("%s\n", line.c_str());
  }
}

std::string number(const Json& json, const char* name) { return json.at(name).dump(); }
std::string text(const Json& json, const char* name) { return json.at(name).get<std::string>(); }

std::string route_text(const Json& route) {
  const std::string by = text(route, "by");
  if (by == "residual") return "residual list: every change is put to it";
  if (by == "never") return "no row can match";
  const bool several = route.at("keys") != 1;
  return by + " of " + text(route, "field") +
         (several ? ", " + number(route, "keys") + " keys" : "");
}

void print_routes(const Json& routes) {
  std::vector<Row> rows;
  for (const Json& route : routes) rows.push_back({text(route, "collection"), route_text(route)});
  print_table(rows);
}

void print_work(const Json& running) {
  print_table({{"sessions", number(running, "sessions")},
               {"rows in the result", number(running, "rows")},
               {"bytes held", number(running, "bytes")},
               {"hydrated", number(running, "hydrated") + " times"},
               {"changes routed", number(running, "routed")},
               {"changes that altered it", number(running, "altered")},
               {"time per change", number(running, "nanosecondsPerChange") + " ns"}});
}

void print_query(const Json& json) {
  std::printf("%s\n\nA change finds it by\n", text(json, "query").c_str());
  print_routes(json.at("routes"));
  std::printf("\nIts rows are read by\n");
  std::vector<Row> reads = {{"for", "collection", "rows", "how"}};
  for (const Json& step : json.at("reads"))
    reads.push_back(
        {text(step, "for"), text(step, "collection"), number(step, "rows"), text(step, "how")});
  print_table(reads);
  std::printf("\nCost %s of at most %s rows: %s\n", number(json, "cost").c_str(),
              number(json, "limit").c_str(),
              json.at("allowed").get<bool>() ? "allowed" : "refused");
  if (json.at("running").is_null()) {
    std::printf("Nobody listens to it now.\n");
    return;
  }
  std::printf("\nIt is live\n");
  print_work(json.at("running"));
}

void print_running(const Json& json) {
  std::printf("%s live queries, %s subscriptions, %s sessions\n", number(json, "groups").c_str(),
              number(json, "subscriptions").c_str(), number(json, "sessions").c_str());
  std::vector<Row> rows = {{"ns/change", "routed", "altered", "hydrated", "rows", "bytes",
                            "sessions", "residual", "query"}};
  for (const Json& query : json.at("queries")) {
    rows.push_back({number(query, "nanosecondsPerChange"), number(query, "routed"),
                    number(query, "altered"), number(query, "hydrated"), number(query, "rows"),
                    number(query, "bytes"), number(query, "sessions"),
                    query.at("residual").get<bool>() ? "yes" : "no", text(query, "query")});
  }
  print_table(rows);
}

int explain(const ExplainOptions& options) {
  const auto answer = ask(options);
  if (!answer.ok()) return report(answer.error());
  if (options.json) {
    std::printf("%s\n", answer->c_str());
    return 0;
  }
  const Json json = Json::parse(*answer);
  if (options.running) {
    print_running(json);
  } else {
    print_query(json);
  }
  return 0;
}

}  // namespace

void add_explain(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = program.add_subcommand(
      "explain",
      "Tell how a query is fed and routed and what it costs; of a running server also "
      "what its live queries have cost");
  add_database_option(*command, options->database);
  auto* query = command->add_option(
      "query", options->query,
      "Collection and parameters as in REST, 'crm.leads?status=new&sort=-value', without limit all "
      "rows; or the sync socket's query in JSON");
  auto* running =
      command->add_flag("--running", options->running,
                        "The live queries of the running server, the most costly first");
  running->excludes(query);
  command->add_option("--most", options->most, "How many of them")->capture_default_str();
  command->add_option("--role", options->role, "Whose rights")
      ->check(CLI::IsMember({"admin", "manager", "agent", "engineer", "viewer"}))
      ->capture_default_str();
  command->add_option("--user", options->user, "Id of the user, where rights are about who it is");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &exit_code] {
    if (!options->running && options->query.empty()) throw CLI::RequiredError("query or --running");
    exit_code = explain(*options);
  });
}

}  // namespace syncline::server::app
