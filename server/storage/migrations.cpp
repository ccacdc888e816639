#include "server/storage/migrations.hpp"

#include <array>
#include <map>
#include <string>

#include "server/storage/columns.hpp"
#include "server/storage/image.hpp"
#include "server/storage/sql_text.hpp"
#include "syncline/model/order.hpp"

namespace syncline::server::storage {

namespace {

using base::Status;

struct Migration {
  int number;
  const char* sql;
  Status (*rewrite)(Connection& connection);  // after the SQL; may be null
};

// Until migration 3 every change had a row of its own.
Status move_changes_into_log(Connection& connection) {
  {
    SYNC_ASSIGN(auto rows,
                connection.prepare("SELECT version, collection, kind, record, before, after "
                                   "FROM syncline_log_changes ORDER BY version, position"));
    SYNC_ASSIGN(auto put,
                connection.prepare("UPDATE syncline_log SET changes = ? WHERE version = ?"));
    base::Bytes changes;
    std::int64_t version = 0;
    const auto put_changes = [&]() -> Status {
      if (changes.empty()) return {};
      SYNC_TRY(put.bind(base::ByteView(changes)).bind(version).run());
      put.reset();
      changes.clear();
      return {};
    };
    for (;;) {
      SYNC_ASSIGN(const bool row, rows.step());
      if (!row) break;
      if (rows.integer(0) != version) SYNC_TRY(put_changes());
      version = rows.integer(0);
      append_change(
          {static_cast<model::CollectionId>(rows.integer(1)),
           static_cast<model::ChangeKind>(rows.integer(2)), rows.id(3), rows.blob(4), rows.blob(5)},
          changes);
    }
    SYNC_TRY(put_changes());
  }
  return connection.exec("DROP TABLE syncline_log_changes");
}

constexpr std::array kMigrations = {
    Migration{1, R"sql(
CREATE TABLE syncline_meta (key TEXT PRIMARY KEY NOT NULL, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE syncline_log (
  version INTEGER PRIMARY KEY, at INTEGER NOT NULL, user BLOB, client BLOB NOT NULL,
  sequence INTEGER NOT NULL, mutator TEXT NOT NULL, events BLOB NOT NULL) STRICT;
CREATE TABLE syncline_log_changes (
  version INTEGER NOT NULL, position INTEGER NOT NULL, collection INTEGER NOT NULL,
  record BLOB NOT NULL, kind INTEGER NOT NULL, before BLOB NOT NULL, after BLOB NOT NULL,
  PRIMARY KEY (version, position)) STRICT, WITHOUT ROWID;
CREATE INDEX syncline_log_by_record ON syncline_log_changes (collection, record, version);
CREATE TABLE syncline_clients (
  client BLOB PRIMARY KEY NOT NULL, last_sequence INTEGER NOT NULL, user BLOB NOT NULL,
  last_contact INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX syncline_clients_by_contact ON syncline_clients (last_contact);
CREATE TABLE syncline_verdicts (
  client BLOB NOT NULL, sequence INTEGER NOT NULL, verdict BLOB NOT NULL,
  PRIMARY KEY (client, sequence)) STRICT, WITHOUT ROWID;
CREATE TABLE syncline_answers (
  user BLOB NOT NULL, key TEXT NOT NULL, body_hash INTEGER NOT NULL, answer BLOB NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (user, key)) STRICT, WITHOUT ROWID;
CREATE INDEX syncline_answers_by_at ON syncline_answers (at);
)sql",
              nullptr},
    Migration{2, R"sql(
CREATE TABLE syncline_passwords (user BLOB PRIMARY KEY NOT NULL, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE syncline_sessions (
  sid BLOB PRIMARY KEY NOT NULL, user BLOB NOT NULL, generation INTEGER NOT NULL,
  created INTEGER NOT NULL, rotated INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX syncline_sessions_by_user ON syncline_sessions (user);
)sql",
              nullptr},
    // Verdicts: those of the sequences first..sequence, each with its size; first is null: the one of that sequence alone.
    Migration{3, R"sql(
ALTER TABLE syncline_log ADD COLUMN changes BLOB NOT NULL DEFAULT x'';
CREATE TABLE syncline_removals (
  collection INTEGER NOT NULL, record BLOB NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY (collection, record, version)) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO syncline_removals
  SELECT collection, record, version FROM syncline_log_changes WHERE kind = 2;
ALTER TABLE syncline_verdicts ADD COLUMN first INTEGER;
DROP INDEX syncline_clients_by_contact;
)sql",
              move_changes_into_log},
};

Status put_meta(Connection& connection, std::string_view key, const SqlValue& value) {
  SYNC_ASSIGN(auto statement,
              connection.prepare("INSERT INTO syncline_meta (key, value) VALUES (?, ?) "
                                 "ON CONFLICT (key) DO UPDATE SET value = excluded.value"));
  return statement.bind(key).bind(value).run();
}

base::Result<std::int64_t> one_number(Connection& connection, std::string sql) {
  SYNC_ASSIGN(auto statement, connection.prepare(std::move(sql)));
  SYNC_ASSIGN(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

// Applies the missing numbered migrations; true when the file was new.
base::Result<bool> run_migrations(Connection& connection, base::Timestamp now) {
  SYNC_TRY(
      connection.exec("CREATE TABLE IF NOT EXISTS syncline_migrations "
                      "(number INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT"));
  SYNC_ASSIGN(const std::int64_t done,
              one_number(connection, "SELECT coalesce(max(number), 0) FROM syncline_migrations"));
  if (done > kMigrations.back().number) {
    return base::Error(base::Code::storage_failed,
                       "The database was made by a newer version of Syncline.");
  }
  for (const Migration& migration : kMigrations) {
    if (migration.number <= done) continue;
    SYNC_TRY(connection.exec(migration.sql));
    if (migration.rewrite != nullptr) SYNC_TRY(migration.rewrite(connection));
    SYNC_ASSIGN(auto statement,
                connection.prepare("INSERT INTO syncline_migrations (number, at) VALUES (?, ?)"));
    SYNC_TRY(statement.bind(std::int64_t{migration.number}).bind(now.ms).run());
  }
  return done == 0;
}

// Column name to declared type; empty when there is no such table.
base::Result<std::map<std::string, std::string>> columns_of(Connection& connection,
                                                            const std::string& table) {
  SYNC_ASSIGN(auto statement, connection.prepare("PRAGMA table_info(" + table + ")"));
  std::map<std::string, std::string> columns;
  for (;;) {
    SYNC_ASSIGN(const bool row, statement.step());
    if (!row) return columns;
    columns.emplace(statement.text(1), statement.text(2));
  }
}

Status add_column(Connection& connection, const model::Collection& collection,
                  const model::Field& field) {
  const std::string table = sql_text::table(collection);
  SYNC_TRY(connection.exec("ALTER TABLE " + table + " ADD COLUMN " +
                           sql_text::column_definition(field.spec)));
  if (field.default_value.is_null()) return {};
  SYNC_ASSIGN(auto statement, connection.prepare("UPDATE " + table + " SET " +
                                                 sql_text::quoted(field.spec.name) + " = ?"));
  return statement.bind(to_sql(field.spec, field.default_value)).run();
}

Status migrate_collection(Connection& connection, const model::Collection& collection) {
  SYNC_ASSIGN(const auto columns, columns_of(connection, sql_text::table(collection)));
  if (columns.empty()) SYNC_TRY(connection.exec(sql_text::create_table(collection)));
  for (std::uint16_t slot = 0; !columns.empty() && slot < collection.slot_count(); ++slot) {
    const model::Field& field = collection.field_at_slot(slot);
    const auto found = columns.find(std::string(field.spec.name));
    if (found == columns.end()) {
      SYNC_TRY(add_column(connection, collection, field));
      continue;
    }
    if (!sql_text::column_definition(field.spec).ends_with(" " + found->second)) {
      return base::Error(base::Code::storage_failed, "Field " + std::string(field.spec.name) +
                                                         " of " + std::string(collection.name()) +
                                                         " is stored with another type.");
    }
  }
  for (const std::string& sql : sql_text::create_indexes(collection))
    SYNC_TRY(connection.exec(sql));
  return {};
}

// Indexes sorted by another collation version are in the wrong order (SEMANTICS 31).
Status follow_collation(Connection& connection, bool is_new) {
  SYNC_ASSIGN(const std::int64_t stored,
              one_number(connection, "SELECT value FROM syncline_meta WHERE key = 'collation'"));
  if (!is_new && stored != std::int64_t{model::kCollationVersion}) {
    SYNC_TRY(connection.exec("REINDEX SYNCLINE"));
  }
  return put_meta(connection, "collation", std::int64_t{model::kCollationVersion});
}

Status migrate_all(Connection& connection, const model::Schema& schema, const base::Id& epoch,
                   base::Timestamp now) {
  SYNC_ASSIGN(const bool is_new, run_migrations(connection, now));
  if (is_new) {
    SYNC_TRY(put_meta(connection, "epoch", sql_value(epoch)));
    SYNC_TRY(put_meta(connection, "version", std::int64_t{0}));
  }
  SYNC_TRY(follow_collation(connection, is_new));
  for (const model::Collection& collection : schema.collections()) {
    SYNC_TRY(migrate_collection(connection, collection));
  }
  return put_meta(connection, "schema", static_cast<std::int64_t>(schema.hash()));
}

}  // namespace

base::Result<Meta> migrate(Connection& connection, const model::Schema& schema,
                           const base::Id& epoch, base::Timestamp now) {
  SYNC_TRY(connection.exec("BEGIN IMMEDIATE"));
  if (Status status = migrate_all(connection, schema, epoch, now); !status.ok()) {
    static_cast<void>(connection.exec("ROLLBACK"));
    return status.error();
  }
  SYNC_TRY(connection.exec("COMMIT"));
  return read_meta(connection);
}

base::Status put_meta(Connection& connection, const Meta& meta) {
  SYNC_TRY(connection.exec("BEGIN IMMEDIATE"));
  Status status = put_meta(connection, "epoch", sql_value(meta.epoch));
  if (status.ok())
    status = put_meta(connection, "version", static_cast<std::int64_t>(meta.version));
  if (status.ok()) return connection.exec("COMMIT");
  static_cast<void>(connection.exec("ROLLBACK"));
  return status;
}

base::Result<Meta> read_meta(Connection& connection) {
  SYNC_ASSIGN(auto statement,
              connection.prepare("SELECT (SELECT value FROM syncline_meta WHERE key = 'epoch'), "
                                 "(SELECT value FROM syncline_meta WHERE key = 'version')"));
  SYNC_ASSIGN(const bool row, statement.step());
  if (!row || statement.is_null(0)) {
    return base::Error(base::Code::storage_failed, "The file is no Syncline database.");
  }
  return Meta{statement.id(0), statement.natural(1)};
}

}  // namespace syncline::server::storage
