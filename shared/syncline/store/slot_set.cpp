#include "syncline/store/slot_set.hpp"

#include <algorithm>
#include <utility>

#include "syncline/base/hash.hpp"

namespace syncline::store {

namespace {

constexpr std::size_t kCellsMin = 8;
// A set that has become sparse may stay in bits until they take so many times the room of cells.
constexpr std::size_t kPatience = 4;

// A power of two in which so many slots leave an eighth free.
std::size_t cells_for(std::size_t slots) {
  std::size_t cells = kCellsMin;
  while (slots * 8 > cells * 7) cells *= 2;
  return cells;
}

}  // namespace

std::size_t SlotSet::home(Slot slot) const {
  // Salted with the capacity: whoever fills a table in the order of a larger one would otherwise pile everything up.
  const std::uint64_t salt = std::uint64_t{words_.size()} << 32;
  return static_cast<std::size_t>(base::mix64(slot + salt)) & (words_.size() - 1);
}

std::size_t SlotSet::cell_of(Slot slot) const {
  std::size_t cell = home(slot);
  while (words_[cell] != slot && words_[cell] != kNoSlot) cell = next(cell);
  return cell;
}

bool SlotSet::contains(Slot slot) const {
  if (dense_) return has_bit(slot);
  return size_ > 0 && words_[cell_of(slot)] == slot;
}

bool SlotSet::insert(Slot slot) {
  if (contains(slot)) return false;
  make_room_for(slot);
  place(slot);
  return true;
}

void SlotSet::place(Slot slot) {
  if (dense_) {
    words_[slot / 32] |= std::uint32_t{1} << (slot % 32);
  } else {
    words_[cell_of(slot)] = slot;
  }
  ++size_;
}

bool SlotSet::erase(Slot slot) {
  if (!contains(slot)) return false;
  --size_;
  if (dense_) {
    words_[slot / 32] &= ~(std::uint32_t{1} << (slot % 32));
    return true;
  }
  const std::size_t mask = words_.size() - 1;
  std::size_t hole = cell_of(slot);
  // What is behind the hole moves up, unless that would put it before its home.
  for (std::size_t cell = next(hole); words_[cell] != kNoSlot; cell = next(cell)) {
    if (((cell - home(words_[cell])) & mask) < ((cell - hole) & mask)) continue;
    words_[hole] = words_[cell];
    hole = cell;
  }
  words_[hole] = kNoSlot;
  return true;
}

void SlotSet::clear() { *this = SlotSet(); }

Slot SlotSet::largest() const {
  Slot most = 0;
  for_each([&most](Slot slot) { most = std::max(most, slot); });
  return most;
}

void SlotSet::make_room_for(Slot slot) {
  std::size_t words = slot / 32 + std::size_t{1};
  if (dense_ && words <= words_.size()) return;
  const std::size_t cells = cells_for(size_ + 1);
  if (!dense_ && cells <= words_.size()) return;
  if (dense_ && words <= kPatience * cells) return words_.resize(words);
  if (!dense_) words = std::max(words, largest() / 32 + std::size_t{1});
  become(words <= cells, std::min(words, cells));
}

void SlotSet::become(bool dense, std::size_t words) {
  SlotSet other;
  other.dense_ = dense;
  other.words_.assign(words, dense ? 0 : kNoSlot);
  for_each([&other](Slot slot) { other.place(slot); });
  *this = std::move(other);
}

}  // namespace syncline::store
