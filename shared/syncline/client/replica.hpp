// Replica: the rows this browser holds. confirmed = what the server said; overlay = what pending mutations make of it;
// visible = confirmed + overlay, the tables that live queries read.
//
// Only the visible rows are read as a table. Where the confirmed row is another one (overlaid, or changed within this step), it stands
// in `apart_`; so rows without pending mutations are held once.
//
// confirmed and overlay change first, in any order; advance() then moves the visible tables there, row by row and only by
// the net difference, telling the live queries after each row (the law of order, ivm/source.hpp). So nothing flickers.
// A flood of rows (begin_flood) goes straight into the visible tables, one look-up each, and the queries look again at its end.
//
// A confirmed row stays while a subscribed query refers to it (hold, release), or while a pending mutation needs it. Rows that
// queries refer to are named by their places, the slots of the visible tables; so a confirmed row has a slot there also while it
// is not visible (store::Table::keep, hide). Invariants: a slot is one of a row that is confirmed or visible; every confirmed row that
// nobody refers to is in References::unheld; outside a step, visible = confirmed + overlay, and apart_ has exactly the
// overlaid rows. Thread rule: one thread.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "syncline/client/held_rows.hpp"
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
  // The server's row; an older version than the one held is ignored. Returns where it stands.
  RowPlace put(const model::Record& row);
  // Adds and takes back a reference. REQUIRES: a confirmed row's; release: as often as held (checked).
  void hold(const RowPlace& row);
  void release(const RowPlace& row);
  // None: the server has sent no such row, or it has gone.
  [[nodiscard]] std::optional<RowPlace> place_of(const RowKey& key) const;
  // REQUIRES: of a confirmed row.
  [[nodiscard]] RowKey key_at(const RowPlace& row) const;
  [[nodiscard]] model::Record confirmed_at(const RowPlace& row) const;
  // Before so many rows come by put() that it is cheaper to look at the tables anew than to be told of each. Until the end of
  // the step the visible rows are ahead of the live queries, which must be evaluated anew. Does nothing where it is not worth
  // it, or while mutations are pending.
  void begin_flood(std::size_t rows);
  // Room for so many rows of a collection in all.
  void reserve(model::CollectionId collection, std::size_t rows);
  // Drops rows that nobody refers to and that are not in `needed`.
  void collect(const RowSet& needed);
  // There may be such rows.
  [[nodiscard]] bool has_unreferenced() const { return unheld_ > 0; }
  [[nodiscard]] bool is_referenced(const RowKey& key) const;
  [[nodiscard]] model::Record confirmed(const RowKey& key) const;
  // A row's version as its author knows it: one's own that waits has none (0), though it may stand where there is one, removed and
  // brought back.
  [[nodiscard]] model::Version known_version(const RowKey& key, model::Version version) const;
  // Another number after every change of confirmed rows.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  void for_each_confirmed(const std::function<void(const model::Record&)>& visit) const;

  // ---- overlay
  void overlay(const model::Change& change);
  // The row is as the server said again.
  void lift_overlay(const RowKey& key);
  // The row is as it was below this change: the server's, or as earlier changes made it.
  void undo_overlay(const model::Change& change);
  [[nodiscard]] bool is_overlaid(const RowKey& key) const {
    const Apart* found = apart_.find(key);
    return found != nullptr && found->overlaid;
  }

  // ---- visible rows
  [[nodiscard]] model::Record visible(const RowKey& key) const;
  [[nodiscard]] ivm::SourceProvider& visible_sources() { return visible_; }
  // Did the row's confirmed state change since the last advance()?
  [[nodiscard]] bool is_changed(const RowKey& key) const {
    const Apart* found = apart_.find(key);
    return found != nullptr && found->changed;
  }
  // A bit for each collection of such rows; far apart ones may share one.
  [[nodiscard]] std::uint64_t changed_collections() const { return changed_collections_; }
  [[nodiscard]] static std::uint64_t collection_bit(model::CollectionId collection) {
    return std::uint64_t{1} << (collection & 63);
  }
  // So many rows are about to move that it is cheaper to look at the tables anew than to be told of each.
  [[nodiscard]] bool is_flood() const;
  void advance(const std::function<void(const model::Change&)>& moved);
  // All at once, telling nobody. REQUIRES: every live query is evaluated anew afterwards.
  void advance_untold();

  // ---- Reader, for mutators: confirmed + overlay, also in the middle of a step
  [[nodiscard]] base::Result<mutation::Lookup> get(model::CollectionId collection,
                                                   const base::Id& id) override;
  [[nodiscard]] base::Result<mutation::FindResult> find(const query::Query& query) override;

 private:
  // A Record that is false: not there, respectively removed.
  struct Apart {
    model::Record confirmed;
    model::Record overlay;              // where it is overlaid
    store::Slot slot = store::kNoSlot;  // where it stands, if that is known; within one step
    bool overlaid = false;
    bool touched = false;  // is in touched_
    bool changed = false;  // by the server, since the last advance()
  };
  // How often the rows of a collection are held.
  struct References {
    std::vector<std::uint32_t> counts;  // by slot; missing ones are 0
    std::vector<store::Slot> unheld;    // with the mark kIsListed in counts; some may be held again
  };

  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] References& references(model::CollectionId collection);
  [[nodiscard]] std::uint32_t& count(const RowPlace& row);
  void list_unheld(const RowPlace& row);
  void collect(model::CollectionId collection, const RowSet& needed);
  void forget(const RowKey& key);
  [[nodiscard]] model::Record wanted(const RowKey& key) const;
  void set_confirmed(const RowKey& key, const model::Record& row, store::Slot slot);
  // The row's entry in apart_, made when there is none.
  Apart& apart(const RowKey& key);
  void touch(const RowKey& key, Apart& apart);
  void overlay(const RowKey& key, const model::Record& row);

  const model::Schema& schema_;
  std::function<bool(const query::Query&)> covers_;
  // Tables build their indexes while reading, hence mutable.
  mutable ivm::MemorySources visible_;
  RowMap<Apart> apart_;
  std::vector<References> references_;  // by collection id
  std::size_t unheld_ = 0;              // entries of all References::unheld
  bool flood_ = false;
  std::uint64_t generation_ = 0;
  std::uint64_t changed_collections_ = 0;
  std::vector<RowKey> touched_;  // in the order in which they were first touched
};

}  // namespace syncline::client
