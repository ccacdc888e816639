// The other half of SqliteStorage: commit log, ledger, kept answers.
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
  SYNC_ASSIGN(auto statement,
              connection_->prepare(
                  "INSERT INTO syncline_log (version, at, user, client, sequence, mutator, "
                  "events) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  statement.bind(entry.version).bind(entry.at.ms).bind(entry.user).bind(entry.mutation.client);
  statement.bind(entry.mutation.sequence).bind(std::string_view(entry.mutator));
  SYNC_TRY(statement.bind(base::ByteView(encode_events(entry.changes.events))).run());
  for (std::size_t i = 0; i < entry.changes.changes.size(); ++i) {
    SYNC_TRY(append_change(entry.version, i, entry.changes.changes[i]));
  }
  version_ = entry.version;
  return {};
}

base::Status SqliteStorage::append_change(model::Version version, std::size_t position,
                                          const model::Change& change) {
  SYNC_ASSIGN(auto statement,
              connection_->prepare(
                  "INSERT INTO syncline_log_changes (version, position, collection, record, "
                  "kind, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  const ChangeImages images = encode_change(change);
  statement.bind(version)
      .bind(std::uint64_t{position})
      .bind(std::int64_t{change.collection().id()});
  statement.bind(change.id()).bind(static_cast<std::int64_t>(change.kind));
  return statement.bind(base::ByteView(images.before)).bind(base::ByteView(images.after)).run();
}

base::Status SqliteStorage::read_log(model::Version after, std::uint32_t limit,
                                     const std::function<bool(const authority::LogEntry&)>& visit) {
  return storage::read_log(*connection_, schema_, after, limit, visit);
}

base::Result<std::vector<authority::RecordWrite>> SqliteStorage::writes_after(
    model::CollectionId collection, const base::Id& record, model::Version after) {
  return read_writes_after(*connection_, schema_.collection(collection), record, after);
}

base::Result<std::optional<authority::ClientState>> SqliteStorage::client(const base::Id& client) {
  SYNC_ASSIGN(auto statement, connection_->prepare("SELECT last_sequence, user, last_contact "
                                                   "FROM syncline_clients WHERE client = ?"));
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
  SYNC_ASSIGN(
      auto statement,
      connection_->prepare("INSERT OR REPLACE INTO syncline_clients (client, last_sequence, user, "
                           "last_contact) VALUES (?, ?, ?, ?)"));
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
  SYNC_ASSIGN(auto insert, connection_->prepare("INSERT OR REPLACE INTO syncline_verdicts "
                                                "(client, sequence, verdict) VALUES (?, ?, ?)"));
  SYNC_TRY(insert.bind(mutation.client).bind(mutation.sequence).bind(verdict).run());
  if (mutation.sequence <= authority::kVerdictsKept) return {};
  SYNC_ASSIGN(auto drop, connection_->prepare("DELETE FROM syncline_verdicts "
                                              "WHERE client = ? AND sequence <= ?"));
  return drop.bind(mutation.client).bind(mutation.sequence - authority::kVerdictsKept).run();
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
