#include "server/storage/row_cache.hpp"

namespace syncline::server::storage {

namespace {

// At most 64 MiB, if every place held the largest row that is taken.
constexpr std::size_t kPlaces = std::size_t{1} << 15;
constexpr std::size_t kRowBytesMax = 2'048;

bool is(const model::Record& row, model::CollectionId collection, const base::Id& id) {
  return row && row.id() == id && row.collection().id() == collection;
}

}  // namespace

RowCache::RowCache() : rows_(kPlaces) {}

std::size_t RowCache::place(model::CollectionId collection, const base::Id& id) {
  return (base::IdHash()(id) + collection) % kPlaces;
}

model::Record RowCache::find(model::CollectionId collection, const base::Id& id) const {
  const model::Record& row = rows_[place(collection, id)];
  return is(row, collection, id) ? row : model::Record();
}

void RowCache::put(const model::Record& row) {
  const model::CollectionId collection = row.collection().id();
  const std::size_t at = place(collection, row.id());
  if (row.bytes().size() > kRowBytesMax) return erase(collection, row.id());
  rows_[at] = row;
  if (in_transaction_) put_.push_back(at);
}

void RowCache::erase(model::CollectionId collection, const base::Id& id) {
  model::Record& row = rows_[place(collection, id)];
  if (is(row, collection, id)) row = {};
}

void RowCache::begin() { in_transaction_ = true; }

void RowCache::commit() {
  in_transaction_ = false;
  put_.clear();
}

void RowCache::roll_back() {
  for (const std::size_t at : put_) rows_[at] = {};
  put_.clear();
}

}  // namespace syncline::server::storage
