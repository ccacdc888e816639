#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "domain/collections.hpp"
#include "domain/domain.hpp"
#include "server/app/clock.hpp"
#include "server/app/commands/commands.hpp"
#include "server/app/seed/completeness.hpp"
#include "server/app/seed/seeder.hpp"

namespace syncline::server::app {
namespace {

base::Status refuse_used(LocalWriter& writer) {
  bool used = false;
  ivm::FetchRequest any;
  any.where = query::always();
  any.limit = 1;
  SYNC_TRY(
      writer.storage().sources().source(domain::kUsersId).fetch(any, [&used](const model::Record&) {
        used = true;
        return false;
      }));
  if (!used) return {};
  return base::Error{base::Code::rule_violation,
                     "This database has users already. Demo data goes only into a new database."};
}

base::Result<seed::Summary> run(const std::string& path, seed::Size size) {
  const auto domain = domain::make_domain();
  // Needs the database to itself: what it writes lies in the past, and no running server may be told of that.
  SYNC_ASSIGN(const auto writer, LocalWriter::open(path, *domain));
  SYNC_TRY(refuse_used(*writer));
  SYNC_TRY(seed::mark_incomplete(writer->storage()));
  // Nothing is lost if a new demo database is lost: one fsync at the end instead of one per mutation.
  SYNC_TRY(writer->storage().connection().exec("PRAGMA synchronous = OFF"));
  SYNC_ASSIGN(const auto summary, seed::seed_crm(*writer, *domain, size, now()));
  SYNC_TRY(writer->storage().connection().exec(
      "PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE);"));
  SYNC_TRY(seed::mark_complete(writer->storage()));
  return summary;
}

}  // namespace

void add_seed(CLI::App& program, int& exit_code) {
  auto path = std::make_shared<std::string>("syncline.db");
  auto size = std::make_shared<std::string>("small");
  CLI::App* command = program.add_subcommand(
      "seed", "Fill a new database with a believable data set and the demo accounts");
  add_database_option(*command, *path);
  command->add_option("--size", *size, "How much")
      ->check(CLI::IsMember({"small", "medium", "large"}))
      ->capture_default_str();
  command->callback([path, size, &exit_code] {
    const auto summary = run(*path, *seed::size_from_name(*size));
    if (!summary.ok()) {
      exit_code = report(summary.error());
      return;
    }
    std::printf("%zu mutations written\n", summary->mutations);
  });
}

}  // namespace syncline::server::app
