// Storage: what the authority needs of a database. SQLite implements it (server/storage); an in-memory one serves unit
// tests, simulation and WASM. One contract suite: tests/contract/storage_contract.hpp.
//
// Thread rule: one thread (the engine thread). All reads between begin() and commit() see the transaction's own writes.
// Nothing is durable before commit() returned ok, and everything is after it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "syncline/authority/query_plan.hpp"
#include "syncline/base/result.hpp"
#include "syncline/ivm/source.hpp"
#include "syncline/model/change.hpp"
#include "syncline/model/mutation.hpp"
#include "syncline/protocol/limits.hpp"

namespace syncline::authority {

// One commit: the only news there is (ARCHITECTURE rule 6).
struct LogEntry {
  model::Version version = 0;
  base::Timestamp at;
  base::Id user;  // nil: the system
  model::MutationId mutation;
  std::string mutator;       // "crm.lead.convert"; an atomic array: "batch"
  model::ChangeSet changes;  // records with before and after images; after.version() == version
};

// What one earlier commit did to one record.
struct RecordWrite {
  model::Version version = 0;
  base::Timestamp at;
  base::Id user;
  base::Id client;
  model::Change change;
};

// The ledger's line for one client id (SEMANTICS 8).
struct ClientState {
  std::uint64_t last_sequence = 0;
  base::Id user;
  base::Timestamp last_contact;
};

// How long a client that says nothing is remembered (SEMANTICS 8).
inline constexpr std::int64_t kClientsKeptMs = std::int64_t{90} * 24 * 3'600 * 1'000;
// Verdicts kept per client, so that one whose answer was lost on the way can be told again.
inline constexpr std::uint64_t kVerdictsKept = 2'000;
// Twice as many as it may wait for: its note that one has come may be lost with it, too.
static_assert(kVerdictsKept >= 2 * protocol::kMutationsUnjudgedMax);

// An answer kept for an Idempotency-Key, per user.
struct KeptAnswer {
  std::uint64_t body_hash = 0;
  base::Bytes answer;
  base::Timestamp at;
};

class Storage {
 public:
  virtual ~Storage() = default;

  // Random id of the database file and the number of its last commit (as seen by this connection).
  [[nodiscard]] virtual base::Id epoch() const = 0;
  [[nodiscard]] virtual model::Version version() const = 0;
  // Rows as of now, own uncommitted writes included.
  [[nodiscard]] virtual ivm::SourceProvider& sources() = 0;
  // Of those sources.
  [[nodiscard]] virtual Planner& planner() = 0;

  [[nodiscard]] virtual base::Status begin() = 0;
  [[nodiscard]] virtual base::Status commit() = 0;  // durable when it returns ok
  virtual void rollback() = 0;  // back to before begin(); also after a failed commit
  // One mutation's part of the transaction; not nested.
  [[nodiscard]] virtual base::Status savepoint() = 0;
  [[nodiscard]] virtual base::Status release() = 0;
  virtual void rollback_to_savepoint() = 0;

  // Writes one row. REQUIRES: inside begin(); before equals the stored row.
  [[nodiscard]] virtual base::Status apply(const model::Change& change) = 0;
  // Appends to the commit log. REQUIRES: entry.version == version() + 1; version() is it afterwards.
  [[nodiscard]] virtual base::Status append(const LogEntry& entry) = 0;
  // Entries with version > after, ascending, at most `limit`; false from the visitor stops.
  [[nodiscard]] virtual base::Status read_log(
      model::Version after, std::uint32_t limit,
      const std::function<bool(const LogEntry&)>& visit) = 0;
  // Writes to this record with version > after, ascending.
  [[nodiscard]] virtual base::Result<std::vector<RecordWrite>> writes_after(
      model::CollectionId collection, const base::Id& record, model::Version after) = 0;

  [[nodiscard]] virtual base::Result<std::optional<ClientState>> client(const base::Id& client) = 0;
  [[nodiscard]] virtual base::Status put_client(const base::Id& client,
                                                const ClientState& state) = 0;
  // Encoded verdicts (protocol::encode_verdict) by mutation; those kVerdictsKept behind the newest are dropped.
  [[nodiscard]] virtual base::Result<std::optional<base::Bytes>> verdict(
      const model::MutationId& mutation) = 0;
  [[nodiscard]] virtual base::Status put_verdict(const model::MutationId& mutation,
                                                 base::ByteView verdict) = 0;
  [[nodiscard]] virtual base::Result<std::optional<KeptAnswer>> kept_answer(
      const base::Id& user, const std::string& key) = 0;
  [[nodiscard]] virtual base::Status keep_answer(const base::Id& user, const std::string& key,
                                                 const KeptAnswer& answer) = 0;
};

}  // namespace syncline::authority
