// RowCache: rows as a writing connection sees them, its own uncommitted writes included, so that a row that mutations look
// at again and again is not decoded from SQL each time. Bounded: every row has one place, and the newest there stays.
//
// Thread rule: as its connection. Invariant: outside of a transaction a row in the cache is the row in the file.
#pragma once

#include <vector>

#include "syncline/model/record.hpp"

namespace syncline::server::storage {

class RowCache {
 public:
  RowCache();
  // Empty: not known here.
  [[nodiscard]] model::Record find(model::CollectionId collection, const base::Id& id) const;
  // As read or written.
  void put(const model::Record& row);
  void erase(model::CollectionId collection, const base::Id& id);

  // From begin() to commit() it remembers what was put, which a rollback, also a partial one, takes back.
  void begin();
  void commit();
  void roll_back();

 private:
  [[nodiscard]] static std::size_t place(model::CollectionId collection, const base::Id& id);

  std::vector<model::Record> rows_;
  std::vector<std::size_t> put_;  // places, since begin()
  bool in_transaction_ = false;
};

}  // namespace syncline::server::storage
