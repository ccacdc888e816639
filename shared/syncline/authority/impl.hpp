// Core: the inside of Authority, spread over session.cpp (frames), groups.cpp (live queries), flush.cpp (what leaves), commit.cpp
// (transactions) and submission.cpp (REST). Private to this folder.
//
// How a turn goes: deadlines; one transaction with as many waiting mutations as it may hold, each change pushed through the
// groups right after it was applied; commit; flush: per dirty group one encoded body, per session one Poke at the storage's
// version with its verdicts, deltas and snapshots. Snapshots are made at the flush, never in between, so that everything in
// a poke is of one version.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "syncline/authority/authority.hpp"
#include "syncline/authority/fields_read.hpp"
#include "syncline/authority/net_delta.hpp"
#include "syncline/base/random.hpp"
#include "syncline/invalidation/interest_index.hpp"
#include "syncline/ivm/pipeline.hpp"
#include "syncline/protocol/codec.hpp"

namespace syncline::authority {

struct Session;

// One canonical query as certain users may see it, and who listens.
struct Group {
  Group(const model::Schema& schema, ivm::SourceProvider& sources, const query::Query& asked,
        Visibility visible);

  // First what every change looks at, together: of very many groups none is in the processor's cache.
  bool hydrated = false;
  std::uint64_t handle = 0;
  GroupWork work;
  struct Subscriber {
    Session* session = nullptr;  // it leaves before it goes
    std::uint32_t query_id = 0;
  };
  std::vector<Subscriber> subscribers;
  ivm::Pipeline pipeline;
  const FieldsRead reads;
  const Visibility visibility;
  NetDelta net;
  base::Bytes key;

  // The result, made when somebody needs a snapshot and shared by all who do; gone when the result changes.
  struct Snapshot {
    std::vector<model::Record> records;
    std::vector<ivm::AggregateRow> groups;
    Piece body;  // encoded when somebody needs all of it
  };
  std::optional<Snapshot> snapshot;
};

struct Subscription {
  query::Query query;  // as asked, checked and bound
  Group* group = nullptr;
  std::vector<protocol::Held> held;  // until the first snapshot
  std::size_t query_bytes = 0;       // of its canonical form
  bool shown = false;  // has had a snapshot; from then on it moves with the others of its session
  // Deltas of it were dropped after the session had this version of it: a row that is older has come to it, if all that
  // decides about its being there is the row itself.
  model::Version missed_since = 0;
};

struct Session {
  // First what every delta looks at, together; see Group.
  SessionId id = 0;
  bool welcomed = false;
  bool gone = false;     // closed; stays until its waiting mutations are judged
  bool revoked = false;  // its waiting mutations are void
  bool touched = false;  // is in Core::touched
  bool behind = false;   // too much unsent: deltas are dropped, a snapshot follows when it drained
  std::size_t unsent_bytes = 0;
  model::Version told = 0;                        // version of the last poke
  std::vector<protocol::SharedSegment> segments;  // for the next poke
  std::vector<std::pair<base::Id, model::Verdict>> verdicts;
  std::size_t verdict_bytes = 0;           // of these
  std::set<std::uint32_t> wants_snapshot;  // subscriptions that get the whole result next

  std::uint32_t protocol = 0;
  Identity identity;
  base::Id client;
  std::vector<base::Id> earlier_clients;
  protocol::Cursor cursor;   // at hello
  base::Timestamp deadline;  // for the hello, then the token's end
  std::map<std::uint32_t, Subscription> subscriptions;
  std::size_t query_bytes = 0;  // of all of these
  std::size_t held_rows = 0;    // likewise
  std::size_t waiting_mutations = 0;
  // It is over once it has heard what was judged of what it pushed.
  std::optional<base::Error> ends_with;
};

struct Core {
  Core(const mutation::Domain& domain_, Storage& storage_, Authenticate authenticate_,
       Options options_);

  // ---- session.cpp
  void open(SessionId session, base::Timestamp now);
  void receive(SessionId session, base::ByteView frame, base::Timestamp now);
  void close(SessionId session);
  void sent(SessionId session, std::size_t bytes);
  void set_actor(const base::Id& user, const base::Id& login,
                 const std::optional<mutation::Actor>& actor);
  void expire(base::Timestamp now);
  void handle(Session& session, protocol::Hello& hello);
  void handle(Session& session, protocol::Reauthenticate& message);
  void handle(Session& session, protocol::Subscribe& message);
  void handle(Session& session, protocol::Unsubscribe& message);
  void handle(Session& session, protocol::Push& message);
  void handle(Session& session, protocol::Ping& message);
  void send_signatures(Session& session);
  void send(SessionId session, const protocol::ServerMessage& message);
  void set_deadline(Session& session, base::Timestamp at);
  void change_actor(Session& session, const mutation::Actor& actor);
  // Sends Failure, ends the session and (revoked) voids what it pushed. The Session may be gone afterwards.
  void fail(Session& session, base::Error error, bool revoke);
  void remove(Session& session);
  [[nodiscard]] Session* find(SessionId session);  // welcomed or not; nullptr for gone ones

  // ---- groups.cpp
  // A query as certain users may see it, before there is a group of it. Equal keys, equal groups.
  struct Identified {
    query::Query canonical;
    Visibility visibility;
    base::Bytes key;
  };
  [[nodiscard]] base::Result<Identified> identify(const mutation::Actor& actor,
                                                  const query::Query& asked) const;
  [[nodiscard]] base::Status join(Session& session, std::uint32_t query_id,
                                  Subscription& subscription);
  void leave(Session& session, std::uint32_t query_id, Subscription& subscription);
  [[nodiscard]] base::Result<Group*> find_or_make_group(const mutation::Actor& actor,
                                                        const query::Query& asked);
  // Feeds one applied change to every group it can concern. Errors: storage_failed.
  [[nodiscard]] base::Status push(const model::Change& change);
  // The group starts anew at the next flush: everybody gets a snapshot.
  void restart(Group& group);
  // After a failed transaction no group knows where it stands: all start anew.
  void reset_groups();

  // Pushes the change through one group's operators, and keeps its account.
  [[nodiscard]] base::Status push(const model::Change& change, Group& group);

  // ---- explain.cpp
  [[nodiscard]] RunningQuery describe(const Group& group) const;
  [[nodiscard]] std::vector<RunningQuery> running(std::size_t most) const;

  // ---- flush.cpp
  void flush();
  void send_deltas();
  void drop_snapshots();
  void touch(Session& session);  // there is something for a poke
  // So many bytes are handed to the host.
  void count_unsent(Session& session, std::size_t bytes);
  // false: something of it is put off to the next turn.
  [[nodiscard]] bool send_poke(Session& session);
  // Fails a session that ends and has heard all its verdicts.
  void end_refused(SessionId session);
  // Takes out of the verdicts what the session may not read.
  void withhold(Session& session) const;
  // The poke that says nothing but this delta, the same bytes for all who number the query alike; returns its size.
  std::size_t add_to_delta_poke(SessionId session, const protocol::SharedSegment& segment);
  static void forget_held(Session& session, Subscription& subscription);
  // True: all that are wanted.
  [[nodiscard]] base::Result<bool> add_snapshots(Session& session);
  // Others wait: no more snapshots in this turn, unless they belong to a poke that has begun.
  [[nodiscard]] bool is_late() const;
  [[nodiscard]] base::Status make_snapshot(Group& group);
  [[nodiscard]] protocol::SharedSegment snapshot_segment(const Session& session,
                                                         std::uint32_t query_id,
                                                         Subscription& subscription);

  // ---- commit.cpp
  struct PushWork {
    SessionId session = 0;
    model::Mutation mutation;
  };
  struct SubmitWork {
    Ticket ticket = 0;
    Submission submission;
  };
  using Work = std::variant<PushWork, SubmitWork>;
  // What a transaction leads to once it is durable.
  struct Batch {
    struct SessionVerdict {
      SessionId session = 0;
      base::Id client;
      model::Verdict verdict;
      std::size_t bytes = 0;  // of it, encoded
    };
    void add(SessionVerdict verdict) {
      verdict_bytes += verdict.bytes;
      verdicts.push_back(std::move(verdict));
    }
    std::vector<SessionVerdict> verdicts;
    std::size_t verdict_bytes = 0;
    std::vector<Answer> answers;
    std::vector<Committed> committed;
    std::vector<Work> done;          // to be told when the commit fails
    std::vector<SessionId> refused;  // refuse_rest()
    // The ledger's lines that this transaction has moved on: each is written once, at its end.
    std::map<base::Id, ClientState> clients;
  };
  // One mutation judged over the current rows; nothing is written.
  struct Judged {
    model::Verdict verdict;
    model::ChangeSet changes;  // empty unless applied or merged
    base::Id record;
  };
  void run_batch();
  [[nodiscard]] base::Status run_works(Batch& batch);
  [[nodiscard]] base::Status run_push(const PushWork& work, Batch& batch);
  // What the session has pushed from here on is void, and it ends: not before it has heard what was judged until here, or it
  // would send that again under another number.
  void refuse_rest(Session& session, base::Error error, Batch& batch);
  [[nodiscard]] base::Result<std::optional<ClientState>> known_client(const base::Id& client,
                                                                      const Batch& batch);
  [[nodiscard]] base::Result<bool> rests_on_refused(const model::Mutation& mutation,
                                                    const std::vector<base::Id>& own,
                                                    const base::Id& user, const Batch& batch);
  [[nodiscard]] base::Status replay(Session& session, const model::MutationId& id, Batch& batch);
  [[nodiscard]] base::Result<Judged> judge(const model::Mutation& mutation,
                                           const mutation::Actor& actor,
                                           std::vector<base::Id> own_clients);
  // Applies, pushes and logs an applied mutation; its changes get the new version. Nothing changed: nothing is logged.
  [[nodiscard]] base::Status apply(const mutation::Actor& actor, const model::MutationId& id,
                                   const std::string& mutator, model::ChangeSet& changes,
                                   Batch& batch);
  void release(Batch& batch);
  void keep_innocent(Batch& batch);
  void abandon(Batch& batch, const base::Error& error);
  void forget(const Work& work);  // it is judged or void; a session that waited for it may go

  // ---- submission.cpp
  [[nodiscard]] base::Status run_submission(SubmitWork& work, Batch& batch);
  [[nodiscard]] base::Result<std::optional<Answer>> kept_answer(const SubmitWork& work);
  [[nodiscard]] base::Status run_all(const Submission& submission, const base::Id& client,
                                     SubmissionOutcome& outcome);

  const mutation::Domain& domain;
  Storage& storage;
  const Authenticate authenticate;
  const Options options;
  base::Random random;
  base::Timestamp now;
  std::function<void(const LogEntry&)> observer;
  std::function<void(const LogEntry&)> undone;

  std::unordered_map<SessionId, std::unique_ptr<Session>> sessions;
  std::set<std::pair<std::int64_t, SessionId>> deadlines;
  std::map<base::Bytes, std::unique_ptr<Group>> groups;
  // A handle is a place here; null: free.
  std::vector<Group*> groups_by_handle;
  [[nodiscard]] Group*& group_of(std::uint64_t handle) {
    return groups_by_handle[static_cast<std::size_t>(handle)];
  }
  std::vector<std::uint64_t> free_handles;
  invalidation::InterestIndex index;

  std::deque<Work> works;
  std::vector<Session*> touched;      // with something for a poke; each once, none that is gone
  std::set<std::uint64_t> dirty;      // groups with a net delta
  std::set<std::uint64_t> snapshots;  // groups that hold one
  std::size_t snapshot_rows = 0;      // made in this flush
  std::size_t snapshots_made = 0;     // in this flush
  std::uint64_t flush_began = 0;      // by the stopwatch
  // The next time, so that nobody waits behind another's long list for ever.
  SessionId first_to_flush = 0;
  // Of this flush: by body and number of the query.
  std::map<std::pair<const base::Bytes*, std::uint32_t>, SendFrame> delta_pokes;
  std::deque<Output> outputs;
  Statistics statistics;
};

struct Authority::Impl : Core {
  using Core::Core;
};

[[nodiscard]] model::Verdict rejection(std::uint64_t sequence, model::Version version,
                                       base::Error error);
// The changes with after images of this version.
void stamp(model::ChangeSet& changes, model::Version version);

}  // namespace syncline::authority
