#include "server/storage/sqlite_reader.hpp"

#include <chrono>
#include <utility>

#include "server/storage/log_reader.hpp"
#include "server/storage/migrations.hpp"
#include "syncline/authority/source_reader.hpp"
#include "syncline/ivm/relations.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::server::storage {

namespace {

constexpr std::int64_t kSnapshotMsMax = 2'000;  // SEMANTICS 14
constexpr std::chrono::seconds kWaitForReader{2};

}  // namespace

struct ReadSnapshot::Reader {
  Reader(std::unique_ptr<Connection> opened, const model::Schema& schema)
      : connection(std::move(opened)),
        sources(*connection, schema),
        planner(*connection, schema, sources, version) {}

  std::unique_ptr<Connection> connection;
  SqliteSources sources;
  model::Version version = 0;  // of the snapshot that is lent out
  SqlitePlanner planner;
};

base::Status ReadSnapshot::begin() {
  SYNC_TRY(reader_->connection->exec("BEGIN"));
  reader_->connection->limit_time(kSnapshotMsMax);
  // The first read fixes the snapshot.
  SYNC_ASSIGN(const Meta meta, read_meta(*reader_->connection));
  reader_->version = meta.version;
  epoch_ = meta.epoch;
  return {};
}

ReadSnapshot::ReadSnapshot(ReaderPool& pool, std::unique_ptr<Reader> reader)
    : pool_(pool), reader_(std::move(reader)) {}

ReadSnapshot::~ReadSnapshot() {
  reader_->connection->limit_time(0);
  static_cast<void>(reader_->connection->exec("ROLLBACK"));
  pool_.give_back(std::move(reader_));
}

ivm::SourceProvider& ReadSnapshot::sources() { return reader_->sources; }
authority::Planner& ReadSnapshot::planner() { return reader_->planner; }
model::Version ReadSnapshot::version() const { return reader_->version; }

base::Result<mutation::Lookup> ReadSnapshot::get(model::CollectionId collection,
                                                 const base::Id& id) {
  return authority::SourceReader(reader_->sources).get(collection, id);
}

base::Result<mutation::FindResult> ReadSnapshot::find(const query::Query& query) {
  return authority::SourceReader(reader_->sources).find(query);
}

base::Result<std::uint64_t> ReadSnapshot::count(const query::Query& query) {
  SqliteSource& source = reader_->sources.source(query.collection);
  if (!query::has_relations(query.where) || source.answers(query.where))
    return source.count(query.where);
  std::uint64_t rows = 0;
  ivm::FetchRequest request;
  request.where = query.where;
  SYNC_TRY(ivm::read(reader_->sources, query.collection, request, [&rows](const model::Record&) {
    ++rows;
    return true;
  }));
  return rows;
}

base::Result<std::vector<ivm::AggregateRow>> ReadSnapshot::aggregate(const query::Query& query) {
  SYNC_CHECK(query.aggregate.has_value(), "aggregate() of a query without aggregate");
  if (auto rows = reader_->sources.source(query.collection).aggregate(query)) {
    return std::move(*rows);
  }
  // The live query's own operators: what SQL cannot tell, and the very error of what cannot be told.
  ivm::Pipeline pipeline(pool_.schema_, query, reader_->sources);
  ivm::ResultDelta result;
  SYNC_TRY(pipeline.hydrate(result));
  std::vector<ivm::AggregateRow> rows;
  for (ivm::GroupDelta& group : result.groups) rows.push_back(std::move(group.row));
  return rows;
}

base::Status ReadSnapshot::read_log(model::Version after, std::uint32_t limit,
                                    const std::function<bool(const authority::LogEntry&)>& visit) {
  return storage::read_log(*reader_->connection, pool_.schema_, after, limit, visit);
}

// ---- the pool

base::Result<std::unique_ptr<ReaderPool>> ReaderPool::open(const std::string& path,
                                                           const model::Schema& schema,
                                                           std::size_t connections) {
  std::unique_ptr<ReaderPool> pool(new ReaderPool(schema));
  for (std::size_t i = 0; i < connections; ++i) {
    SYNC_ASSIGN(auto connection, Connection::open(path, Connection::Mode::read));
    SYNC_TRY(connection->exec(
        "PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384;"));
    pool->free_.push_back(std::make_unique<ReadSnapshot::Reader>(std::move(connection), schema));
  }
  return pool;
}

ReaderPool::ReaderPool(const model::Schema& schema) : schema_(schema) {}

ReaderPool::~ReaderPool() = default;

base::Result<std::unique_ptr<ReadSnapshot>> ReaderPool::snapshot() {
  std::unique_lock lock(mutex_);
  if (!freed_.wait_for(lock, kWaitForReader, [this] { return !free_.empty(); })) {
    return base::Error(base::Code::unavailable, "Too many reads at once; try again.");
  }
  std::unique_ptr<ReadSnapshot::Reader> reader = std::move(free_.back());
  free_.pop_back();
  lock.unlock();
  std::unique_ptr<ReadSnapshot> snapshot(new ReadSnapshot(*this, std::move(reader)));
  SYNC_TRY(snapshot->begin());
  return snapshot;
}

void ReaderPool::give_back(std::unique_ptr<ReadSnapshot::Reader> reader) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(reader));
  }
  freed_.notify_one();
}

}  // namespace syncline::server::storage
