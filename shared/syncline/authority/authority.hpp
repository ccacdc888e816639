// Authority: the server's core as a state machine without IO. Frames, submissions and time go in; buffers to send, answers
// and commits come out. It runs mutations, judges them, writes the log, and keeps every session's live queries moving.
//
// Driving it: call open/receive/close/submit/set_actor as things happen; then turn(now) until it returns; then poll() until
// empty. What poll() gives after turn() is durable: verdicts and rows are released only after Storage::commit() returned.
// Time never goes backwards between calls. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "syncline/authority/explain.hpp"
#include "syncline/authority/storage.hpp"
#include "syncline/mutation/mutator.hpp"
#include "syncline/mutation/transaction.hpp"
#include "syncline/protocol/message.hpp"

namespace syncline::authority {

using SessionId = std::uint64_t;  // the host's name for a connection; never reused
using Ticket = std::uint64_t;     // the host's name for a submission

// Who a token stands for. Verified by the host (server/auth).
struct Identity {
  mutation::Actor actor;
  base::Id session;  // sid of the login; several connections may share it
  base::Timestamp expires_at;
};
using Authenticate =
    std::function<base::Result<Identity>(const std::string& access_token, base::Timestamp now)>;

// One REST, CLI or import write: mutations that succeed or fail together and take one version (SEMANTICS 13).
struct Submission {
  mutation::Actor actor;
  // The rights that its author has by the time that it is run, which may be long after it came, or why there are none; empty: `actor`
  // is of nobody who could lose any. Called inside the transaction, so it knows what was written before.
  std::function<base::Result<mutation::Actor>()> identify;
  std::vector<model::Mutation> mutations;  // ids are given by the authority
  std::string idempotency_key;             // empty: none
  std::uint64_t body_hash = 0;
  // Makes the answer that the client of an API gets, inside the transaction; kept with the idempotency key.
  std::function<base::Bytes(const struct SubmissionOutcome&)> render;
};
struct SubmissionOutcome {
  mutation::Actor actor;                         // as it was run
  model::Verdict verdict;                        // of the first mutation that failed, else of all
  std::vector<mutation::MutatorResult> results;  // one per mutation
  std::vector<base::Id> records;  // the record each mutation was about (new id for an insert)
  model::ChangeSet changes;
};

using Piece = std::shared_ptr<const base::Bytes>;  // shared by all sessions of a group

struct SendFrame {
  std::vector<SessionId> sessions;
  std::vector<Piece> pieces;  // one frame, in this order
};
struct CloseSession {
  SessionId session = 0;
  base::Error error;  // a Failure frame was sent before
};
struct Answer {
  Ticket ticket = 0;
  SubmissionOutcome outcome;
  base::Bytes rendered;  // of this run, or the one kept under the idempotency key
  bool replayed = false;
};
struct Committed {
  std::shared_ptr<const LogEntry> entry;
};
using Output = std::variant<SendFrame, CloseSession, Answer, Committed>;

struct Options {
  std::uint64_t seed = 0;                        // of ids for REST requests
  std::uint32_t mutations_per_commit_max = 200;  // group commit
  std::uint32_t look_ahead_rows = 25;  // SEMANTICS 16: a group's window is at least limit + this
  std::uint32_t rows_per_query_max = 200'000;
  std::uint64_t query_cost_max = kQueryCostMax;      // rows read to hydrate a query
  std::size_t session_backlog_bytes_max = 8u << 20;  // unacknowledged by the host; see sent()
  std::size_t session_verdict_bytes_max = 8u << 20;  // kept for one who is behind
  // Nanoseconds: for RunningQuery, and so that snapshots let others have their turn; empty: they are counted by rows alone.
  std::function<std::uint64_t()> stopwatch;
};

struct Statistics {
  // unread_bytes: of all sessions, not handed to the network yet; sessions_behind: those that get nothing until they have read.
  std::size_t sessions = 0, groups = 0, subscriptions = 0, unread_bytes = 0, sessions_behind = 0;
  // groups_evaluated: groups that looked at a change, one by one; segments_encoded: results or differences of groups;
  // mismatches: a browser held something else of a query than it should, and asked for it anew.
  std::uint64_t commits = 0, mutations = 0, rejected = 0, conflicts = 0, groups_evaluated = 0,
                segments_encoded = 0, pokes = 0, mismatches = 0;
};

class Authority {
 public:
  Authority(const mutation::Domain& domain, Storage& storage, Authenticate authenticate,
            Options options);
  ~Authority();
  Authority(const Authority&) = delete;

  // ---- events of the world
  void open(SessionId session, base::Timestamp now);
  // Hostile bytes are welcome: a bad frame closes this session only.
  void receive(SessionId session, base::ByteView frame, base::Timestamp now);
  void close(SessionId session);
  // The host has handed so many bytes of this session to the network (backpressure).
  void sent(SessionId session, std::size_t bytes);

  // ---- commands
  void submit(Ticket ticket, Submission submission);
  // The user's role changed, or (nullopt) the user was deleted or a login ended: sessions are re-resolved or closed
  // before anything later leaves. `login` nil: all of the user's.
  void set_actor(const base::Id& user, const base::Id& login, std::optional<mutation::Actor> actor);
  // Called inside a turn for each commit, after its operators ran and before anything is released. May call set_actor.
  void on_applied(std::function<void(const LogEntry&)> observer);
  // Called for each of those whose transaction failed after all, the latest first, once the storage is as it was. Who called
  // set_actor for it calls it again with what is true now.
  void on_undone(std::function<void(const LogEntry&)> observer);

  // Runs what waits: authentication deadlines, subscriptions, mutations in groups with one commit each. Returns true
  // while there is more to do. Errors of the storage are answered with storage_failed; groups are hydrated anew.
  bool turn(base::Timestamp now);
  [[nodiscard]] std::optional<Output> poll();
  // When turn() must be called again though nothing happens.
  [[nodiscard]] std::optional<base::Timestamp> next_timeout() const;

  // Mutations of this session that wait for their turn, so that the host can let its next frames wait too.
  [[nodiscard]] std::size_t unjudged(SessionId session) const;
  [[nodiscard]] const Statistics& statistics() const;
  // The most costly live queries first, at most so many.
  [[nodiscard]] std::vector<RunningQuery> running(std::size_t most) const;
  // This one, as this user's sessions would ask it; none: nobody does. REQUIRES: checked and bound. Errors: forbidden.
  [[nodiscard]] base::Result<std::optional<RunningQuery>> running(const mutation::Actor& actor,
                                                                  const query::Query& asked) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace syncline::authority
