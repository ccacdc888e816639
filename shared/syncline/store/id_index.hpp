// IdIndex: record id → slot, an open-addressing table of slots alone; the ids are read from the rows. Beside each slot stand
// eight bits of its id's hash, so that hardly another row than the wanted one is looked at. 4.6–9.2 bytes a row. Invariants: at
// most 7/8 full, so every probe ends; no slot takes more than 24 bits (checked). Thread rule: one thread.
#pragma once

#include "syncline/base/id.hpp"
#include "syncline/store/rows.hpp"

namespace syncline::store {

class IdIndex {
 public:
  // `rows` outlives the index and holds the record of every slot in it.
  explicit IdIndex(const Rows& rows) : rows_(rows) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  // kNoSlot when there is none.
  [[nodiscard]] Slot find(const base::Id& id) const;
  // Room for so many rows in all.
  void reserve(std::size_t rows);
  // REQUIRES: rows[slot] is there and its id is not in the index.
  void insert(Slot slot);
  // The slot that has the id of rows[slot] already, which stays; else kNoSlot, and `slot` is in the index now.
  // REQUIRES: rows[slot] is there.
  Slot find_or_insert(Slot slot);
  // REQUIRES: the id is in the index, and so is the row of every slot still.
  void erase(const base::Id& id);
  void clear();

 private:
  using Cell = std::uint32_t;
  static constexpr Cell kFree = 0xffff'ffff;
  static constexpr Cell kSlotBits = 0x00ff'ffff;

  [[nodiscard]] std::size_t home(std::uint64_t hash) const {
    return static_cast<std::size_t>(hash) & (cells_.size() - 1);
  }
  [[nodiscard]] static Cell tag_of(std::uint64_t hash) {
    return static_cast<Cell>(hash >> 32) & ~kSlotBits;
  }
  [[nodiscard]] std::size_t next(std::size_t cell) const {
    return (cell + 1) & (cells_.size() - 1);
  }
  // Where the id stands, or the free cell where it would.
  [[nodiscard]] std::size_t cell_of(const base::Id& id, std::uint64_t hash) const;
  void fill(std::size_t cell, Slot slot, std::uint64_t hash);
  void grow_to(std::size_t cells);  // a power of two

  const Rows& rows_;
  std::vector<Cell> cells_;  // a power of two, or empty
  std::size_t size_ = 0;
};

}  // namespace syncline::store
