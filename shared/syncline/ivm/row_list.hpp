// RowList: rows by position, in blocks: inserting and removing costs a block and the number of blocks, not the number of rows,
// so that a list of 100,000 rows moves nearly as fast as one of 50. Invariants: no block is empty or above kBlockMax rows;
// starts_[i] is the position of block i's first row. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <iterator>
#include <vector>

#include "syncline/model/record.hpp"

namespace syncline::ivm {

class RowList {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // REQUIRES: position < size(), respectively not empty.
  [[nodiscard]] const model::Record& operator[](std::size_t position) const {
    const std::size_t block = block_of(position);
    return blocks_[block][position - starts_[block]];
  }
  [[nodiscard]] const model::Record& back() const { return blocks_.back().back(); }
  [[nodiscard]] std::vector<model::Record> to_vector() const { return {begin(), end()}; }

  // REQUIRES: position ≤ size().
  void insert(std::size_t position, model::Record row);
  // insert() at the end, for many rows: blocks are left with room.
  void append(model::Record row);
  // REQUIRES: position < size().
  void erase(std::size_t position);
  void replace(std::size_t position, model::Record row);
  void clear();

  // Where this very record (Record::same) stands; size() where it stands nowhere. Looks into no row, but at every place.
  [[nodiscard]] std::size_t find_same(const model::Record& row) const;
  // The first position whose row does not satisfy `is_before`, which holds for a prefix of the list.
  template <class IsBefore>
  [[nodiscard]] std::size_t partition(const IsBefore& is_before) const;

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = model::Record;
    using difference_type = std::ptrdiff_t;
    using pointer = const model::Record*;
    using reference = const model::Record&;
    Iterator() = default;
    Iterator(const RowList* list, std::size_t block) : list_(list), block_(block) {}
    reference operator*() const { return list_->blocks_[block_][offset_]; }
    pointer operator->() const { return &**this; }
    Iterator& operator++() {
      if (++offset_ == list_->blocks_[block_].size()) {
        ++block_;
        offset_ = 0;
      }
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const RowList* list_ = nullptr;
    std::size_t block_ = 0;
    std::size_t offset_ = 0;
  };
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, blocks_.size()}; }

 private:
  using Block = std::vector<model::Record>;
  static constexpr std::size_t kBlockMax = 128;

  [[nodiscard]] std::size_t block_of(std::size_t position) const;
  void split(std::size_t block);

  std::vector<Block> blocks_;
  std::vector<std::uint32_t> starts_;
  std::size_t size_ = 0;
};

template <class IsBefore>
std::size_t RowList::partition(const IsBefore& is_before) const {
  std::size_t low = 0;
  std::size_t high = blocks_.size();
  while (low < high) {  // the first block whose last row is not before
    const std::size_t middle = low + (high - low) / 2;
    if (is_before(blocks_[middle].back())) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == blocks_.size()) return size_;
  const Block& block = blocks_[low];
  std::size_t first = 0;
  std::size_t last = block.size() - 1;
  while (first < last) {
    const std::size_t middle = first + (last - first) / 2;
    if (is_before(block[middle])) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return starts_[low] + first;
}

}  // namespace syncline::ivm
