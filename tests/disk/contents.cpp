#include "tests/disk/contents.hpp"

#include <algorithm>

namespace syncline::disk {

namespace {

using base::Error;
using server::storage::AuthStore;
using server::storage::SqliteStorage;
using server::storage::Statement;

bool same(const model::Change& a, const model::Change& b) {
  return a.kind == b.kind && a.before == b.before && a.after == b.after;
}

bool same(const authority::LogEntry& a, const authority::LogEntry& b) {
  return a.version == b.version && a.at == b.at && a.user == b.user && a.mutation == b.mutation &&
         a.mutator == b.mutator && a.changes.events == b.changes.events &&
         std::equal(a.changes.changes.begin(), a.changes.changes.end(), b.changes.changes.begin(),
                    b.changes.changes.end(),
                    [](const model::Change& x, const model::Change& y) { return same(x, y); });
}

bool same(const authority::ClientState& a, const authority::ClientState& b) {
  return a.last_sequence == b.last_sequence && a.user == b.user && a.last_contact == b.last_contact;
}

template <class Value>
bool same(const Value& a, const Value& b) {
  return a == b;
}

template <class Map>
std::string difference_of(const char* what, const Map& expected, const Map& found) {
  if (expected.size() != found.size()) {
    return std::to_string(found.size()) + " " + what + " instead of " +
           std::to_string(expected.size());
  }
  for (auto a = expected.begin(), b = found.begin(); a != expected.end(); ++a, ++b) {
    if (a->first != b->first || !same(a->second, b->second))
      return std::string("another one of the ") + what;
  }
  return {};
}

// Calls `take` with each row.
template <class Take>
base::Status each_row(SqliteStorage& storage, const char* sql, Take take) {
  SYNC_ASSIGN(auto statement, storage.connection().prepare(sql));
  for (;;) {
    SYNC_ASSIGN(const bool row, statement.step());
    if (!row) return {};
    take(statement);
  }
}

base::Bytes bytes_of(const Statement& row, int column) {
  const base::ByteView view = row.blob(column);
  return {view.begin(), view.end()};
}

base::Status read_ledger(SqliteStorage& storage, Contents& contents) {
  SYNC_TRY(each_row(storage,
                    "SELECT client, last_sequence, user, last_contact FROM syncline_clients",
                    [&](const Statement& row) {
                      contents.clients[row.id(0)] = {row.natural(1), row.id(2), {row.integer(3)}};
                    }));
  // A row holds the verdicts of `first` to `sequence`, each behind its size in four bytes.
  SYNC_TRY(each_row(storage, "SELECT client, first, verdict FROM syncline_verdicts",
                    [&](const Statement& row) {
                      const base::Bytes run = bytes_of(row, 2);
                      std::uint64_t sequence = row.natural(1);
                      for (std::size_t at = 0; at + 4 <= run.size(); ++sequence) {
                        const auto from = run.begin() + static_cast<std::ptrdiff_t>(at) + 4;
                        const auto size = base::load_le<std::uint32_t>(run.data() + at);
                        at += 4 + std::size_t{size};
                        if (at > run.size()) return;
                        contents.verdicts[{row.id(0), sequence}] = base::Bytes(from, from + size);
                      }
                    }));
  SYNC_TRY(each_row(storage, "SELECT user, key, answer FROM syncline_answers",
                    [&](const Statement& row) {
                      contents.answers[{row.id(0), std::string(row.text(1))}] = bytes_of(row, 2);
                    }));
  return each_row(storage, "SELECT user, hash FROM syncline_passwords", [&](const Statement& row) {
    contents.passwords[row.id(0)] = std::string(row.text(1));
  });
}

// Rows by the log alone.
base::Result<std::map<Contents::Row, model::Record>> replay(
    const std::vector<authority::LogEntry>& log) {
  std::map<Contents::Row, model::Record> rows;
  for (const authority::LogEntry& entry : log) {
    const std::string at = "version " + std::to_string(entry.version);
    for (const model::Change& change : entry.changes.changes) {
      const Contents::Row key{change.collection().id(), change.id()};
      const auto found = rows.find(key);
      const model::Record before = found == rows.end() ? model::Record() : found->second;
      if (!(before == change.before))
        return Error(base::Code::internal, at + " changes another row than the log has told of");
      if (change.after && change.after.version() != entry.version)
        return Error(base::Code::internal, at + " has a row of another version");
      rows.erase(key);
      if (change.after) rows.emplace(key, change.after);
    }
  }
  return rows;
}

std::string ledger_inconsistency(const Contents& contents) {
  for (const auto& [mutation, verdict] : contents.verdicts) {
    const auto client = contents.clients.find(mutation.first);
    if (client == contents.clients.end() || client->second.last_sequence < mutation.second)
      return "a verdict on a mutation that the ledger has not seen";
  }
  for (const auto& [id, client] : contents.clients) {
    for (std::uint64_t sequence = 1; sequence <= client.last_sequence; ++sequence) {
      if (!contents.verdicts.contains({id, sequence}))
        return "a mutation that the ledger has seen is without verdict";
    }
  }
  for (const authority::LogEntry& entry : contents.log) {
    const auto client = contents.clients.find(entry.mutation.client);
    // A request is a client of its own and needs no line.
    if (client != contents.clients.end() && client->second.last_sequence < entry.mutation.sequence)
      return "version " + std::to_string(entry.version) + " is of a mutation unknown to the ledger";
  }
  return {};
}

}  // namespace

void Contents::apply(const Transaction& transaction) {
  for (const authority::LogEntry& entry : transaction.entries) {
    log.push_back(entry);
    for (const model::Change& change : entry.changes.changes) {
      const Row key{change.collection().id(), change.id()};
      rows.erase(key);
      if (change.after) rows.emplace(key, change.after);
    }
  }
  for (const auto& [id, state] : transaction.clients) clients[id] = state;
  for (const auto& [id, verdict] : transaction.verdicts)
    verdicts[{id.client, id.sequence}] = verdict;
  for (const auto& answer : transaction.answers) answers[{answer.user, answer.key}] = answer.answer;
  for (const auto& [user, hash] : transaction.passwords) {
    passwords.erase(user);
    if (!hash.empty()) passwords.emplace(user, hash);
  }
  for (const auto& session : transaction.sessions) sessions[session.sid] = session;
}

std::string difference(const Contents& expected, const Contents& found) {
  if (expected.log.size() != found.log.size()) {
    return "version " + std::to_string(found.log.size()) + " instead of " +
           std::to_string(expected.log.size());
  }
  for (std::size_t i = 0; i < expected.log.size(); ++i) {
    if (!same(expected.log[i], found.log[i])) return "another version " + std::to_string(i + 1);
  }
  for (const std::string& different :
       {difference_of("rows", expected.rows, found.rows),
        difference_of("clients", expected.clients, found.clients),
        difference_of("verdicts", expected.verdicts, found.verdicts),
        difference_of("kept answers", expected.answers, found.answers),
        difference_of("passwords", expected.passwords, found.passwords),
        difference_of("logins", expected.sessions, found.sessions)}) {
    if (!different.empty()) return different;
  }
  return {};
}

base::Result<Contents> read_contents(SqliteStorage& storage, const model::Schema& schema) {
  Contents contents;
  SYNC_TRY(storage.read_log(0, 0, [&](const authority::LogEntry& entry) {
    contents.log.push_back(entry);
    return true;
  }));
  for (const model::Collection& collection : schema.collections()) {
    SYNC_TRY(storage.sources().source(collection.id()).fetch({}, [&](const model::Record& row) {
      return contents.rows.emplace(Contents::Row{collection.id(), row.id()}, row).second;
    }));
  }
  SYNC_TRY(read_ledger(storage, contents));
  SYNC_ASSIGN(const auto sessions, AuthStore(storage).all_sessions());
  for (const auto& session : sessions) contents.sessions[session.sid] = session;
  return contents;
}

std::string inconsistency(SqliteStorage& storage, const Contents& contents) {
  std::string structure;
  const auto checked = each_row(storage, "PRAGMA integrity_check", [&](const Statement& row) {
    if (structure.empty()) structure = std::string(row.text(0));
  });
  if (!checked.ok()) return checked.error().message;
  if (structure != "ok") return "the file is damaged: " + structure;
  for (std::size_t i = 0; i < contents.log.size(); ++i) {
    if (contents.log[i].version != i + 1)
      return "version " + std::to_string(i + 1) + " is not in the log";
  }
  if (storage.version() != contents.log.size())
    return "the log ends before version " + std::to_string(storage.version());
  const auto rows = replay(contents.log);
  if (!rows.ok()) return rows.error().message;
  if (const auto different = difference_of("rows", *rows, contents.rows); !different.empty())
    return "log and tables: " + different;
  return ledger_inconsistency(contents);
}

}  // namespace syncline::disk
