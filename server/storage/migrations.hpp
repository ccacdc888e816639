// Makes a database file what this build needs: numbered migrations of the engine's own tables, then the collections' tables,
// which follow the schema by adding columns and indexes. What the schema no longer names stays in the file, unread.
//
//   1  2026-11  meta, commit log, ledger, verdicts, kept answers
//   2  2026-11  passwords and login sessions (auth_store.hpp)
//   3  2026-11  a commit's changes in its line of the log, no index of the log by record; verdicts in runs
#pragma once

#include "server/storage/sqlite.hpp"
#include "syncline/model/schema.hpp"

namespace syncline::server::storage {

struct Meta {
  base::Id epoch;
  std::uint64_t version = 0;
};

// REQUIRES: a connection in write mode, no transaction. All or nothing. `epoch` is taken if the file is new.
// Errors: storage_failed (also: a column changed its type, or the file comes from a newer build).
[[nodiscard]] base::Result<Meta> migrate(Connection& connection, const model::Schema& schema,
                                         const base::Id& epoch, base::Timestamp now);
// The file's history is another one from now on. All or nothing. Errors: storage_failed.
[[nodiscard]] base::Status put_meta(Connection& connection, const Meta& meta);
// Errors: storage_failed.
[[nodiscard]] base::Result<Meta> read_meta(Connection& connection);

}  // namespace syncline::server::storage
