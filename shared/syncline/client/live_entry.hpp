// One query of LiveQueries with everything that belongs to it. Private to live_queries.cpp and live_updates.cpp.
#pragma once

#include <utility>

#include "syncline/client/live_queries.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::client {

struct LiveQueries::Entry {
  Entry(const model::Schema& schema, query::Query canonical, const base::Id& user)
      : query(std::move(canonical)), bound(query), view(schema, query) {
    bound = query::bind(query, user);
    is_related = query::reads_related(bound);
  }

  struct Reader {
    QueryId id = 0;
    Window window;
    bool fresh = true;  // has heard nothing of this window yet: its next update is the whole of it
    std::uint32_t told_rows = 0;  // that its window has, as it knows
  };

  WireId id = 0;
  base::Bytes key;
  query::Query query;       // canonical, as it travels
  query::Query bound;       // with the user's id in it, as it is evaluated here
  bool is_related = false;  // its condition asks about rows that may not be held
  std::vector<model::CollectionId> related_collections;  // of those rows
  bool active = false;                                   // somebody looks at the rows
  // None for an aggregate, where is_related, and as long as nobody looks at the rows.
  std::unique_ptr<ivm::Pipeline> pipeline;
  ivm::OrderedView view;
  std::vector<Reader> readers;
  HeldRows held;
  std::vector<ivm::AggregateRow> groups;  // as the server said
  bool groups_exact = true;
  // Since the last merge: did groups come, and what did they do to `groups`, unless all of them came anew?
  bool groups_came = false;
  bool groups_anew = false;
  std::vector<ivm::GroupDelta> group_deltas;
  bool answered = false;  // has been given a snapshot, at some time
  bool awaiting = true;   // the snapshot of this connection is still to come
  bool hydrate_again = false;
  std::optional<base::Error> error;
  std::uint32_t hydrated = 0, routed = 0, altered = 0, mismatches = 0;  // QueryFacts

  // Since the last update:
  bool touched = false;  // is in touched_
  std::vector<ivm::ViewEdit> edits;
  bool related_changed = false;
  bool groups_changed = false;
  std::size_t told_size = 0;
  QueryStatus told = QueryStatus::loading;

  // The server's last row of a limited query, and how many it sent; of the replica's state `edge_of` (Replica::generation()).
  std::optional<std::uint64_t> edge_of;
  model::Record edge;
  std::size_t edge_rows = 0;
};

}  // namespace syncline::client
