#include "syncline/ivm/row_list.hpp"

#include <algorithm>
#include <utility>

namespace syncline::ivm {

using model::Record;

std::size_t RowList::block_of(std::size_t position) const {
  if (blocks_.size() == 1) return 0;
  const auto above = std::upper_bound(starts_.begin(), starts_.end(), position);
  return static_cast<std::size_t>(above - starts_.begin()) - 1;
}

void RowList::insert(std::size_t position, Record row) {
  if (blocks_.empty()) {
    blocks_.emplace_back();
    starts_.push_back(0);
  }
  const auto place = [&] { return position == size_ ? blocks_.size() - 1 : block_of(position); };
  std::size_t at = place();
  if (blocks_[at].size() == kBlockMax) {
    split(at);
    at = place();
  }
  Block& block = blocks_[at];
  block.insert(block.begin() + static_cast<std::ptrdiff_t>(position - starts_[at]), std::move(row));
  for (std::size_t i = at + 1; i < starts_.size(); ++i) ++starts_[i];
  ++size_;
}

void RowList::append(Record row) {
  if (blocks_.empty() || blocks_.back().size() >= kBlockMax * 7 / 8) {
    blocks_.emplace_back();
    starts_.push_back(static_cast<std::uint32_t>(size_));
  }
  blocks_.back().push_back(std::move(row));
  ++size_;
}

void RowList::split(std::size_t at) {
  // A list that grows at its end keeps its blocks full.
  const bool at_end = at + 1 == blocks_.size();
  const std::size_t keep = at_end ? kBlockMax * 7 / 8 : kBlockMax / 2;
  Block& full = blocks_[at];
  Block upper;
  upper.reserve(kBlockMax);
  const auto cut = full.begin() + static_cast<std::ptrdiff_t>(keep);
  upper.assign(std::make_move_iterator(cut), std::make_move_iterator(full.end()));
  full.erase(cut, full.end());
  const auto behind = static_cast<std::ptrdiff_t>(at) + 1;
  starts_.insert(starts_.begin() + behind, starts_[at] + static_cast<std::uint32_t>(keep));
  blocks_.insert(blocks_.begin() + behind, std::move(upper));
}

void RowList::erase(std::size_t position) {
  const std::size_t at = block_of(position);
  Block& block = blocks_[at];
  block.erase(block.begin() + static_cast<std::ptrdiff_t>(position - starts_[at]));
  for (std::size_t i = at + 1; i < starts_.size(); ++i) --starts_[i];
  if (block.empty()) {
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
    starts_.erase(starts_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  --size_;
}

void RowList::replace(std::size_t position, Record row) {
  const std::size_t at = block_of(position);
  blocks_[at][position - starts_[at]] = std::move(row);
}

std::size_t RowList::find_same(const Record& row) const {
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    for (std::size_t at = 0; at < block.size(); ++at) {
      if (block[at].same(row)) return starts_[i] + at;
    }
  }
  return size_;
}

void RowList::clear() {
  blocks_.clear();
  starts_.clear();
  size_ = 0;
}

}  // namespace syncline::ivm
