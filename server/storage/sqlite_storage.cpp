#include "server/storage/sqlite_storage.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "server/storage/columns.hpp"
#include "server/storage/migrations.hpp"

namespace syncline::server::storage {

namespace {

// A page that many transactions change is copied from the log to the database once per checkpoint: the log may grow to 32 MB.
constexpr const char* kPragmas =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 8000;"
    "PRAGMA cache_size = -65536;"
    "PRAGMA temp_store = MEMORY;";

base::Timestamp system_now() {
  using namespace std::chrono;
  return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

// Of a transaction of many mutations: where so much can be written, what was refused can be too.
constexpr const char* kProbe =
    "BEGIN IMMEDIATE;"
    "INSERT OR REPLACE INTO syncline_meta (key, value) VALUES ('probe', zeroblob(1048576))";
constexpr const char* kProbeEnd = "DELETE FROM syncline_meta WHERE key = 'probe'; COMMIT";

// What of another history a browser has seen, it names by version: none of those is given once more. Far more than there can
// have been, and 2^53 has room for two million such times.
constexpr std::uint64_t kVersionsLeftOut = std::uint64_t{1} << 32;

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
  SYNC_ASSIGN(Meta meta, migrate(*connection, schema, new_epoch(now), now));
  SYNC_ASSIGN(auto note, HistoryNote::open(beside(path, ".history")));
  const bool is_new = meta.version == 0;
  if (!is_new && !note.is_before({meta.epoch, meta.version})) {
    meta = {new_epoch(now), meta.version + kVersionsLeftOut};
    SYNC_TRY(put_meta(*connection, meta));
  }
  note.write({meta.epoch, meta.version});
  std::unique_ptr<SqliteStorage> storage(
      new SqliteStorage(path, schema, std::move(lock), std::move(connection), std::move(note)));
  storage->epoch_ = meta.epoch;
  storage->version_ = meta.version;
  SYNC_TRY(storage->forget_old_clients(now));
  return storage;
}

SqliteStorage::SqliteStorage(std::string path, const model::Schema& schema, FileLock lock,
                             std::unique_ptr<Connection> connection, HistoryNote note)
    : path_(std::move(path)),
      schema_(schema),
      lock_(std::move(lock)),
      connection_(std::move(connection)),
      sources_(*connection_, schema, &rows_),
      planner_(*connection_, schema, sources_, version_),
      kept_(*connection_),
      note_(std::move(note)) {}

SqliteStorage::Kept::Kept(Connection& connection)
    : begin(connection, "BEGIN IMMEDIATE"),
      commit(connection, "COMMIT"),
      put_version(connection, "UPDATE syncline_meta SET value = ? WHERE key = 'version'"),
      append(connection,
             "INSERT INTO syncline_log (version, at, user, client, sequence, mutator, events, "
             "changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      put_removal(connection,
                  "INSERT INTO syncline_removals (collection, record, version) VALUES (?, ?, ?)"),
      client(connection,
             "SELECT last_sequence, user, last_contact FROM syncline_clients WHERE client = ?"),
      put_client(connection,
                 "INSERT OR REPLACE INTO syncline_clients (client, last_sequence, user, "
                 "last_contact) VALUES (?, ?, ?, ?)"),
      put_verdicts(connection,
                   "INSERT OR REPLACE INTO syncline_verdicts (client, sequence, first, verdict) "
                   "VALUES (?, ?, ?, ?)"),
      drop_verdicts(connection,
                    "DELETE FROM syncline_verdicts WHERE client = ? AND sequence <= ?") {}

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
  connection_->lock();
  base::Status status = check_writable();
  in_transaction_ = true;
  version_at_begin_ = version_;
  rows_.begin();
  if (status.ok()) {
    auto statement = kept_.begin.use();
    status = statement.ok() ? statement->run() : statement.error();
  }
  if (!status.ok()) end_transaction();
  return status;
}

base::Status SqliteStorage::commit() {
  SYNC_CHECK(in_transaction_, "commit() without begin()");
  SYNC_TRY(check_writable());
  SYNC_TRY(write_all_verdicts());
  if (version_ != version_at_begin_) {
    SYNC_ASSIGN(auto statement, kept_.put_version.use());
    SYNC_TRY(statement.bind(version_).run());
  }
  SYNC_ASSIGN(auto statement, kept_.commit.use());
  SYNC_TRY(statement.run());
  if (version_ != version_at_begin_) note_.write({epoch_, version_});
  end_transaction();
  return {};
}

void SqliteStorage::rollback() {
  SYNC_CHECK(in_transaction_, "rollback() without begin()");
  // Some failures (disk full) have already rolled it back.
  if (connection_->in_transaction()) static_cast<void>(run("ROLLBACK"));
  note_refusal();
  version_ = version_at_begin_;
  rows_.roll_back();
  end_transaction();
}

void SqliteStorage::end_transaction() {
  rows_.commit();
  verdict_runs_.clear();
  unlogged_.clear();
  in_transaction_ = false;
  connection_->unlock();
  write_mutex_.unlock();
}

// SQLite ends a transaction by itself when the disk refuses a write, whoever asked for it: what comes after would be
// committed for itself, statement by statement.
base::Status SqliteStorage::check_writable() {
  if (in_transaction_) {
    if (connection_->in_transaction()) return {};
    return base::Error(base::Code::storage_failed, "The transaction was rolled back.");
  }
  if (!health_.is_refusing()) return {};
  base::Status tried = try_to_write();
  if (tried.ok()) health_.written();
  return tried;
}

base::Status SqliteStorage::try_to_write() {
  base::Status tried = connection_->exec(kProbe);
  if (tried.ok()) {
    connection_->write_ahead();
    tried = connection_->exec(kProbeEnd);
  }
  if (!tried.ok() && connection_->in_transaction()) static_cast<void>(run("ROLLBACK"));
  static_cast<void>(connection_->take_disk_error());  // known already
  return tried;
}

void SqliteStorage::note_refusal() {
  if (const auto error = connection_->take_disk_error()) health_.refused(*error);
}

base::Status SqliteStorage::savepoint() {
  SYNC_TRY(check_writable());
  SYNC_TRY(write_all_verdicts());  // none of them is the savepoint's
  version_at_savepoint_ = version_;
  return run("SAVEPOINT mutation");
}

base::Status SqliteStorage::release() { return run("RELEASE mutation"); }

void SqliteStorage::rollback_to_savepoint() {
  // If this fails the transaction is gone as a whole, and the next write says so.
  static_cast<void>(run("ROLLBACK TO mutation"));
  static_cast<void>(run("RELEASE mutation"));
  version_ = version_at_savepoint_;
  verdict_runs_.clear();
  unlogged_.clear();
  rows_.roll_back();
}

// ---- rows

base::Status SqliteStorage::apply(const model::Change& change) {
  SYNC_CHECK(in_transaction_, "apply() without begin()");
  SYNC_TRY(check_writable());
  unlogged_.try_emplace({change.collection().id(), change.id()},
                        change.before ? std::optional(change.before.version()) : std::nullopt);
  switch (change.kind) {
    case model::ChangeKind::insert: return insert_row(change.after);
    case model::ChangeKind::update: return update_row(change.before, change.after);
    case model::ChangeKind::remove: return remove_row(change.before);
  }
  return {};
}

base::Status SqliteStorage::insert_row(const model::Record& row) {
  const model::Collection& collection = row.collection();
  auto found = inserts_.find(collection.id());
  if (found == inserts_.end()) {
    found = inserts_.try_emplace(collection.id(), *connection_, sql_text::insert(collection)).first;
  }
  SYNC_ASSIGN(auto statement, found->second.use());
  statement.bind(row.id()).bind(row.version());
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot)
    bind_field(statement, collection.field_at_slot(slot).spec, row);
  SYNC_TRY(statement.run());
  rows_.put(row);
  return {};
}

KeptStatement& SqliteStorage::update_statement(const model::Collection& collection,
                                               const std::vector<std::uint16_t>& slots) {
  const auto found = std::find_if(updates_.begin(), updates_.end(), [&](const KeptUpdate& update) {
    return update.collection == collection.id() && update.slots == slots;
  });
  if (found != updates_.end()) {
    updates_.splice(updates_.begin(), updates_, found);
  } else {
    updates_.emplace_front(collection.id(), slots, *connection_,
                           sql_text::update(collection, slots));
    if (updates_.size() > kKeptUpdatesMax) updates_.pop_back();
  }
  return updates_.front().statement;
}

base::Status SqliteStorage::update_row(const model::Record& before, const model::Record& after) {
  const model::Collection& collection = after.collection();
  std::vector<std::uint16_t> slots;
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot) {
    if (!same_content(before, after, collection.field_at_slot(slot).spec)) slots.push_back(slot);
  }
  SYNC_ASSIGN(auto statement, update_statement(collection, slots).use());
  statement.bind(after.version());
  for (const std::uint16_t slot : slots)
    bind_field(statement, collection.field_at_slot(slot).spec, after);
  SYNC_TRY(statement.bind(after.id()).run());
  if (connection_->changes() != 1)
    return base::Error(base::Code::storage_failed, "The row to update is not there.");
  rows_.put(after);
  return {};
}

base::Status SqliteStorage::remove_row(const model::Record& row) {
  SYNC_ASSIGN(auto statement, connection_->prepare(sql_text::remove(row.collection())));
  SYNC_TRY(statement.bind(row.id()).run());
  if (connection_->changes() != 1)
    return base::Error(base::Code::storage_failed, "The row to remove is not there.");
  rows_.erase(row.collection().id(), row.id());
  return {};
}

}  // namespace syncline::server::storage
