#include "server/app/seed/completeness.hpp"

namespace syncline::server::app::seed {

base::Status mark_incomplete(storage::SqliteStorage& storage) {
  return storage.connection().exec("INSERT INTO syncline_meta (key, value) VALUES ('seeding', 1)");
}

base::Status mark_complete(storage::SqliteStorage& storage) {
  return storage.connection().exec("DELETE FROM syncline_meta WHERE key = 'seeding'");
}

base::Status require_complete(storage::SqliteStorage& storage) {
  SYNC_ASSIGN(auto mark, storage.connection().prepare(
                             "SELECT value FROM syncline_meta WHERE key = 'seeding'"));
  SYNC_ASSIGN(const bool marked, mark.step());
  if (!marked) return {};
  return base::Error{
      base::Code::rule_violation,
      "The demo data of " + storage.path() +
          " is incomplete: its seeding was interrupted. Delete the file and seed again."};
}

}  // namespace syncline::server::app::seed
