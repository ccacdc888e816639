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
    block.reserve(kBlockMax);
    for (std::size_t at = from; at < to; ++at) block.push_back(sorted[at].slot);
    blocks_.push_back(std::move(block));
  }
}

void SlotIndex::forget() {
  blocks_.clear();
  built_ = false;
}

void SlotIndex::insert(Slot slot) {
  const model::Record& row = rows_[slot];
  if (blocks_.empty()) {
    blocks_.push_back(Block(1, slot));
    return;
  }
  Position position = partition([&](const model::Record& other) { return less(other, row); });
  if (position == end()) position = {blocks_.size() - 1, blocks_.back().size()};
  if (blocks_[position.block].size() >= kBlockMax) {
    const auto half = static_cast<std::ptrdiff_t>(kBlockMax / 2);
    Block& full = blocks_[position.block];
    Block upper(full.begin() + half, full.end());
    full.erase(full.begin() + half, full.end());
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(position.block) + 1,
                   std::move(upper));
    if (position.offset > kBlockMax / 2) {
      position = {position.block + 1, position.offset - kBlockMax / 2};
    }
  }
  Block& block = blocks_[position.block];
  block.insert(block.begin() + static_cast<std::ptrdiff_t>(position.offset), slot);
}

void SlotIndex::erase(Slot slot) {
  const model::Record& row = rows_[slot];
  const Position position = partition([&](const model::Record& other) { return less(other, row); });
  SYNC_CHECK(position != end() && at(position) == slot, "a row changed while it was in an index");
  Block& block = blocks_[position.block];
  block.erase(block.begin() + static_cast<std::ptrdiff_t>(position.offset));
  if (block.empty()) blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(position.block));
}

SlotIndex::Position SlotIndex::next(Position position) const {
  if (++position.offset == blocks_[position.block].size()) return {position.block + 1, 0};
  return position;
}

SlotIndex::Position SlotIndex::previous(Position position) const {
  if (position.offset == 0) return {position.block - 1, blocks_[position.block - 1].size() - 1};
  return {position.block, position.offset - 1};
}

}  // namespace syncline::store
