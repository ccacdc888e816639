// IdIndex: record id → slot, an open-addressing table of slots alone; the ids are read from the rows. 4–8 bytes a row.
// Invariant: at most 3/4 full, so every probe ends. Thread rule: one thread.
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
  [[nodiscard]] std::size_t home(const base::Id& id) const {
    return static_cast<std::size_t>(base::hash(id)) & (cells_.size() - 1);
  }
  void place(Slot slot);
  void grow_to(std::size_t cells);  // a power of two

  const Rows& rows_;
  std::vector<Slot> cells_;  // a power of two, or empty
  std::size_t size_ = 0;
};

}  // namespace syncline::store
