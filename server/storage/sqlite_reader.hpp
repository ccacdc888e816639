// Reads beside the engine (SEMANTICS 14): a pool of read-only connections, each lent out as a ReadSnapshot, a consistent
// state of the database at one version. Statements of a snapshot are interrupted 2 s after it was taken, so that no reader
// holds the WAL back.
//
// Thread rule: ReaderPool is thread-safe; a ReadSnapshot belongs to one thread at a time. The pool outlives its snapshots.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/storage/sqlite_planner.hpp"
#include "server/storage/sqlite_source.hpp"
#include "syncline/authority/storage.hpp"
#include "syncline/ivm/pipeline.hpp"
#include "syncline/mutation/reader.hpp"

namespace syncline::server::storage {

class ReaderPool;

class ReadSnapshot final : public mutation::Reader {
 public:
  ~ReadSnapshot() override;
  ReadSnapshot(const ReadSnapshot&) = delete;

  [[nodiscard]] model::Version version() const;
  [[nodiscard]] base::Id epoch() const { return epoch_; }
  [[nodiscard]] ivm::SourceProvider& sources();
  [[nodiscard]] authority::Planner& planner();

  // mutation::Reader: one record, or the rows of a query without aggregate and includes.
  [[nodiscard]] base::Result<mutation::Lookup> get(model::CollectionId collection,
                                                   const base::Id& id) override;
  [[nodiscard]] base::Result<mutation::FindResult> find(const query::Query& query) override;
  // Matching rows, without limit and after. Errors: storage_failed.
  [[nodiscard]] base::Result<std::uint64_t> count(const query::Query& query);
  // Count and sums by group. REQUIRES: query.aggregate. Errors: storage_failed.
  [[nodiscard]] base::Result<std::vector<ivm::AggregateRow>> aggregate(const query::Query& query);
  // Log entries after a version, ascending.
  [[nodiscard]] base::Status read_log(model::Version after, std::uint32_t limit,
                                      const std::function<bool(const authority::LogEntry&)>& visit);

 private:
  friend class ReaderPool;
  struct Reader;  // a connection of the pool and its sources
  ReadSnapshot(ReaderPool& pool, std::unique_ptr<Reader> reader);
  [[nodiscard]] base::Status begin();

  ReaderPool& pool_;
  std::unique_ptr<Reader> reader_;
  base::Id epoch_;
};

class ReaderPool {
 public:
  // REQUIRES: the file was opened by SqliteStorage before; `schema` outlives the pool. Errors: storage_failed.
  [[nodiscard]] static base::Result<std::unique_ptr<ReaderPool>> open(const std::string& path,
                                                                      const model::Schema& schema,
                                                                      std::size_t connections);
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;

  // Waits up to 2 s for a free connection. Errors: unavailable (all are busy), storage_failed.
  [[nodiscard]] base::Result<std::unique_ptr<ReadSnapshot>> snapshot();

 private:
  friend class ReadSnapshot;
  explicit ReaderPool(const model::Schema& schema);
  void give_back(std::unique_ptr<ReadSnapshot::Reader> reader);

  const model::Schema& schema_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<ReadSnapshot::Reader>> free_;
};

}  // namespace syncline::server::storage
