#include "syncline/store/slot_index.hpp"

#include <algorithm>
#include <utility>

#include "syncline/base/sort.hpp"

namespace syncline::store {

SlotIndex::SlotIndex(const model::Collection& collection, const Rows& rows, model::Order order)
    : collection_(collection), rows_(rows), order_(std::move(order)) {}

void SlotIndex::build(const SlotSet& hidden) {
  SYNC_CHECK(!built_, "an index is built once");
  built_ = true;
  // Most rows are told apart by the head of their first term alone, so sorting rarely touches the rows themselves.
  struct Headed {
    std::uint64_t head;
    Slot slot;
  };
  std::vector<Headed> sorted;
  sorted.reserve(rows_.size());
  for (Slot slot = 0; slot < rows_.size(); ++slot) {
    if (rows_[slot] && !hidden.contains(slot))
      sorted.push_back({model::order_head(collection_, order_, rows_[slot]), slot});
  }
  base::sort_many(sorted.begin(), sorted.end(), [this](const Headed& a, const Headed& b) {
    return a.head != b.head ? a.head < b.head : less(rows_[a.slot], rows_[b.slot]);
  });
  // Three quarters full: room for the inserts that follow.
  constexpr std::size_t kFill = kBlockMax / 4 * 3;
  blocks_.reserve(sorted.size() / kFill + 1);
  for (std::size_t from = 0; from < sorted.size(); from += kFill) {
    const std::size_t to = std::min(from + kFill, sorted.size());
    Block block;
    block.slots.reserve(kBlockMax);
    for (std::size_t at = from; at < to; ++at) block.slots.push_back(sorted[at].slot);
    block.last_head = sorted[to - 1].head;
    blocks_.push_back(std::move(block));
  }
}

void SlotIndex::forget() {
  blocks_.clear();
  built_ = false;
}

std::size_t SlotIndex::block_for(const model::Record& row, std::uint64_t head) const {
  const auto is_before = [&](const Block& block, const model::Record&) {
    return block.last_head != head ? block.last_head < head : less(rows_[block.slots.back()], row);
  };
  const auto found = std::lower_bound(blocks_.begin(), blocks_.end(), row, is_before);
  return static_cast<std::size_t>(found - blocks_.begin());
}

void SlotIndex::split(std::size_t block) {
  std::vector<Slot>& full = blocks_[block].slots;
  const auto half = full.begin() + static_cast<std::ptrdiff_t>(kBlockMax / 2);
  Block upper{{half, full.end()}, blocks_[block].last_head};
  full.erase(half, full.end());
  blocks_[block].last_head = head_of(rows_[full.back()]);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(block) + 1, std::move(upper));
}

void SlotIndex::insert(Slot slot) {
  const model::Record& row = rows_[slot];
  const std::uint64_t head = head_of(row);
  if (blocks_.empty()) {
    blocks_.push_back({std::vector<Slot>(1, slot), head});
    return;
  }
  std::size_t at = block_for(row, head);
  if (at == blocks_.size()) blocks_[--at].last_head = head;
  if (blocks_[at].slots.size() >= kBlockMax) {
    // Of a row that comes behind all others the head is noted already, and stays with the upper half.
    split(at);
    if (less(rows_[blocks_[at].slots.back()], row)) ++at;
  }
  std::vector<Slot>& slots = blocks_[at].slots;
  const auto place =
      std::lower_bound(slots.begin(), slots.end(), row,
                       [&](Slot other, const model::Record&) { return less(rows_[other], row); });
  slots.insert(place, slot);
}

void SlotIndex::erase(Slot slot) {
  const model::Record& row = rows_[slot];
  const std::size_t at = block_for(row, head_of(row));
  SYNC_CHECK(at < blocks_.size(), "a row changed while it was in an index");
  std::vector<Slot>& slots = blocks_[at].slots;
  // By identity: that reads no other row.
  const auto place = std::find(slots.begin(), slots.end(), slot);
  SYNC_CHECK(place != slots.end(), "a row changed while it was in an index");
  const bool was_last = place + 1 == slots.end();
  slots.erase(place);
  if (slots.empty()) {
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
  } else if (was_last) {
    blocks_[at].last_head = head_of(rows_[slots.back()]);
  }
}

SlotIndex::Position SlotIndex::next(Position position) const {
  if (++position.offset == blocks_[position.block].slots.size()) return {position.block + 1, 0};
  return position;
}

SlotIndex::Position SlotIndex::previous(Position position) const {
  if (position.offset == 0)
    return {position.block - 1, blocks_[position.block - 1].slots.size() - 1};
  return {position.block, position.offset - 1};
}

}  // namespace syncline::store
