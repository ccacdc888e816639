// The other half of SqliteStorage: commit log, ledger, kept answers.
#include <algorithm>

#include "server/storage/image.hpp"
#include "server/storage/log_reader.hpp"
#include "server/storage/sqlite_storage.hpp"

namespace syncline::server::storage {

namespace {

constexpr std::int64_t kAnswersKeptMs =
    std::int64_t{24} * 3'600 * 1'000;  // API.md: idempotency keys live 24 h
constexpr std::int64_t kLedgerKeptMs = std::int64_t{90} * 24 * 3'600 * 1'000;  // SEMANTICS 8

}  // namespace

base::Status SqliteStorage::append(const authority::LogEntry& entry) {
  SYNC_CHECK(entry.version == version_ + 1, "the log takes one version after the other");
  SYNC_TRY(check_writable());
  const base::Bytes events = encode_events(entry.changes.events);
  {
    SYNC_ASSIGN(auto statement, kept_.append.use());
    statement.bind(entry.version).bind(entry.at.ms);
    statement.bind_in_place(entry.user.bytes).bind_in_place(entry.mutation.client.bytes);
    statement.bind(entry.mutation.sequence).bind_in_place(std::string_view(entry.mutator));
    SYNC_TRY(statement.bind_in_place(base::ByteView(events)).run());
  }
  for (std::size_t i = 0; i < entry.changes.changes.size(); ++i) {
    SYNC_TRY(append_change(entry.version, i, entry.changes.changes[i]));
  }
  version_ = entry.version;
  return {};
}

base::Status SqliteStorage::append_change(model::Version version, std::size_t position,
                                          const model::Change& change) {
  const ChangeImages images = encode_change(change);
  const base::Id record = change.id();
  SYNC_ASSIGN(auto statement, kept_.append_change.use());
  statement.bind(version)
      .bind(std::uint64_t{position})
      .bind(std::int64_t{change.collection().id()});
  statement.bind_in_place(record.bytes).bind(static_cast<std::int64_t>(change.kind));
  statement.bind_in_place(base::ByteView(images.before));
  return statement.bind_in_place(base::ByteView(images.after)).run();
}

base::Status SqliteStorage::read_log(model::Version after, std::uint32_t limit,
                                     const std::function<bool(const authority::LogEntry&)>& visit) {
  return storage::read_log(*connection_, schema_, after, limit, visit);
}

base::Result<std::vector<authority::RecordWrite>> SqliteStorage::writes_after(
    model::CollectionId collection, const base::Id& record, model::Version after) {
  // A row's version is that of its last write.
  if (const model::Record row = rows_.find(collection, record); row && row.version() <= after)
    return std::vector<authority::RecordWrite>();
  return read_writes_after(*connection_, schema_.collection(collection), record, after);
}

base::Result<std::optional<authority::ClientState>> SqliteStorage::client(const base::Id& client) {
  SYNC_ASSIGN(auto statement, kept_.client.use());
  SYNC_ASSIGN(const bool row, statement.bind(client).step());
  if (!row) return std::optional<authority::ClientState>();
  authority::ClientState state;
  state.last_sequence = statement.natural(0);
  state.user = statement.id(1);
  state.last_contact = {statement.integer(2)};
  return std::optional(state);
}

base::Status SqliteStorage::put_client(const base::Id& client,
                                       const authority::ClientState& state) {
  SYNC_TRY(check_writable());
  SYNC_ASSIGN(auto statement, kept_.put_client.use());
  return statement.bind(client)
      .bind(state.last_sequence)
      .bind(state.user)
      .bind(state.last_contact.ms)
      .run();
}

base::Result<std::optional<base::Bytes>> SqliteStorage::verdict(const model::MutationId& mutation) {
  SYNC_ASSIGN(auto statement, connection_->prepare("SELECT verdict FROM syncline_verdicts "
                                                   "WHERE client = ? AND sequence = ?"));
  SYNC_ASSIGN(const bool row, statement.bind(mutation.client).bind(mutation.sequence).step());
  if (!row) return std::optional<base::Bytes>();
  const base::ByteView bytes = statement.blob(0);
  return std::optional(base::Bytes(bytes.begin(), bytes.end()));
}

base::Status SqliteStorage::put_verdict(const model::MutationId& mutation, base::ByteView verdict) {
  SYNC_TRY(check_writable());
  if (mutation.sequence > authority::kVerdictsKept) {
    std::uint64_t& newest = full_ledgers_[mutation.client];
    newest = std::max(newest, mutation.sequence);
  }
  SYNC_ASSIGN(auto insert, kept_.put_verdict.use());
  insert.bind_in_place(mutation.client.bytes).bind(mutation.sequence);
  return insert.bind_in_place(verdict).run();
}

base::Status SqliteStorage::drop_old_verdicts() {
  for (const auto& [client, newest] : full_ledgers_) {
    SYNC_ASSIGN(auto drop, kept_.drop_verdicts.use());
    SYNC_TRY(drop.bind(client).bind(newest - authority::kVerdictsKept).run());
  }
  return {};
}

base::Result<std::optional<authority::KeptAnswer>> SqliteStorage::kept_answer(
    const base::Id& user, const std::string& key) {
  SYNC_ASSIGN(auto statement,
              connection_->prepare("SELECT body_hash, answer, at FROM syncline_answers "
                                   "WHERE user = ? AND key = ?"));
  SYNC_ASSIGN(const bool row, statement.bind(user).bind(std::string_view(key)).step());
  if (!row) return std::optional<authority::KeptAnswer>();
  const base::ByteView bytes = statement.blob(1);
  authority::KeptAnswer answer;
  answer.body_hash = statement.natural(0);
  answer.answer.assign(bytes.begin(), bytes.end());
  answer.at = {statement.integer(2)};
  return std::optional(std::move(answer));
}

base::Status SqliteStorage::keep_answer(const base::Id& user, const std::string& key,
                                        const authority::KeptAnswer& answer) {
  SYNC_TRY(check_writable());
  SYNC_ASSIGN(auto insert,
              connection_->prepare(
                  "INSERT OR REPLACE INTO syncline_answers (user, key, body_hash, answer, at) "
                  "VALUES (?, ?, ?, ?, ?)"));
  insert.bind(user).bind(std::string_view(key)).bind(answer.body_hash);
  SYNC_TRY(insert.bind(base::ByteView(answer.answer)).bind(answer.at.ms).run());
  SYNC_ASSIGN(auto drop, connection_->prepare("DELETE FROM syncline_answers WHERE at < ?"));
  return drop.bind(answer.at.ms - kAnswersKeptMs).run();
}

base::Status SqliteStorage::forget_old_clients(base::Timestamp now) {
  const std::int64_t before = now.ms - kLedgerKeptMs;
  SYNC_ASSIGN(auto verdicts,
              connection_->prepare("DELETE FROM syncline_verdicts WHERE client IN "
                                   "(SELECT client FROM syncline_clients WHERE last_contact < ?)"));
  SYNC_TRY(verdicts.bind(before).run());
  SYNC_ASSIGN(auto clients,
              connection_->prepare("DELETE FROM syncline_clients WHERE last_contact < ?"));
  return clients.bind(before).run();
}

}  // namespace syncline::server::storage
