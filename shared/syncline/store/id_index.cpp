#include "syncline/store/id_index.hpp"

#include <algorithm>
#include <utility>

namespace syncline::store {

Slot IdIndex::find(const base::Id& id) const {
  if (cells_.empty()) return kNoSlot;
  for (std::size_t cell = home(id);; cell = (cell + 1) & (cells_.size() - 1)) {
    const Slot slot = cells_[cell];
    if (slot == kNoSlot || rows_[slot].id() == id) return slot;
  }
}

void IdIndex::reserve(std::size_t rows) {
  std::size_t cells = std::max<std::size_t>(cells_.size(), 16);
  while (rows * 4 > cells * 3) cells *= 2;
  if (cells > cells_.size()) grow_to(cells);
}

void IdIndex::insert(Slot slot) {
  reserve(size_ + 1);
  place(slot);
  ++size_;
}

Slot IdIndex::find_or_insert(Slot slot) {
  reserve(size_ + 1);
  const base::Id id = rows_[slot].id();
  for (std::size_t cell = home(id);; cell = (cell + 1) & (cells_.size() - 1)) {
    const Slot there = cells_[cell];
    if (there == kNoSlot) {
      cells_[cell] = slot;
      ++size_;
      return kNoSlot;
    }
    if (rows_[there].id() == id) return there;
  }
}

void IdIndex::erase(const base::Id& id) {
  const std::size_t mask = cells_.size() - 1;
  std::size_t hole = home(id);
  while (true) {
    SYNC_CHECK(cells_[hole] != kNoSlot, "erasing an id that is not in the index");
    if (rows_[cells_[hole]].id() == id) break;
    hole = (hole + 1) & mask;
  }
  // Rows behind the hole move up, unless that would put them before their home.
  for (std::size_t cell = (hole + 1) & mask; cells_[cell] != kNoSlot; cell = (cell + 1) & mask) {
    const std::size_t wanted = home(rows_[cells_[cell]].id());
    if (((cell - wanted) & mask) >= ((cell - hole) & mask)) {
      cells_[hole] = cells_[cell];
      hole = cell;
    }
  }
  cells_[hole] = kNoSlot;
  --size_;
}

void IdIndex::clear() {
  cells_.clear();
  size_ = 0;
}

void IdIndex::place(Slot slot) {
  std::size_t cell = home(rows_[slot].id());
  while (cells_[cell] != kNoSlot) cell = (cell + 1) & (cells_.size() - 1);
  cells_[cell] = slot;
}

void IdIndex::grow_to(std::size_t cells) {
  std::vector<Slot> old = std::exchange(cells_, {});
  cells_.assign(cells, kNoSlot);
  for (const Slot slot : old) {
    if (slot != kNoSlot) place(slot);
  }
}

}  // namespace syncline::store
