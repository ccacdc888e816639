// ClientCore: the browser's engine as a state machine without IO: confirmed rows, pending mutations, optimistic view, live
// queries, connection. Commands, frames and time go in; effects and view updates come out.
//
// Local = confirmed + pending (C5, C10): every live query is evaluated over that sum. When a Poke arrives: undo pending, apply
// the poke's segments, drop the mutations it has verdicts for, run the remaining ones again; the difference, and only that,
// moves the live queries: one atomic step.
//
// Driving it: after every call, poll_effect() until empty, then poll_view() until empty, and arrange for timeout(now) at
// next_timeout(). A spurious timeout() is a no-op. `now` never goes backwards. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "syncline/client/drafts.hpp"
#include "syncline/client/window.hpp"
#include "syncline/ivm/ordered_view.hpp"
#include "syncline/mutation/transaction.hpp"
#include "syncline/protocol/message.hpp"

namespace syncline::client {

enum class ConnectionState : std::uint8_t { disconnected, connecting, connected };

using QueryId = std::uint32_t;

struct CoreOptions {
  base::Id client;         // new at every start (SEMANTICS 8)
  std::uint64_t seed = 0;  // jitter
  base::Id user;           // from the login answer; the optimistic actor
  mutation::Role role = mutation::Role::viewer;
};

// ---- effects: what the host must do, in this order
struct Connect {};  // open a socket; then opened() or closed()
struct Disconnect {
  std::string reason;
};
struct SendFrame {
  base::Bytes frame;
};
// Write to the durable outbox, then call stored(). Nothing is sent before (SEMANTICS 8).
struct StoreMutation {
  model::MutationId id;
  base::Bytes mutation;
};
struct ForgetMutation {
  model::MutationId id;
};  // settled: remove from the outbox
struct TokenWanted {
  base::Error error;
};  // get a fresh access token, then set_token()
struct ReloadWanted {
  base::Error error;
};  // upgrade_required
struct ConnectionChanged {
  ConnectionState state = ConnectionState::disconnected;
  std::uint32_t attempt = 0;  // of this outage; 0 when connected
  std::optional<base::Timestamp> retry_at;
};
struct PendingChanged {
  std::uint32_t count = 0;
};
// How often undo() can take something back, and do it again.
struct HistoryChanged {
  std::uint32_t undoable = 0;
  std::uint32_t redoable = 0;
};
// A draft's values, errors or conflicts are others now.
struct DraftChanged {
  DraftId id = 0;
  Draft draft;
};
// The server's word on a mutation of this browser: applied, merged, conflict, rejected.
struct Settled {
  model::MutationId id;
  std::string mutator;
  model::Verdict verdict;
};
using Effect = std::variant<Connect, Disconnect, SendFrame, StoreMutation, ForgetMutation,
                            TokenWanted, ReloadWanted, ConnectionChanged, PendingChanged, Settled,
                            HistoryChanged, DraftChanged>;

enum class QueryStatus : std::uint8_t { loading, partial, complete, failed };

// A live query moved. Positions are of the reader's window, and apply one after another to it as it was after the previous
// update. After set_window() the edits lead from the old window's rows to the new one's.
struct ViewUpdate {
  QueryId query = 0;
  QueryStatus status = QueryStatus::loading;
  base::Error error;  // failed
  std::vector<ivm::ViewEdit> edits;
  bool related_changed = false;  // read the view again for included records
  bool groups_changed = false;
  std::uint32_t rows = 0;  // in the whole list
};

// What a live query is and has cost here, for those who wonder why it is slow.
struct QueryFacts {
  QueryStatus status = QueryStatus::failed;
  // How changes find it: 0 none do (an aggregate, or nobody looks at its rows), 1 no row can match, 2 residual list, else
  // 3 + InterestKey::Kind, with the field.
  std::uint32_t routed_by = 0;
  model::FieldId field = model::kNoField;
  bool pending = false;    // unanswered mutations may touch it
  std::uint32_t rows = 0;  // shown
  std::uint32_t held = 0;  // sent by the server for it, related ones included
  std::uint32_t bytes = 0;
  std::uint32_t hydrated = 0;
  std::uint32_t routed = 0;   // changes that the index led to it
  std::uint32_t altered = 0;  // those that altered its result
  std::uint32_t mismatches =
      0;  // times that its rows were not the server's, and were fetched again
};

struct MutateAnswer {
  model::MutationId id;  // rapid edits of one field share one (SEMANTICS 11)
  base::Status status;   // an error here: refused at once, nothing queued
  bool certain = true;   // false: waits for the server (needs_server)
  mutation::MutatorResult result;
  // Of undo() alone: name, arguments and bases of the mutation that it made.
  std::optional<model::Mutation> made;
};

class ClientCore {
 public:
  ClientCore(const mutation::Domain& domain, CoreOptions options);
  ~ClientCore();
  ClientCore(const ClientCore&) = delete;

  // ---- commands of the application
  void set_token(std::string access_token, base::Timestamp now);  // the first one starts connecting
  void set_online(bool online, base::Timestamp now);  // the browser's hint; true tries at once
  void retry_now(base::Timestamp now);
  void stop(base::Timestamp now);
  // Mutations of earlier cores' outbox, ascending (SEMANTICS 8), and the ids of those cores, also of such as left nothing there:
  // what they did is no conflict (SEMANTICS 3). Before the first set_token().
  void restore(const std::vector<model::Mutation>& outbox, std::vector<base::Id> earlier,
               base::Timestamp now);
  // Rows of an earlier core (persist()), at most once, right after construction: queries answer from them at once. Errors:
  // malformed, upgrade_required, forbidden; nothing has changed then.
  [[nodiscard]] base::Status restore_rows(base::ByteView blob, base::Timestamp now);
  // Confirmed rows, cursor and subscribed queries as one blob (SEMANTICS 25).
  [[nodiscard]] base::Bytes persist() const;
  // Equal queries share rows, work and one subscription at the server; each call gets its own number and updates.
  // With an empty window the rows are only held here, for other queries and mutators; nothing is told but the status.
  [[nodiscard]] base::Result<QueryId> subscribe(const query::Query& query, base::Timestamp now,
                                                Window window = {});
  void set_window(QueryId query, Window window);
  void unsubscribe(QueryId query, base::Timestamp now);
  // `accepted`: an earlier core had accepted it, and was gone before it was stored; the application was told that it is made, so
  // that nobody but the server may refuse it now. `is_undo`: as what it made of an undo, which undo() does not take back.
  [[nodiscard]] MutateAnswer mutate(std::string name, model::Arguments arguments,
                                    std::vector<model::BaseVersion> bases, base::Timestamp now,
                                    bool accepted = false, bool is_undo = false);
  // Drafts (drafts.hpp): what is edited is told by DraftChanged.
  [[nodiscard]] base::Result<DraftId> edit(model::CollectionId collection, const base::Id& record);
  enum class DraftAction : std::uint8_t { set, keep_mine, take_theirs, close, begin };
  [[nodiscard]] base::Status change_draft(DraftAction action, DraftId draft, model::FieldId field,
                                          const model::Value& value, model::Version version = 0);
  // Makes an update of it, or brings it back with it; the draft stays open, without edits. Refused (invalid, conflict) as long as a value is wrong or a
  // conflict is not decided, and (not_found) when there is nothing to commit. `accepted`: as of mutate(); conflicts are the server's to tell.
  [[nodiscard]] MutateAnswer commit(DraftId draft, base::Timestamp now, bool accepted = false);
  // Takes the last own change back, or does again what was taken back last. Refused (not_found, conflict, rule_violation) where
  // there is none, somebody else has changed it since, or it was no change of one record; then the one before it is next.
  [[nodiscard]] MutateAnswer undo(bool redo, base::Timestamp now);

  // ---- events of the world
  void opened(base::Timestamp now);
  // A large frame may come in parts: all but the last through received_part(), so that it is never in memory as a whole.
  void received_part(base::ByteView part);
  void received(base::ByteView frame, base::Timestamp now);
  void closed(base::Timestamp now);
  void stored(const model::MutationId& id, base::Timestamp now);
  void timeout(base::Timestamp now);

  // ---- outputs
  [[nodiscard]] std::optional<Effect> poll_effect();
  [[nodiscard]] std::optional<ViewUpdate> poll_view();
  [[nodiscard]] std::optional<base::Timestamp> next_timeout() const;

  // ---- getters
  // nullptr for an unknown query. Valid until the next call of a non-const member.
  [[nodiscard]] const ivm::OrderedView* view(QueryId query) const;
  [[nodiscard]] QueryStatus status(QueryId query) const;
  [[nodiscard]] QueryFacts facts(QueryId query) const;
  // Of all queries since the start; should be none.
  [[nodiscard]] std::uint32_t mismatches() const;
  // The records that an include of a query brings along for a row, as the user sees them, in its order. REQUIRES: checked
  // and bound.
  [[nodiscard]] std::vector<model::Record> included(const query::Include& include,
                                                    const model::Record& row) const;
  // The record as the user sees it (optimistic), and as the server last confirmed it.
  [[nodiscard]] model::Record get(model::CollectionId collection, const base::Id& id) const;
  [[nodiscard]] model::Record confirmed(model::CollectionId collection, const base::Id& id) const;
  [[nodiscard]] bool is_pending(model::CollectionId collection, const base::Id& id) const;
  [[nodiscard]] ConnectionState connection() const;
  [[nodiscard]] std::uint32_t pending_count() const;
  [[nodiscard]] const protocol::Cursor& cursor() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace syncline::client
