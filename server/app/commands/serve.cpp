#include <cerrno>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <malloc.h>
#include <signal.h>

#include "domain/collections.hpp"
#include "domain/domain.hpp"
#include "server/app/commands/commands.hpp"
#include "server/app/seed/demo_accounts.hpp"
#include "server/app/server_process.hpp"
#include "server/storage/sqlite_reader.hpp"

namespace syncline::server::app {
namespace {

base::Result<bool> has_users(const std::string& database) {
  const auto domain = domain::make_domain();
  SYNC_ASSIGN(const auto pool, storage::ReaderPool::open(database, domain->schema, 1));
  SYNC_ASSIGN(const auto snapshot, pool->snapshot());
  query::Query users;
  users.collection = domain::kUsersId;
  SYNC_ASSIGN(const std::uint64_t count, snapshot->count(users));
  return count > 0;
}

// Nobody can sign in yet: how to change that. Silent when the question fails; the server itself has started.
void say_how_to_begin(const std::string& database) {
  const auto users = has_users(database);
  if (!users.ok() || *users) return;
  std::printf(
      "There are no users yet. Make the first administrator; the password is read from standard "
      "input:\n"
      "  %s user add --db %s --role admin --email you@example.com\n"
      "Or end this server and fill the database with demo data and demo accounts:\n"
      "  %s seed --db %s\n",
      program_invocation_name, database.c_str(), program_invocation_name, database.c_str());
}

void greet(const ServeOptions& options, const ServerProcess& process) {
  const bool is_v6 = options.host.find(':') != std::string::npos;
  std::printf("Syncline listens on http://%s:%d\n",
              (is_v6 ? "[" + options.host + "]" : options.host).c_str(), process.port());
  if (process.is_demo()) {
    std::printf("Demo accounts, password %s:\n", std::string(seed::kDemoPassword).c_str());
    for (const auto account : seed::kDemoAccounts)
      std::printf("  %s\n", std::string(account).c_str());
  }
  say_how_to_begin(options.database);
  std::fflush(stdout);
}

// What a transaction takes the next one takes again: given back to the system in between, each page is cleared and mapped anew.
void keep_memory() {
  constexpr int kMiB = 1 << 20;
  mallopt(M_TRIM_THRESHOLD, 64 * kMiB);
  mallopt(M_MMAP_THRESHOLD, 4 * kMiB);
}

int serve(const ServeOptions& options) {
  keep_memory();
  // Blocked before any thread starts, so that only sigwait() below receives them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write, like a full disk
  auto process = ServerProcess::start(options);
  if (!process.ok()) return report(process.error());
  greet(options, **process);
  int received = 0;
  sigwait(&ends, &received);
  pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);  // a second one ends it at once
  (*process)->stop();
  return 0;
}

}  // namespace

void add_serve(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<ServeOptions>();
  auto limits = std::make_shared<std::string>("on");
  CLI::App* command =
      program.add_subcommand("serve", "Serve the application, REST, events and sync");
  add_database_option(*command, options->database);
  command->add_option("--host", options->host, "Address to listen on")->capture_default_str();
  command->add_option("--port", options->port, "Port; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--web", options->web, "Folder of the web application")
      ->check(CLI::ExistingDirectory);
  command->add_option("--allow-origin", options->allow_origins,
                      "Origin of pages that may call, like https://app.example.com; repeatable");
  command->add_option("--trusted-proxy", options->trusted_proxies,
                      "Address of a proxy whose X-Forwarded-For is believed; repeatable");
  command->add_flag("--demo-public", options->demo_public,
                    "Serve a demo database beyond this machine");
  command->add_option("--limits", *limits, "Rate limits; off for benchmarks")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  command
      ->add_option("--query-cost-max", options->query_cost_max,
                   "Rows that one query may read; what would read more is refused (see explain)")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->callback([options, limits, &exit_code] {
    options->limits = *limits == "on";
    exit_code = serve(*options);
  });
}

}  // namespace syncline::server::app
