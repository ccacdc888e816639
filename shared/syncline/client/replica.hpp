// Replica: the rows this browser holds. confirmed = what the server said; overlay = what pending mutations make of it;
// visible = confirmed + overlay, the tables that live queries read.
//
// confirmed and overlay change first, in any order; advance() then moves the visible tables there, row by row and only by
// the net difference, telling the live queries after each row (the law of order, ivm/source.hpp). So nothing flickers.
//
// A confirmed row stays while a subscribed query refers to it (hold, release), or while a pending mutation needs it.
// Invariant: outside a step, visible = confirmed + overlay. Thread rule: one thread.
#pragma once

#include <functional>
#include <vector>

#include "syncline/client/row_key.hpp"
#include "syncline/ivm/memory_source.hpp"
#include "syncline/mutation/reader.hpp"

namespace syncline::client {

class Replica : public mutation::Reader {
 public:
  explicit Replica(const model::Schema& schema);

  // Are all rows for which this query could ask held? Decides between "absent" and "unknown" (SEMANTICS 9).
  void set_coverage(std::function<bool(const query::Query&)> covers) {
    covers_ = std::move(covers);
  }

  // ---- confirmed rows
  // The server's row; an older version than the one held is ignored.
  void put(const model::Record& row);
  void hold(const RowKey& key);
  void release(const RowKey& key);
  // Drops rows that nobody refers to and that are not in `needed`.
  void collect(const RowSet& needed);
  [[nodiscard]] bool has_unreferenced() const { return !unreferenced_.empty(); }
  [[nodiscard]] bool is_referenced(const RowKey& key) const { return references_.contains(key); }
  [[nodiscard]] model::Record confirmed(const RowKey& key) const;
  void for_each_confirmed(const std::function<void(const model::Record&)>& visit) const;

  // ---- overlay
  void overlay(const model::Change& change);
  // The row is as the server said again.
  void lift_overlay(const RowKey& key);
  // The row is as it was below this change: the server's, or as earlier changes made it.
  void undo_overlay(const model::Change& change);
  [[nodiscard]] bool is_overlaid(const RowKey& key) const { return overlay_.contains(key); }

  // ---- visible rows
  [[nodiscard]] model::Record visible(const RowKey& key) const;
  [[nodiscard]] ivm::SourceProvider& visible_sources() { return visible_; }
  // Confirmed rows changed since the last advance().
  [[nodiscard]] const RowSet& changed() const { return changed_; }
  void advance(const std::function<void(const model::Change&)>& moved);

  // ---- Reader, for mutators: confirmed + overlay, also in the middle of a step
  [[nodiscard]] base::Result<mutation::Lookup> get(model::CollectionId collection,
                                                   const base::Id& id) override;
  [[nodiscard]] base::Result<mutation::FindResult> find(const query::Query& query) override;

 private:
  [[nodiscard]] model::Record wanted(const RowKey& key) const;
  void touch(const RowKey& key);

  const model::Schema& schema_;
  std::function<bool(const query::Query&)> covers_;
  // Tables build their indexes while reading, hence mutable.
  mutable ivm::MemorySources confirmed_;
  mutable ivm::MemorySources visible_;
  RowMap<model::Record> overlay_;  // a Record that is false: removed
  RowMap<std::uint32_t> references_;
  RowSet unreferenced_;  // confirmed rows without references
  RowSet changed_;
  RowSet touched_set_;
  std::vector<RowKey> touched_;  // in the order in which they were first touched
};

}  // namespace syncline::client
