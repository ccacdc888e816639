// HeldRows: which rows the server has sent for one query, by their places. Thread rule: one thread.
#pragma once

#include <utility>
#include <vector>

#include "syncline/client/row_key.hpp"
#include "syncline/store/slot_set.hpp"

namespace syncline::client {

// Where a row stands that the server has sent: good as long as somebody holds it, or until the end of the step.
struct RowPlace {
  model::CollectionId collection = model::kNoCollection;
  store::Slot slot = store::kNoSlot;
};

class HeldRows {
 public:
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool contains(const RowPlace& row) const;
  // Is it new?
  bool insert(const RowPlace& row);
  // Was it there?
  bool erase(const RowPlace& row);
  void clear() { parts_.clear(); }
  // Calls visit(place) for each, in no order; it must not change the set.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const auto& [collection, slots] : parts_)
      slots.for_each([&, of = collection](store::Slot slot) { visit(RowPlace{of, slot}); });
  }

 private:
  using Part = std::pair<model::CollectionId, store::SlotSet>;
  [[nodiscard]] const store::SlotSet* find(model::CollectionId collection) const;

  std::vector<Part> parts_;  // hardly ever more than three
};

}  // namespace syncline::client
