#include "syncline/store/id_index.hpp"

#include <algorithm>
#include <utility>

namespace syncline::store {

std::size_t IdIndex::cell_of(const base::Id& id, std::uint64_t hash) const {
  const Cell tag = tag_of(hash);
  for (std::size_t cell = home(hash);; cell = next(cell)) {
    const Cell there = cells_[cell];
    if (there == kFree) return cell;
    if ((there & ~kSlotBits) == tag && rows_[there & kSlotBits].id() == id) return cell;
  }
}

void IdIndex::fill(std::size_t cell, Slot slot, std::uint64_t hash) {
  SYNC_CHECK(slot < kSlotBits, "a table of more than sixteen million rows");
  cells_[cell] = tag_of(hash) | slot;
}

Slot IdIndex::find(const base::Id& id) const {
  if (cells_.empty()) return kNoSlot;
  const Cell there = cells_[cell_of(id, base::hash(id))];
  return there == kFree ? kNoSlot : there & kSlotBits;
}

void IdIndex::reserve(std::size_t rows) {
  std::size_t cells = std::max<std::size_t>(cells_.size(), 16);
  while (rows * 8 > cells * 7) cells *= 2;
  if (cells > cells_.size()) grow_to(cells);
}

void IdIndex::insert(Slot slot) {
  const Slot there = find_or_insert(slot);
  SYNC_CHECK(there == kNoSlot, "an id that is in the index already");
}

Slot IdIndex::find_or_insert(Slot slot) {
  reserve(size_ + 1);
  const base::Id id = rows_[slot].id();
  const std::uint64_t hash = base::hash(id);
  const std::size_t cell = cell_of(id, hash);
  if (cells_[cell] != kFree) return cells_[cell] & kSlotBits;
  fill(cell, slot, hash);
  ++size_;
  return kNoSlot;
}

void IdIndex::erase(const base::Id& id) {
  SYNC_CHECK(size_ > 0, "erasing an id that is not in the index");
  std::size_t hole = cell_of(id, base::hash(id));
  SYNC_CHECK(cells_[hole] != kFree, "erasing an id that is not in the index");
  const std::size_t mask = cells_.size() - 1;
  // Rows behind the hole move up, unless that would put them before their home.
  for (std::size_t cell = next(hole); cells_[cell] != kFree; cell = next(cell)) {
    const std::size_t wanted = home(base::hash(rows_[cells_[cell] & kSlotBits].id()));
    if (((cell - wanted) & mask) >= ((cell - hole) & mask)) {
      cells_[hole] = cells_[cell];
      hole = cell;
    }
  }
  cells_[hole] = kFree;
  --size_;
}

void IdIndex::clear() {
  cells_.clear();
  size_ = 0;
}

void IdIndex::grow_to(std::size_t cells) {
  std::vector<Cell> old = std::exchange(cells_, {});
  cells_.assign(cells, kFree);
  for (const Cell full : old) {
    if (full == kFree) continue;
    const std::uint64_t hash = base::hash(rows_[full & kSlotBits].id());
    std::size_t cell = home(hash);
    while (cells_[cell] != kFree) cell = next(cell);
    cells_[cell] = full;
  }
}

}  // namespace syncline::store
