#include "server/storage/log_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "server/storage/image.hpp"
#include "server/storage/sql_text.hpp"

namespace syncline::server::storage {

namespace {

constexpr auto kNewest = static_cast<model::Version>(std::numeric_limits<std::int64_t>::max());

base::Status read_changes(base::ByteView bytes, const model::Schema& schema,
                          authority::LogEntry& entry) {
  SYNC_ASSIGN(const auto changes, split_changes(bytes));
  for (const ChangeImages& images : changes) {
    const auto* collection = schema.find(images.collection);
    if (collection == nullptr) continue;
    SYNC_ASSIGN(auto change, decode_change(*collection, images));
    entry.changes.changes.push_back(std::move(change));
  }
  return {};
}

// 0: the record was not removed before this version.
base::Result<model::Version> last_removal(Connection& connection, model::CollectionId collection,
                                          const base::Id& record, model::Version before) {
  SYNC_ASSIGN(auto rows,
              connection.prepare("SELECT max(version) FROM syncline_removals WHERE collection = ? "
                                 "AND record = ? AND version < ?"));
  SYNC_ASSIGN(const bool row, rows.bind(std::int64_t{collection}).bind(record).bind(before).step());
  return row ? rows.natural(0) : model::Version{0};
}

// A row's version is that of its last write.
base::Result<model::Version> last_write(Connection& connection, const model::Collection& collection,
                                        const base::Id& record) {
  {
    SYNC_ASSIGN(auto rows, connection.prepare("SELECT \"version\" FROM " +
                                              sql_text::table(collection) + " WHERE \"id\" = ?"));
    SYNC_ASSIGN(const bool row, rows.bind(record).step());
    if (row) return rows.natural(0);
  }
  return last_removal(connection, collection.id(), record, kNewest);
}

// What the commit of this version did to the record. Gives the version of the write before it; 0: none is known.
base::Result<model::Version> read_write(Connection& connection, const model::Collection& collection,
                                        const base::Id& record, model::Version version,
                                        std::vector<authority::RecordWrite>& writes) {
  SYNC_ASSIGN(
      auto rows,
      connection.prepare("SELECT at, user, client, changes FROM syncline_log WHERE version = ?"));
  SYNC_ASSIGN(const bool row, rows.bind(version).step());
  if (!row) return model::Version{0};
  SYNC_ASSIGN(const auto changes, split_changes(rows.blob(3)));
  const auto found = std::find_if(changes.begin(), changes.end(), [&](const ChangeImages& images) {
    return images.collection == collection.id() && images.record == record;
  });
  if (found == changes.end()) return model::Version{0};
  authority::RecordWrite write;
  write.version = version;
  write.at = {rows.integer(0)};
  write.user = rows.id(1);
  write.client = rows.id(2);
  SYNC_ASSIGN(write.change, decode_change(collection, *found));
  writes.push_back(std::move(write));
  const model::Record& before = writes.back().change.before;
  if (!before) return last_removal(connection, collection.id(), record, version);
  return before.version();
}

}  // namespace

base::Status read_log(Connection& connection, const model::Schema& schema, model::Version after,
                      std::uint32_t limit,
                      const std::function<bool(const authority::LogEntry&)>& visit) {
  SYNC_ASSIGN(auto rows, connection.prepare(
                             "SELECT version, at, user, client, sequence, mutator, events, changes "
                             "FROM syncline_log WHERE version > ? ORDER BY version LIMIT ?"));
  rows.bind(after).bind(limit == 0 ? std::int64_t{-1} : std::int64_t{limit});
  for (;;) {
    SYNC_ASSIGN(const bool row, rows.step());
    if (!row) return {};
    authority::LogEntry entry;
    entry.version = rows.natural(0);
    entry.at = {rows.integer(1)};
    entry.user = rows.id(2);
    entry.mutation = {rows.id(3), rows.natural(4)};
    entry.mutator = rows.text(5);
    SYNC_ASSIGN(entry.changes.events, decode_events(rows.blob(6)));
    SYNC_TRY(read_changes(rows.blob(7), schema, entry));
    if (!visit(entry)) return {};
  }
}

base::Result<std::vector<authority::RecordWrite>> read_writes_after(
    Connection& connection, const model::Collection& collection, const base::Id& record,
    model::Version after) {
  SYNC_ASSIGN(const model::Version last, last_write(connection, collection, record));
  return read_writes_between(connection, collection, record, after, last);
}

base::Result<model::Version> last_removal(Connection& connection, model::CollectionId collection,
                                          const base::Id& record) {
  return last_removal(connection, collection, record, kNewest);
}

base::Result<std::vector<authority::RecordWrite>> read_writes_between(
    Connection& connection, const model::Collection& collection, const base::Id& record,
    model::Version after, model::Version last) {
  std::vector<authority::RecordWrite> writes;
  model::Version version = last;
  while (version > after) {
    SYNC_ASSIGN(const model::Version earlier,
                read_write(connection, collection, record, version, writes));
    if (earlier >= version)
      return base::Error(base::Code::storage_failed, "The commit log goes round in a circle.");
    version = earlier;
  }
  std::reverse(writes.begin(), writes.end());
  return writes;
}

}  // namespace syncline::server::storage
