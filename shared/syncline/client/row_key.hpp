// Names a row: its collection and id; sets of such names, and maps from them.
//
// RowSet and RowMap may hold an entry for very many rows of the browser, so they are open-addressing tables without a node per
// entry: 18 bytes and the value, at most 7/8 full. Invariants: a cell without a collection is free; behind its home every entry is
// reached without crossing a free cell. References and iterators are good until the next change. Thread rule: one thread.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "syncline/base/check.hpp"
#include "syncline/base/hash.hpp"
#include "syncline/base/id.hpp"
#include "syncline/model/change.hpp"

namespace syncline::client {

struct RowKey {
  model::CollectionId collection = model::kNoCollection;
  base::Id id;
  bool operator==(const RowKey&) const = default;
};

[[nodiscard]] inline RowKey key_of(const model::Record& record) {
  return {record.collection().id(), record.id()};
}
[[nodiscard]] inline RowKey key_of(const model::Change& change) { return key_of(change.any()); }

// `Cell` has a member `key` of type RowKey and is default constructible.
template <class Cell>
class RowTable {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Cell;
    using difference_type = std::ptrdiff_t;
    using pointer = const Cell*;
    using reference = const Cell&;
    Iterator(const Cell* at, const Cell* end) : at_(at), end_(end) { skip(); }
    const Cell& operator*() const { return *at_; }
    const Cell* operator->() const { return at_; }
    Iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    void skip() {
      while (at_ != end_ && at_->key.collection == model::kNoCollection) ++at_;
    }
    const Cell* at_;
    const Cell* end_;
  };
  [[nodiscard]] Iterator begin() const { return {cells_.data(), cells_.data() + cells_.size()}; }
  [[nodiscard]] Iterator end() const {
    return {cells_.data() + cells_.size(), cells_.data() + cells_.size()};
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // Room for so many entries in all.
  void reserve(std::size_t entries) {
    std::size_t cells = cells_.empty() ? 8 : cells_.size();
    while (entries * 8 > cells * 7) cells *= 2;
    if (cells > cells_.size()) grow_to(cells);
  }
  void clear() {
    if (cells_.size() > kSmall) {
      cells_ = {};
    } else if (size_ > 0) {
      cells_.assign(cells_.size(), Cell());
    }
    size_ = 0;
  }

  // nullptr when there is none.
  [[nodiscard]] const Cell* find_cell(const RowKey& key) const {
    if (size_ == 0 || key.collection == model::kNoCollection) return nullptr;
    for (std::size_t at = home(key);; at = next(at)) {
      const Cell& cell = cells_[at];
      if (cell.key == key) return &cell;
      if (cell.key.collection == model::kNoCollection) return nullptr;
    }
  }
  [[nodiscard]] Cell* find_cell(const RowKey& key) {
    return const_cast<Cell*>(std::as_const(*this).find_cell(key));
  }
  [[nodiscard]] bool contains(const RowKey& key) const { return find_cell(key) != nullptr; }
  // The cell, and whether it is new.
  std::pair<Cell*, bool> make_cell(const RowKey& key) {
    SYNC_CHECK(key.collection != model::kNoCollection, "a row without a collection");
    reserve(size_ + 1);
    for (std::size_t at = home(key);; at = next(at)) {
      Cell& cell = cells_[at];
      if (cell.key == key) return {&cell, false};
      if (cell.key.collection != model::kNoCollection) continue;
      cell.key = key;
      ++size_;
      return {&cell, true};
    }
  }
  // Was it there?
  bool erase(const RowKey& key) {
    Cell* found = find_cell(key);
    if (found == nullptr) return false;
    auto hole = static_cast<std::size_t>(found - cells_.data());
    // Entries behind the hole move up, unless that would put them before their home.
    for (std::size_t at = next(hole); cells_[at].key.collection != model::kNoCollection;
         at = next(at)) {
      const std::size_t mask = cells_.size() - 1;
      const std::size_t wanted = home(cells_[at].key);
      if (((at - wanted) & mask) < ((at - hole) & mask)) continue;
      cells_[hole] = std::move(cells_[at]);
      hole = at;
    }
    cells_[hole] = Cell();
    --size_;
    return true;
  }

 private:
  static constexpr std::size_t kSmall = 64;  // cells that are kept through clear()

  // Salted with the capacity: whoever fills a table in the order of a larger one would otherwise pile everything up.
  [[nodiscard]] std::size_t home(const RowKey& key) const {
    const std::uint8_t* id = key.id.bytes.data();
    const std::uint64_t salt = (std::uint64_t{cells_.size()} << 20) + key.collection;
    const std::uint64_t hash =
        base::mix64(base::load_le<std::uint64_t>(id) * 0xd6e8feb86659fd93ULL +
                    base::load_le<std::uint64_t>(id + 8) + salt);
    return static_cast<std::size_t>(hash) & (cells_.size() - 1);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const { return (at + 1) & (cells_.size() - 1); }
  void grow_to(std::size_t cells) {
    std::vector<Cell> old = std::exchange(cells_, {});
    cells_.resize(cells);
    for (Cell& cell : old) {
      if (cell.key.collection == model::kNoCollection) continue;
      std::size_t at = home(cell.key);
      while (cells_[at].key.collection != model::kNoCollection) at = next(at);
      cells_[at] = std::move(cell);
    }
  }

  std::vector<Cell> cells_;  // a power of two, or empty
  std::size_t size_ = 0;
};

struct RowSetCell {
  RowKey key;
};
class RowSet : private RowTable<RowSetCell> {
  using Table = RowTable<RowSetCell>;

 public:
  class Iterator : public Table::Iterator {
   public:
    using value_type = RowKey;
    using pointer = const RowKey*;
    using reference = const RowKey&;
    Iterator(Table::Iterator at) : Table::Iterator(at) {}
    const RowKey& operator*() const { return Table::Iterator::operator*().key; }
    const RowKey* operator->() const { return &**this; }
  };
  [[nodiscard]] Iterator begin() const { return Table::begin(); }
  [[nodiscard]] Iterator end() const { return Table::end(); }
  using Table::clear;
  using Table::contains;
  using Table::empty;
  using Table::erase;
  using Table::size;
  // Is it new?
  bool insert(const RowKey& key) { return make_cell(key).second; }
};

template <class T>
struct RowMapCell {
  RowKey key;
  T value{};
};
template <class T>
class RowMap : private RowTable<RowMapCell<T>> {
  using Table = RowTable<RowMapCell<T>>;

 public:
  using Table::begin;
  using Table::clear;
  using Table::contains;
  using Table::empty;
  using Table::end;
  using Table::erase;
  using Table::size;
  [[nodiscard]] T& operator[](const RowKey& key) { return Table::make_cell(key).first->value; }
  // nullptr when there is none.
  [[nodiscard]] const T* find(const RowKey& key) const {
    const auto* cell = Table::find_cell(key);
    return cell == nullptr ? nullptr : &cell->value;
  }
  [[nodiscard]] T* find(const RowKey& key) {
    auto* cell = Table::find_cell(key);
    return cell == nullptr ? nullptr : &cell->value;
  }
};

}  // namespace syncline::client
