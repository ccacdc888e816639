#include "server/storage/log_reader.hpp"

#include <utility>

#include "server/storage/image.hpp"

namespace syncline::server::storage {

namespace {

base::Status read_changes(Connection& connection, const model::Schema& schema,
                          authority::LogEntry& entry) {
  SYNC_ASSIGN(auto rows,
              connection.prepare("SELECT collection, record, kind, before, after "
                                 "FROM syncline_log_changes WHERE version = ? ORDER BY position"));
  rows.bind(entry.version);
  for (;;) {
    SYNC_ASSIGN(const bool row, rows.step());
    if (!row) return {};
    const auto* collection = schema.find(static_cast<model::CollectionId>(rows.integer(0)));
    if (collection == nullptr) continue;
    SYNC_ASSIGN(auto change, decode_change(*collection, rows.id(1),
                                           static_cast<model::ChangeKind>(rows.integer(2)),
                                           rows.blob(3), rows.blob(4)));
    entry.changes.changes.push_back(std::move(change));
  }
}

}  // namespace

base::Status read_log(Connection& connection, const model::Schema& schema, model::Version after,
                      std::uint32_t limit,
                      const std::function<bool(const authority::LogEntry&)>& visit) {
  SYNC_ASSIGN(auto rows,
              connection.prepare("SELECT version, at, user, client, sequence, mutator, events "
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
    SYNC_TRY(read_changes(connection, schema, entry));
    if (!visit(entry)) return {};
  }
}

base::Result<std::vector<authority::RecordWrite>> read_writes_after(
    Connection& connection, const model::Collection& collection, const base::Id& record,
    model::Version after) {
  SYNC_ASSIGN(
      auto rows,
      connection.prepare("SELECT c.version, l.at, l.user, l.client, c.kind, c.before, c.after "
                         "FROM syncline_log_changes c JOIN syncline_log l ON l.version = c.version "
                         "WHERE c.collection = ? AND c.record = ? AND c.version > ? "
                         "ORDER BY c.version, c.position"));
  rows.bind(std::int64_t{collection.id()}).bind(record).bind(after);
  std::vector<authority::RecordWrite> writes;
  for (;;) {
    SYNC_ASSIGN(const bool row, rows.step());
    if (!row) return writes;
    authority::RecordWrite write;
    write.version = rows.natural(0);
    write.at = {rows.integer(1)};
    write.user = rows.id(2);
    write.client = rows.id(3);
    SYNC_ASSIGN(write.change,
                decode_change(collection, record, static_cast<model::ChangeKind>(rows.integer(4)),
                              rows.blob(5), rows.blob(6)));
    writes.push_back(std::move(write));
  }
}

}  // namespace syncline::server::storage
