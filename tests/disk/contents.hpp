// What a database holds, as plain values: what it should hold by what was committed, what it does hold by its tables, and
// whether that is true to itself. Reads the tables by SQL of its own.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "server/storage/auth_store.hpp"
#include "server/storage/sqlite_storage.hpp"

namespace syncline::disk {

// What one transaction brought.
struct Transaction {
  struct Answer {
    base::Id user;
    std::string key;
    base::Bytes answer;
  };
  std::vector<authority::LogEntry> entries;
  std::vector<std::pair<base::Id, authority::ClientState>> clients;
  std::vector<std::pair<model::MutationId, base::Bytes>> verdicts;
  std::vector<Answer> answers;
  std::vector<std::pair<base::Id, std::string>> passwords;  // empty: removed
  std::vector<server::storage::LoginSession> sessions;
};

struct Contents {
  base::Id epoch;
  using Row = std::pair<model::CollectionId, base::Id>;
  std::map<Row, model::Record> rows;
  std::vector<authority::LogEntry> log;
  std::map<base::Id, authority::ClientState> clients;
  std::map<std::pair<base::Id, std::uint64_t>, base::Bytes> verdicts;
  std::map<std::pair<base::Id, std::string>, base::Bytes> answers;
  std::map<base::Id, std::string> passwords;
  std::map<base::Id, server::storage::LoginSession> sessions;

  void apply(const Transaction& transaction);
};

// The first difference, for people; empty: none.
[[nodiscard]] std::string difference(const Contents& expected, const Contents& found);

// Everything that lies in the file, with no hole in its versions, its rows by its tables.
[[nodiscard]] base::Result<Contents> read_contents(server::storage::SqliteStorage& storage,
                                                   const model::Schema& schema);
// What is wrong within: the file's structure, rows that the log tells otherwise, sequences that the ledger does not know.
// Empty: nothing.
[[nodiscard]] std::string inconsistency(server::storage::SqliteStorage& storage,
                                        const Contents& contents);

}  // namespace syncline::disk
