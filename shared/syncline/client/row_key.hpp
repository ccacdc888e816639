// Names a row: its collection and id.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "syncline/base/hash.hpp"
#include "syncline/base/id.hpp"
#include "syncline/model/change.hpp"

namespace syncline::client {

struct RowKey {
  model::CollectionId collection = model::kNoCollection;
  base::Id id;
  bool operator==(const RowKey&) const = default;
};
struct RowKeyHash {
  std::size_t operator()(const RowKey& key) const {
    return static_cast<std::size_t>(base::hash(key.id) ^ base::mix64(key.collection));
  }
};
using RowSet = std::unordered_set<RowKey, RowKeyHash>;
template <class T>
using RowMap = std::unordered_map<RowKey, T, RowKeyHash>;

[[nodiscard]] inline RowKey key_of(const model::Record& record) {
  return {record.collection().id(), record.id()};
}
[[nodiscard]] inline RowKey key_of(const model::Change& change) { return key_of(change.any()); }

}  // namespace syncline::client
