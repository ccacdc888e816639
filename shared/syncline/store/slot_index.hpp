// SlotIndex: the slots of all rows of a table sorted by one order (ties by id), in blocks of at most kBlockMax slots: a
// two-level B+tree. 4–8 bytes a row; inserting moves at most one block. Each block knows the head of its last row, so that a row's
// block is found without reading other rows, but for those of an equal head. Invariants: no block is empty; sorted within and
// across blocks; last_head is that of the last row; the row of a slot does not change its place while the slot is in here.
// Thread rule: one thread.
#pragma once

#include <optional>

#include "syncline/model/order.hpp"
#include "syncline/store/slot_set.hpp"

namespace syncline::store {

class SlotIndex {
 public:
  // `collection` and `rows` outlive the index.
  SlotIndex(const model::Collection& collection, const Rows& rows, model::Order order);

  [[nodiscard]] const model::Order& order() const { return order_; }

  // Takes in every row there is but the hidden ones. REQUIRES: not built. Until then nothing but order() and is_built() may be
  // called.
  void build(const SlotSet& hidden);
  [[nodiscard]] bool is_built() const { return built_; }
  void forget();
  // REQUIRES: rows[slot] is there and not in the index yet.
  void insert(Slot slot);
  // REQUIRES: in the index, and rows[slot] still is the row it was inserted with.
  void erase(Slot slot);

  // A place between two slots: before `block`[`offset`]. The end is (number of blocks, 0).
  struct Position {
    std::size_t block = 0;
    std::size_t offset = 0;
    friend bool operator==(const Position&, const Position&) = default;
  };
  [[nodiscard]] Position begin() const { return {}; }
  [[nodiscard]] Position end() const { return {blocks_.size(), 0}; }
  // The first place whose row does not satisfy `is_before`. REQUIRES: `is_before` holds for a prefix of the order.
  template <class IsBefore>
  [[nodiscard]] Position partition(const IsBefore& is_before) const;

  // REQUIRES: not end() / not begin().
  [[nodiscard]] Slot at(Position position) const {
    return blocks_[position.block].slots[position.offset];
  }
  [[nodiscard]] Position next(Position position) const;
  [[nodiscard]] Position previous(Position position) const;

 private:
  struct Block {
    std::vector<Slot> slots;
    std::uint64_t last_head = 0;  // of the last row
  };
  static constexpr std::size_t kBlockMax = 256;

  [[nodiscard]] bool less(const model::Record& a, const model::Record& b) const {
    return model::compare_records(collection_, order_, a, b) < 0;
  }
  [[nodiscard]] std::uint64_t head_of(const model::Record& row) const {
    return model::order_head(collection_, order_, row);
  }
  // The first one whose last row is not before this one; the number of blocks: there is none.
  [[nodiscard]] std::size_t block_for(const model::Record& row, std::uint64_t head) const;
  void split(std::size_t block);

  const model::Collection& collection_;
  const Rows& rows_;
  const model::Order order_;
  std::vector<Block> blocks_;
  bool built_ = false;
};

template <class IsBefore>
SlotIndex::Position SlotIndex::partition(const IsBefore& is_before) const {
  std::size_t low = 0;
  std::size_t high = blocks_.size();
  while (low < high) {  // the first block whose last row is not before
    const std::size_t middle = low + (high - low) / 2;
    if (is_before(rows_[blocks_[middle].slots.back()])) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == blocks_.size()) return end();
  const std::vector<Slot>& slots = blocks_[low].slots;
  std::size_t first = 0;
  std::size_t last = slots.size() - 1;
  while (first < last) {
    const std::size_t middle = first + (last - first) / 2;
    if (is_before(rows_[slots[middle]])) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return {low, first};
}

}  // namespace syncline::store
