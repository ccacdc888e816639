// SlotSet: a set of slots of one table: an open-addressing table of 4–9 bytes a slot, or a bit for each slot of the table, whichever
// takes less room when it grows. Invariant: the former is at most 7/8 full, so every probe ends. Thread rule: one thread.
#pragma once

#include "syncline/store/rows.hpp"

namespace syncline::store {

class SlotSet {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // None of these takes kNoSlot.
  [[nodiscard]] bool contains(Slot slot) const;
  // Is it new?
  bool insert(Slot slot);
  // Was it there?
  bool erase(Slot slot);
  void clear();
  // Calls visit(slot) for each, in no order; it must not change the set.
  template <class Visit>
  void for_each(const Visit& visit) const;

 private:
  [[nodiscard]] bool has_bit(Slot slot) const {
    return slot / 32 < words_.size() && (words_[slot / 32] >> (slot % 32) & 1) != 0;
  }
  [[nodiscard]] std::size_t home(Slot slot) const;
  [[nodiscard]] std::size_t next(std::size_t cell) const {
    return (cell + 1) & (words_.size() - 1);
  }
  // Where the slot stands, or the free cell where it would. REQUIRES: a table with a free cell.
  [[nodiscard]] std::size_t cell_of(Slot slot) const;
  [[nodiscard]] Slot largest() const;
  void make_room_for(Slot slot);
  // REQUIRES: there is room, and the slot is not here yet.
  void place(Slot slot);
  void become(bool dense, std::size_t words);

  bool dense_ = false;
  std::size_t size_ = 0;
  // Dense: bits. Else cells, a power of two or none; free ones are kNoSlot.
  std::vector<std::uint32_t> words_;
};

template <class Visit>
void SlotSet::for_each(const Visit& visit) const {
  for (std::size_t at = 0; at < words_.size(); ++at) {
    if (!dense_) {
      if (words_[at] != kNoSlot) visit(words_[at]);
      continue;
    }
    for (std::uint32_t left = words_[at]; left != 0; left &= left - 1)
      visit(static_cast<Slot>(at * 32) + static_cast<Slot>(__builtin_ctz(left)));
  }
}

}  // namespace syncline::store
