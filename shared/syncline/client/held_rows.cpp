#include "syncline/client/held_rows.hpp"

namespace syncline::client {

const store::SlotSet* HeldRows::find(model::CollectionId collection) const {
  for (const Part& part : parts_) {
    if (part.first == collection) return &part.second;
  }
  return nullptr;
}

std::size_t HeldRows::size() const {
  std::size_t size = 0;
  for (const Part& part : parts_) size += part.second.size();
  return size;
}

bool HeldRows::contains(const RowPlace& row) const {
  const store::SlotSet* part = find(row.collection);
  return part != nullptr && part->contains(row.slot);
}

bool HeldRows::insert(const RowPlace& row) {
  for (Part& part : parts_) {
    if (part.first == row.collection) return part.second.insert(row.slot);
  }
  parts_.emplace_back(row.collection, store::SlotSet());
  return parts_.back().second.insert(row.slot);
}

bool HeldRows::erase(const RowPlace& row) {
  for (Part& part : parts_) {
    if (part.first == row.collection) return part.second.erase(row.slot);
  }
  return false;
}

}  // namespace syncline::client
