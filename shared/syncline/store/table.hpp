// Table: the rows of one collection in memory, in dense slots, with ordered indexes that are built when first asked for and
// shared by all queries of that order. A row may also be hidden: it has its slot, and is nowhere but there (keep, hide). Invariant:
// every index holds exactly the rows of the table that are not hidden. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "syncline/model/order.hpp"
#include "syncline/model/record.hpp"
#include "syncline/store/rows.hpp"

namespace syncline::store {

class Table {
 public:
  explicit Table(const model::Collection& collection);
  ~Table();
  Table(const Table&) = delete;

  [[nodiscard]] const model::Collection& collection() const { return collection_; }
  // Without the hidden ones.
  [[nodiscard]] std::size_t size() const;
  // A Record that is false when there is none.
  [[nodiscard]] model::Record get(const base::Id& id) const;
  // Inserts or replaces; returns what was there before (or none).
  model::Record put(model::Record record);
  // Room for so many rows in all.
  void reserve(std::size_t rows);
  // put(), unless the row that is there is newer or the same. For very many rows, after drop_indexes(). A hidden row counts as none.
  enum class Brought : std::uint8_t { fresh, newer, nothing };
  struct Place {
    Brought brought = Brought::nothing;
    Slot slot = kNoSlot;
  };
  Place bring(const model::Record& record);
  // Returns what was removed (or none). The row's slot is free afterwards, also where it was hidden.
  model::Record erase(const base::Id& id);

  // ---- slots: a row's stays until the row is erased
  // Also of a hidden row; kNoSlot when there is none.
  [[nodiscard]] Slot slot_of(const base::Id& id) const;
  // REQUIRES: a slot that a row has. Of a hidden row it is the last that was put or kept.
  [[nodiscard]] const model::Record& at(Slot slot) const;
  // As get() and put(), of the row that has the slot. REQUIRES: a slot that a row has, `record` is of its id.
  [[nodiscard]] model::Record get_at(Slot slot) const;
  model::Record put_at(Slot slot, model::Record record);
  // A hidden row. REQUIRES: its id has no slot.
  Slot keep(const model::Record& record);
  // The row is as if it were erased, but for its slot; put() shows it again.
  void hide(const base::Id& id);
  void clear();
  // Before very many changes: every index is forgotten, and sorted anew when it is next asked for.
  void drop_indexes();

  using Visitor =
      std::function<bool(const model::Record&)>;  // false stops; must not change the table
  // In `order` (ties by id), strictly after `after` in the direction of reading. Builds the index on first use.
  void scan(const model::Order& order, const std::optional<model::OrderKey>& after, bool reverse,
            const Visitor& visit);
  // Rows whose field equals the value (byte equality; null equals null), in id order: the index over (field) and its ties.
  void scan_equal(model::FieldId field, const model::Value& value, const Visitor& visit);
  // scan_equal within an order: rows with field = value in `order`: an index over (field, order…).
  void scan_equal_ordered(model::FieldId field, const model::Value& value,
                          const model::Order& order, const std::optional<model::OrderKey>& after,
                          bool reverse, const Visitor& visit);
  // Unordered, over all rows.
  void for_each(const Visitor& visit) const;

 private:
  struct Impl;
  const model::Collection& collection_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace syncline::store
