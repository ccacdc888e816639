#include "server/storage/sqlite_storage.hpp"

#include <chrono>
#include <random>
#include <utility>

#include "server/storage/columns.hpp"
#include "server/storage/migrations.hpp"

namespace syncline::server::storage {

namespace {

constexpr const char* kPragmas =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 1000;"
    "PRAGMA cache_size = -65536;"
    "PRAGMA temp_store = MEMORY;";

base::Timestamp system_now() {
  using namespace std::chrono;
  return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

base::Id new_epoch(base::Timestamp now) {
  std::random_device device;
  const auto word = [&device] { return std::uint64_t{device()} << 32 | device(); };
  const std::uint64_t high = word();
  return base::make_id_v7(now, high, word());
}

}  // namespace

base::Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open(const std::string& path,
                                                                 const model::Schema& schema) {
  SYNC_ASSIGN(auto lock, FileLock::acquire(beside(path, ".lock")));
  SYNC_TRY(create_private_file(path));
  SYNC_ASSIGN(auto connection, Connection::open(path, Connection::Mode::write));
  SYNC_TRY(connection->exec(kPragmas));
  const base::Timestamp now = system_now();
  SYNC_ASSIGN(const Meta meta, migrate(*connection, schema, new_epoch(now), now));
  std::unique_ptr<SqliteStorage> storage(
      new SqliteStorage(path, schema, std::move(lock), std::move(connection)));
  storage->epoch_ = meta.epoch;
  storage->version_ = meta.version;
  SYNC_TRY(storage->forget_old_clients(now));
  return storage;
}

SqliteStorage::SqliteStorage(std::string path, const model::Schema& schema, FileLock lock,
                             std::unique_ptr<Connection> connection)
    : path_(std::move(path)),
      schema_(schema),
      lock_(std::move(lock)),
      connection_(std::move(connection)),
      sources_(*connection_, schema),
      planner_(*connection_, schema, sources_, version_) {}

SqliteStorage::~SqliteStorage() {
  if (in_transaction_) rollback();
}

base::Status SqliteStorage::run(const char* sql) {
  SYNC_ASSIGN(auto statement, connection_->prepare(sql));
  return statement.run();
}

// ---- transactions

base::Status SqliteStorage::begin() {
  SYNC_CHECK(!in_transaction_, "begin() inside a transaction");
  write_mutex_.lock();
  if (base::Status status = run("BEGIN IMMEDIATE"); !status.ok()) {
    write_mutex_.unlock();
    return status;
  }
  in_transaction_ = true;
  version_at_begin_ = version_;
  return {};
}

base::Status SqliteStorage::commit() {
  SYNC_CHECK(in_transaction_, "commit() without begin()");
  if (version_ != version_at_begin_) {
    SYNC_ASSIGN(auto statement,
                connection_->prepare("UPDATE syncline_meta SET value = ? WHERE key = 'version'"));
    SYNC_TRY(statement.bind(version_).run());
  }
  SYNC_TRY(run("COMMIT"));
  in_transaction_ = false;
  write_mutex_.unlock();
  return {};
}

void SqliteStorage::rollback() {
  SYNC_CHECK(in_transaction_, "rollback() without begin()");
  // Some failures (disk full) have already rolled it back.
  if (connection_->in_transaction()) static_cast<void>(run("ROLLBACK"));
  version_ = version_at_begin_;
  in_transaction_ = false;
  write_mutex_.unlock();
}

base::Status SqliteStorage::savepoint() {
  version_at_savepoint_ = version_;
  return run("SAVEPOINT mutation");
}

base::Status SqliteStorage::release() { return run("RELEASE mutation"); }

void SqliteStorage::rollback_to_savepoint() {
  // If this fails the transaction is gone as a whole, and the next statement says so.
  static_cast<void>(run("ROLLBACK TO mutation"));
  static_cast<void>(run("RELEASE mutation"));
  version_ = version_at_savepoint_;
}

// ---- rows

base::Status SqliteStorage::apply(const model::Change& change) {
  SYNC_CHECK(in_transaction_, "apply() without begin()");
  switch (change.kind) {
    case model::ChangeKind::insert: return insert_row(change.after);
    case model::ChangeKind::update: return update_row(change.before, change.after);
    case model::ChangeKind::remove: return remove_row(change.before);
  }
  return {};
}

base::Status SqliteStorage::insert_row(const model::Record& row) {
  const model::Collection& collection = row.collection();
  SYNC_ASSIGN(auto statement, connection_->prepare(sql_text::insert(collection)));
  statement.bind(row.id()).bind(row.version());
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot) {
    const model::FieldSpec& field = collection.field_at_slot(slot).spec;
    statement.bind(to_sql(field, row.get(field.id)));
  }
  return statement.run();
}

namespace {

// Most fields of an update: told without making values of them.
bool same_content(const model::Record& before, const model::Record& after,
                  const model::FieldSpec& field) {
  if (before.has(field.id) != after.has(field.id)) return false;
  switch (field.type) {
    case model::FieldType::text:
    case model::FieldType::long_text: return before.text(field.id) == after.text(field.id);
    case model::FieldType::reference:
      return before.reference(field.id) == after.reference(field.id);
    case model::FieldType::set: return before.get(field.id) == after.get(field.id);
    default: return before.integer(field.id) == after.integer(field.id);
  }
}

}  // namespace

base::Status SqliteStorage::update_row(const model::Record& before, const model::Record& after) {
  const model::Collection& collection = after.collection();
  std::vector<std::uint16_t> slots;
  std::vector<SqlValue> values;
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot) {
    const model::FieldSpec& field = collection.field_at_slot(slot).spec;
    if (same_content(before, after, field)) continue;
    slots.push_back(slot);
    values.push_back(to_sql(field, after.get(field.id)));
  }
  SYNC_ASSIGN(auto statement, connection_->prepare(sql_text::update(collection, slots)));
  SYNC_TRY(statement.bind(after.version()).bind_all(values).bind(after.id()).run());
  if (connection_->changes() == 1) return {};
  return base::Error(base::Code::storage_failed, "The row to update is not there.");
}

base::Status SqliteStorage::remove_row(const model::Record& row) {
  SYNC_ASSIGN(auto statement, connection_->prepare(sql_text::remove(row.collection())));
  SYNC_TRY(statement.bind(row.id()).run());
  if (connection_->changes() == 1) return {};
  return base::Error(base::Code::storage_failed, "The row to remove is not there.");
}

}  // namespace syncline::server::storage
