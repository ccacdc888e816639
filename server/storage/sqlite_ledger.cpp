// The other half of SqliteStorage: commit log, ledger, kept answers.
#include <algorithm>

#include "server/storage/image.hpp"
#include "server/storage/log_reader.hpp"
#include "server/storage/sqlite_storage.hpp"

namespace syncline::server::storage {

namespace {

constexpr std::int64_t kAnswersKeptMs =
    std::int64_t{24} * 3'600 * 1'000;  // API.md: idempotency keys live 24 h

using VerdictSize = std::uint32_t;

// The one with this index in a run; nothing when it is too far behind the newest.
std::optional<base::Bytes> verdict_of(base::ByteView run, std::uint64_t index,
                                      std::uint64_t behind) {
  if (behind >= authority::kVerdictsKept) return std::nullopt;
  while (run.size() >= sizeof(VerdictSize)) {
    const auto size = base::load_le<VerdictSize>(run.data());
    run = run.subspan(sizeof(VerdictSize));
    if (size > run.size()) return std::nullopt;
    if (index == 0) return base::Bytes(run.begin(), run.begin() + size);
    run = run.subspan(size);
    --index;
  }
  return std::nullopt;
}

}  // namespace

base::Status SqliteStorage::append(const authority::LogEntry& entry) {
  SYNC_CHECK(entry.version == version_ + 1, "the log takes one version after the other");
  SYNC_TRY(check_writable());
  const base::Bytes events = encode_events(entry.changes.events);
  encode_changes(entry.changes.changes, changes_);
  {
    SYNC_ASSIGN(auto statement, kept_.append.use());
    statement.bind(entry.version).bind(entry.at.ms);
    statement.bind_in_place(entry.user.bytes).bind_in_place(entry.mutation.client.bytes);
    statement.bind(entry.mutation.sequence).bind_in_place(std::string_view(entry.mutator));
    statement.bind_in_place(base::ByteView(events)).bind_in_place(base::ByteView(changes_));
    SYNC_TRY(statement.run());
  }
  for (const model::Change& change : entry.changes.changes) {
    if (change.kind != model::ChangeKind::remove) continue;
    SYNC_ASSIGN(auto statement, kept_.put_removal.use());
    statement.bind(std::int64_t{change.collection().id()}).bind(change.id());
    SYNC_TRY(statement.bind(entry.version).run());
  }
  version_ = entry.version;
  unlogged_.clear();
  return {};
}

base::Status SqliteStorage::read_log(model::Version after, std::uint32_t limit,
                                     const std::function<bool(const authority::LogEntry&)>& visit) {
  return storage::read_log(*connection_, schema_, after, limit, visit);
}

base::Result<std::vector<authority::RecordWrite>> SqliteStorage::writes_after(
    model::CollectionId collection, const base::Id& record, model::Version after) {
  if (const auto found = unlogged_.find({collection, record}); found != unlogged_.end()) {
    model::Version last = found->second.value_or(0);
    if (!found->second) {
      SYNC_ASSIGN(last, last_removal(*connection_, collection, record));
    }
    return read_writes_between(*connection_, schema_.collection(collection), record, after, last);
  }
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
  const std::uint64_t sequence = mutation.sequence;
  const auto run = verdict_runs_.find(mutation.client);
  std::uint64_t newest = 0;
  if (run != verdict_runs_.end()) {
    newest = run->second.last;
    if (sequence >= run->second.first)
      return verdict_of(run->second.verdicts, sequence - run->second.first, newest - sequence);
  }
  SYNC_ASSIGN(auto rows,
              connection_->prepare("SELECT sequence, first, verdict, (SELECT max(sequence) FROM "
                                   "syncline_verdicts WHERE client = ?1) FROM syncline_verdicts "
                                   "WHERE client = ?1 AND sequence >= ?2 "
                                   "ORDER BY sequence LIMIT 1"));
  SYNC_ASSIGN(const bool row, rows.bind(mutation.client).bind(sequence).step());
  if (!row) return std::optional<base::Bytes>();
  newest = std::max(newest, rows.natural(3));
  if (newest - sequence >= authority::kVerdictsKept) return std::optional<base::Bytes>();
  const base::ByteView bytes = rows.blob(2);
  if (!rows.is_null(1)) {
    if (sequence < rows.natural(1)) return std::optional<base::Bytes>();
    return verdict_of(bytes, sequence - rows.natural(1), newest - sequence);
  }
  if (sequence != rows.natural(0)) return std::optional<base::Bytes>();
  return std::optional(base::Bytes(bytes.begin(), bytes.end()));
}

base::Status SqliteStorage::put_verdict(const model::MutationId& mutation, base::ByteView verdict) {
  SYNC_TRY(check_writable());
  VerdictRun& run = verdict_runs_[mutation.client];
  if (!run.verdicts.empty() && mutation.sequence != run.last + 1) {
    SYNC_TRY(write_verdicts(mutation.client, run));
    run = {};
  }
  if (run.verdicts.empty()) run.first = mutation.sequence;
  run.last = mutation.sequence;
  const std::size_t at = run.verdicts.size();
  run.verdicts.resize(at + sizeof(VerdictSize));
  base::store_le(run.verdicts.data() + at, static_cast<VerdictSize>(verdict.size()));
  run.verdicts.insert(run.verdicts.end(), verdict.begin(), verdict.end());
  return {};
}

base::Status SqliteStorage::write_verdicts(const base::Id& client, const VerdictRun& run) {
  {
    SYNC_ASSIGN(auto put, kept_.put_verdicts.use());
    put.bind_in_place(client.bytes).bind(run.last).bind(run.first);
    SYNC_TRY(put.bind_in_place(base::ByteView(run.verdicts)).run());
  }
  if (run.last <= authority::kVerdictsKept) return {};
  SYNC_ASSIGN(auto drop, kept_.drop_verdicts.use());
  return drop.bind(client).bind(run.last - authority::kVerdictsKept).run();
}

base::Status SqliteStorage::write_all_verdicts() {
  for (const auto& [client, run] : verdict_runs_) SYNC_TRY(write_verdicts(client, run));
  verdict_runs_.clear();
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
  const std::int64_t before = now.ms - authority::kClientsKeptMs;
  SYNC_ASSIGN(auto verdicts,
              connection_->prepare("DELETE FROM syncline_verdicts WHERE client IN "
                                   "(SELECT client FROM syncline_clients WHERE last_contact < ?)"));
  SYNC_TRY(verdicts.bind(before).run());
  SYNC_ASSIGN(auto clients,
              connection_->prepare("DELETE FROM syncline_clients WHERE last_contact < ?"));
  return clients.bind(before).run();
}

}  // namespace syncline::server::storage
