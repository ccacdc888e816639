#include "syncline/store/slot_index.hpp"

#include <algorithm>
#include <utility>

namespace syncline::store {

SlotIndex::SlotIndex(const model::Collection& collection, const Rows& rows, model::Order order)
    : collection_(collection), rows_(rows), order_(std::move(order)) {}

void SlotIndex::build() {
  SYNC_CHECK(blocks_.empty(), "an index is built once");
  Block all;
  for (Slot slot = 0; slot < rows_.size(); ++slot) {
    if (rows_[slot]) all.push_back(slot);
  }
  std::sort(all.begin(), all.end(), [this](Slot a, Slot b) { return less(rows_[a], rows_[b]); });
  // Three quarters full: room for the inserts that follow.
  constexpr std::size_t kFill = kBlockMax / 4 * 3;
  for (std::size_t from = 0; from < all.size(); from += kFill) {
    const std::size_t to = std::min(from + kFill, all.size());
    Block block;
    block.reserve(kBlockMax);
    block.assign(all.begin() + static_cast<std::ptrdiff_t>(from),
                 all.begin() + static_cast<std::ptrdiff_t>(to));
    blocks_.push_back(std::move(block));
  }
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
