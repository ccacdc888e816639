// SqliteStorage: authority::Storage on one SQLite file: tables of the schema, the commit log, the ledger. WAL with
// synchronous=FULL. It owns the only connection that writes and checkpoints (TOOLCHAIN, native: two would risk the file).
//
// Thread rule: one thread (the engine's), with one exception: AuthStore uses the same connection from other threads while
// it holds write_mutex(). A transaction holds that mutex from begin() to commit() or rollback(). Rows are written by apply()
// alone: rows_ knows them without asking.
//
// When the disk takes no writes, each transaction first tries whether it does again: no mutation is run, and no live query
// disturbed, for a commit that must fail.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/storage/file_lock.hpp"
#include "server/storage/history_note.hpp"
#include "server/storage/row_cache.hpp"
#include "server/storage/sqlite_planner.hpp"
#include "server/storage/sqlite_source.hpp"
#include "server/storage/write_health.hpp"
#include "syncline/authority/storage.hpp"

namespace syncline::server::storage {

class SqliteStorage final : public authority::Storage {
 public:
  // Opens or creates the file (mode 0600), takes the lock, migrates. REQUIRES: `schema` outlives the storage.
  // Errors: unavailable (another process writes), storage_failed.
  [[nodiscard]] static base::Result<std::unique_ptr<SqliteStorage>> open(
      const std::string& path, const model::Schema& schema);
  ~SqliteStorage() override;

  [[nodiscard]] base::Id epoch() const override { return epoch_; }
  [[nodiscard]] model::Version version() const override { return version_; }
  [[nodiscard]] ivm::SourceProvider& sources() override { return sources_; }
  [[nodiscard]] authority::Planner& planner() override { return planner_; }

  [[nodiscard]] base::Status begin() override;
  [[nodiscard]] base::Status commit() override;
  void rollback() override;
  [[nodiscard]] base::Status savepoint() override;
  [[nodiscard]] base::Status release() override;
  void rollback_to_savepoint() override;

  [[nodiscard]] base::Status apply(const model::Change& change) override;
  [[nodiscard]] base::Status append(const authority::LogEntry& entry) override;
  [[nodiscard]] base::Status read_log(
      model::Version after, std::uint32_t limit,
      const std::function<bool(const authority::LogEntry&)>& visit) override;
  [[nodiscard]] base::Result<std::vector<authority::RecordWrite>> writes_after(
      model::CollectionId collection, const base::Id& record, model::Version after) override;

  [[nodiscard]] base::Result<std::optional<authority::ClientState>> client(
      const base::Id& client) override;
  [[nodiscard]] base::Status put_client(const base::Id& client,
                                        const authority::ClientState& state) override;
  [[nodiscard]] base::Result<std::optional<base::Bytes>> verdict(
      const model::MutationId& mutation) override;
  [[nodiscard]] base::Status put_verdict(const model::MutationId& mutation,
                                         base::ByteView verdict) override;
  [[nodiscard]] base::Result<std::optional<authority::KeptAnswer>> kept_answer(
      const base::Id& user, const std::string& key) override;
  [[nodiscard]] base::Status keep_answer(const base::Id& user, const std::string& key,
                                         const authority::KeptAnswer& answer) override;

  [[nodiscard]] const std::string& path() const { return path_; }
  // For AuthStore only.
  [[nodiscard]] std::recursive_mutex& write_mutex() { return write_mutex_; }
  [[nodiscard]] Connection& connection() { return *connection_; }
  [[nodiscard]] WriteHealth& health() { return health_; }
  // Can something be written, as far as is known; if the last attempt was refused it is tried. REQUIRES: write_mutex() is
  // held; a transaction of the engine's that is under way must still be one. Errors: storage_failed.
  [[nodiscard]] base::Status check_writable();
  // Takes note of what the disk has refused. REQUIRES: write_mutex() is held.
  void note_refusal();

 private:
  SqliteStorage(std::string path, const model::Schema& schema, FileLock lock,
                std::unique_ptr<Connection> connection, HistoryNote note);
  // What runs for every mutation.
  struct Kept {
    explicit Kept(Connection& connection);
    KeptStatement begin, commit, put_version;
    KeptStatement append, put_removal;
    KeptStatement client, put_client, put_verdicts, drop_verdicts;
  };
  struct KeptUpdate {
    KeptUpdate(model::CollectionId of, std::vector<std::uint16_t> changed, Connection& connection,
               std::string sql)
        : collection(of), slots(std::move(changed)), statement(connection, std::move(sql)) {}
    const model::CollectionId collection;
    const std::vector<std::uint16_t> slots;
    KeptStatement statement;
  };
  static constexpr std::size_t kKeptUpdatesMax = 64;
  // A client's verdicts of this transaction, one sequence after the other, as one row will hold them.
  struct VerdictRun {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    base::Bytes verdicts;
  };

  [[nodiscard]] base::Status insert_row(const model::Record& row);
  [[nodiscard]] base::Status update_row(const model::Record& before, const model::Record& after);
  [[nodiscard]] base::Status remove_row(const model::Record& row);
  [[nodiscard]] KeptStatement& update_statement(const model::Collection& collection,
                                                const std::vector<std::uint16_t>& slots);
  [[nodiscard]] base::Status write_verdicts(const base::Id& client, const VerdictRun& run);
  [[nodiscard]] base::Status write_all_verdicts();
  [[nodiscard]] base::Status run(const char* sql);
  void end_transaction();
  [[nodiscard]] base::Status try_to_write();
  [[nodiscard]] base::Status forget_old_clients(base::Timestamp now);

  const std::string path_;
  const model::Schema& schema_;
  FileLock lock_;
  std::unique_ptr<Connection> connection_;
  RowCache rows_;
  SqliteSources sources_;
  SqlitePlanner planner_;
  Kept kept_;
  std::unordered_map<model::CollectionId, KeptStatement> inserts_;
  std::list<KeptUpdate> updates_;  // most recently used first
  // Of this transaction; written at its end.
  std::unordered_map<base::Id, VerdictRun, base::IdHash> verdict_runs_;
  // Records that were written since the last append(), each with the version as which it is logged last; none: it was not there.
  // Whoever judges the parts of an atomic array, one after the other, would find no log of its row's version.
  std::map<std::pair<model::CollectionId, base::Id>, std::optional<model::Version>> unlogged_;
  base::Bytes changes_;  // of the commit that is being appended; keeps its room
  HistoryNote note_;
  base::Id epoch_;
  model::Version version_ = 0;
  model::Version version_at_begin_ = 0;
  model::Version version_at_savepoint_ = 0;
  bool in_transaction_ = false;
  WriteHealth health_;
  std::recursive_mutex write_mutex_;
};

}  // namespace syncline::server::storage
