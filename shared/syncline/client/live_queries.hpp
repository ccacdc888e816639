// LiveQueries: the subscribed queries. Equal queries (canonical form) share one entry: one pipeline, one ordered view, one
// subscription at the server; every subscribe() is a reader of it with an own number.
//
// An entry knows which rows the server sent it (`held`), and holds a reference to each in the replica. Rows are evaluated
// here, over everything held; groups of an aggregate come from the server, plus the pending difference.
// Thread rule: one thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "syncline/client/client_core.hpp"
#include "syncline/client/pending_log.hpp"
#include "syncline/client/replica.hpp"
#include "syncline/client/window.hpp"
#include "syncline/invalidation/interest_index.hpp"
#include "syncline/ivm/pipeline.hpp"
#include "syncline/protocol/poke_reader.hpp"

namespace syncline::client {

using WireId = std::uint32_t;  // our number of an entry on the wire; never reused

class LiveQueries {
 public:
  LiveQueries(const model::Schema& schema, Replica& replica, PendingLog& log);
  ~LiveQueries();
  LiveQueries(const LiveQueries&) = delete;

  struct Added {
    QueryId reader = 0;
    WireId entry = 0;
    bool fresh = false;  // a new entry: the server must hear of it
  };
  // Errors: of query::check.
  [[nodiscard]] base::Result<Added> subscribe(const query::Query& query, const base::Id& user,
                                              Window window);
  // Unknown readers are ignored.
  void set_window(QueryId reader, Window window);
  // The entry that lost its last reader, if so; the server must hear of it.
  [[nodiscard]] std::optional<WireId> unsubscribe(QueryId reader);

  // What to send for an entry; also marks it as asked at this connection.
  [[nodiscard]] protocol::Subscribe subscription(WireId entry);
  [[nodiscard]] std::vector<WireId> entries() const;
  void connection_lost();
  // Queries of an earlier run (restore()) that nobody has asked for until now.
  [[nodiscard]] bool has_unread() const;
  // They go; the server must hear of it.
  [[nodiscard]] std::vector<WireId> drop_unread();
  // All rows go (another epoch); queries are as if just subscribed.
  void drop_rows();
  // Is there an entry whose answer is still to come? With rows from before: its rows may be out of date.
  [[nodiscard]] bool awaits_answers() const { return asking().answers; }
  [[nodiscard]] bool awaits_catch_up() const { return asking().catch_up; }

  // Are the rows held of it other ones than this signature says? Counted, then.
  [[nodiscard]] bool is_amiss(WireId entry, std::uint64_t signature);

  // ---- one step: segments (or fail()), then move() for each net change, then finish()
  // Are its groups, which are kept as they come, such as the query asks for?
  [[nodiscard]] bool understands(const protocol::ReadSegment& segment) const;
  // Before the segments of a poke, and once: many rows are taken in another way.
  void expect(const std::vector<protocol::ReadSegment>& segments);
  void apply(protocol::ReadSegment& segment);
  void fail(WireId entry, base::Error error);
  void move(const model::Change& change);
  // Instead of move(), when very many rows moved: finish() evaluates every query anew.
  void look_again();
  void finish();

  [[nodiscard]] std::optional<ViewUpdate> poll();
  [[nodiscard]] const ivm::OrderedView* view(QueryId reader) const;
  [[nodiscard]] QueryStatus status(QueryId reader) const;
  [[nodiscard]] QueryFacts facts(QueryId reader) const;
  // Does what is held contain every row this query could give?
  [[nodiscard]] bool covers(const query::Query& query) const;

  // ---- for the next run of the browser
  struct Kept {
    query::Query query;  // canonical
    std::vector<RowKey> held;
    std::vector<ivm::AggregateRow> groups;
  };
  [[nodiscard]] std::vector<Kept> keep() const;
  // Rows that are not in the replica are left out.
  [[nodiscard]] base::Status restore(const Kept& kept, const base::Id& user);

 private:
  struct Entry;
  Entry* find(WireId entry) const;
  Entry* of_reader(QueryId reader) const;
  // Of all entries, ascending.
  [[nodiscard]] std::vector<WireId> ids() const;
  Entry& add_entry(query::Query canonical, const base::Bytes& key, const base::Id& user);
  void activate(Entry& entry);
  void take_group(Entry& entry, protocol::SegmentBody::Group group);
  HeldRows begin_snapshot(Entry& entry, std::size_t coming);
  void release_all(const HeldRows& rows);
  void remove_entry(Entry& entry);
  // The entry may have something to tell.
  void touch(Entry& entry);
  void merge_groups();
  void merge_groups_of(Entry& entry, const RowSet& written);
  void show_groups(Entry& entry, std::vector<ivm::GroupDelta> deltas);
  // At the end of the step, if somebody looks at its rows.
  void evaluate_again(Entry& entry);
  void hydrate_again(Entry& entry);
  void read_again(Entry& entry);
  void find_edge(Entry& entry) const;
  [[nodiscard]] bool window_is_exhausted(Entry& entry) const;
  [[nodiscard]] QueryStatus status_of(Entry& entry) const;
  [[nodiscard]] bool fits(const Entry& entry, const ivm::AggregateRow& row) const;
  void collect_updates();
  void collect_updates_of(Entry& entry);
  struct Asking {
    bool answers = false;
    bool catch_up = false;
  };
  [[nodiscard]] const Asking& asking() const;

  const model::Schema& schema_;
  Replica& replica_;
  PendingLog& log_;
  invalidation::InterestIndex interest_;
  std::unordered_map<WireId, std::unique_ptr<Entry>> entries_;
  std::map<base::Bytes, WireId> by_key_;
  std::unordered_map<QueryId, WireId> readers_;
  WireId last_entry_ = 0;
  QueryId last_reader_ = 0;
  // What a step has to look at, so that its cost does not grow with the number of queries.
  std::vector<WireId> touched_;
  std::vector<WireId> to_hydrate_;
  std::vector<WireId> aggregates_;
  std::vector<WireId>
      watched_;  // whose status depends on pending mutations: limited, or with related rows
  bool pending_merged_ = false;  // the groups told contain differences of pending mutations
  bool limits_watched_ = false;  // statuses told depend on pending mutations
  mutable bool asking_known_ = false;
  mutable Asking asking_;
  std::deque<ViewUpdate> updates_;
  // Of move(), kept for their room.
  std::vector<invalidation::InterestIndex::Handle> affected_;
  ivm::ResultDelta delta_;
};

}  // namespace syncline::client
