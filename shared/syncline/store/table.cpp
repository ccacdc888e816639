#include "syncline/store/table.hpp"

#include <algorithm>
#include <utility>

#include "syncline/store/id_index.hpp"
#include "syncline/store/slot_index.hpp"

namespace syncline::store {

using model::Order;
using model::OrderKey;
using model::Record;
using model::Value;
using Position = SlotIndex::Position;

struct Table::Impl {
  explicit Impl(const model::Collection& of) : collection(of), ids(rows) {}

  // Shared by all queries of this order; built when first asked for.
  SlotIndex& index(const Order& order) {
    for (const auto& candidate : indexes) {
      if (candidate->order() != order) continue;
      if (!candidate->is_built()) candidate->build(hidden);
      return *candidate;
    }
    indexes.push_back(std::make_unique<SlotIndex>(collection, rows, order));
    indexes.back()->build(hidden);
    return *indexes.back();
  }

  bool moved(const SlotIndex& in, const Record& before, const Record& after) const {
    return model::compare_records(collection, in.order(), before, after) != 0;
  }

  void visit_range(const SlotIndex& in, Position first, Position last, bool reverse,
                   const Visitor& visit) const {
    if (reverse) {
      while (last != first) {
        last = in.previous(last);
        if (!visit(rows[in.at(last)])) return;
      }
    } else {
      for (; first != last; first = in.next(first)) {
        if (!visit(rows[in.at(first)])) return;
      }
    }
  }

  Slot add(Record record) {
    const bool reuse = !free.empty();
    const Slot slot = reuse ? free.back() : static_cast<Slot>(rows.size());
    if (reuse) {
      free.pop_back();
      rows[slot] = std::move(record);
    } else {
      rows.push_back(std::move(record));
    }
    ids.insert(slot);
    return slot;
  }
  void index_row(Slot slot) {
    for (const auto& each : indexes) {
      if (each->is_built()) each->insert(slot);
    }
  }
  void unindex_row(Slot slot) {
    for (const auto& each : indexes) {
      if (each->is_built()) each->erase(slot);
    }
  }

  const model::Collection& collection;
  Rows rows;
  std::vector<Slot> free;
  SlotSet hidden;
  IdIndex ids;
  std::vector<std::unique_ptr<SlotIndex>> indexes;
};

namespace {

// Rows before the first row strictly after `key`.
struct NotAfter {
  const model::Collection& collection;
  const Order& order;
  const OrderKey& key;
  bool operator()(const Record& row) const {
    return model::compare_record_to_key(collection, order, row, key) <= 0;
  }
};
struct Before {
  const model::Collection& collection;
  const Order& order;
  const OrderKey& key;
  bool operator()(const Record& row) const {
    return model::compare_record_to_key(collection, order, row, key) < 0;
  }
};

}  // namespace

Table::Table(const model::Collection& collection)
    : collection_(collection), impl_(std::make_unique<Impl>(collection)) {}
Table::~Table() = default;

std::size_t Table::size() const { return impl_->ids.size() - impl_->hidden.size(); }

Record Table::get(const base::Id& id) const {
  const Slot slot = impl_->ids.find(id);
  return slot == kNoSlot ? Record() : get_at(slot);
}

Record Table::get_at(Slot slot) const {
  return impl_->hidden.contains(slot) ? Record() : impl_->rows[slot];
}

Slot Table::slot_of(const base::Id& id) const { return impl_->ids.find(id); }

const Record& Table::at(Slot slot) const { return impl_->rows[slot]; }

Slot Table::keep(const Record& record) {
  const Slot slot = impl_->add(record);
  impl_->hidden.insert(slot);
  return slot;
}

void Table::hide(const base::Id& id) {
  const Slot slot = impl_->ids.find(id);
  if (slot != kNoSlot && impl_->hidden.insert(slot)) impl_->unindex_row(slot);
}

Record Table::put(Record record) {
  SYNC_CHECK(record && record.collection().id() == collection_.id(), "a row of another collection");
  Impl& impl = *impl_;
  const Slot found = impl.ids.find(record.id());
  if (found != kNoSlot) return put_at(found, std::move(record));
  impl.index_row(impl.add(std::move(record)));
  return Record();
}

Record Table::put_at(Slot found, Record record) {
  Impl& impl = *impl_;
  if (impl.hidden.erase(found)) {
    impl.rows[found] = std::move(record);
    impl.index_row(found);
    return Record();
  }
  Record before = impl.rows[found];
  std::vector<SlotIndex*> moving;
  for (const auto& index : impl.indexes) {
    if (!index->is_built() || !impl.moved(*index, before, record)) continue;
    index->erase(found);
    moving.push_back(index.get());
  }
  impl.rows[found] = std::move(record);
  for (SlotIndex* index : moving) index->insert(found);
  return before;
}

void Table::reserve(std::size_t rows) {
  impl_->rows.reserve(rows);
  impl_->ids.reserve(rows);
}

Table::Place Table::bring(const Record& record) {
  Impl& impl = *impl_;
  const auto outdated = [&](Slot there) {
    return record.version() < impl.rows[there].version() || record == impl.rows[there];
  };
  const bool indexed = std::any_of(impl.indexes.begin(), impl.indexes.end(),
                                   [](const auto& index) { return index->is_built(); });
  if (indexed || !impl.free.empty() || !impl.hidden.empty()) {
    const Slot there = impl.ids.find(record.id());
    const bool shown = there != kNoSlot && !impl.hidden.contains(there);
    if (shown && outdated(there)) return {Brought::nothing, there};
    put(record);
    return {shown ? Brought::newer : Brought::fresh, slot_of(record.id())};
  }
  SYNC_CHECK(record.collection().id() == collection_.id(), "a row of another collection");
  // One look-up, whether the row is there or not.
  const auto added = static_cast<Slot>(impl.rows.size());
  impl.rows.push_back(record);
  const Slot there = impl.ids.find_or_insert(added);
  if (there == kNoSlot) return {Brought::fresh, added};
  impl.rows.pop_back();
  if (outdated(there)) return {Brought::nothing, there};
  impl.rows[there] = record;
  return {Brought::newer, there};
}

Record Table::erase(const base::Id& id) {
  Impl& impl = *impl_;
  const Slot slot = impl.ids.find(id);
  if (slot == kNoSlot) return Record();
  const bool hidden = impl.hidden.erase(slot);
  if (!hidden) impl.unindex_row(slot);
  impl.ids.erase(id);
  impl.free.push_back(slot);
  Record removed = std::exchange(impl.rows[slot], Record());
  return hidden ? Record() : removed;
}

void Table::drop_indexes() {
  for (const auto& index : impl_->indexes) index->forget();
}

void Table::clear() {
  for (const auto& index : impl_->indexes) index->forget();
  impl_->ids.clear();
  impl_->hidden.clear();
  impl_->free.clear();
  impl_->rows.clear();
}

void Table::scan(const Order& order, const std::optional<OrderKey>& after, bool reverse,
                 const Visitor& visit) {
  const SlotIndex& index = impl_->index(order);
  Position first = index.begin();
  Position last = index.end();
  if (after && reverse) {
    last = index.partition(Before{collection_, order, *after});
  } else if (after) {
    first = index.partition(NotAfter{collection_, order, *after});
  }
  impl_->visit_range(index, first, last, reverse, visit);
}

void Table::scan_equal(model::FieldId field, const Value& value, const Visitor& visit) {
  scan_equal_ordered(field, value, Order(), std::nullopt, false, visit);
}

void Table::scan_equal_ordered(model::FieldId field, const Value& value, const Order& order,
                               const std::optional<OrderKey>& after, bool reverse,
                               const Visitor& visit) {
  Order full;
  full.reserve(order.size() + 1);
  full.push_back({field, false});
  full.insert(full.end(), order.begin(), order.end());
  const SlotIndex& index = impl_->index(full);
  const model::Field& prefix = collection_.field(field);
  const auto below = [&](const Record& row) {
    return model::compare_field(prefix, row, value) < 0;
  };
  const auto not_above = [&](const Record& row) {
    return model::compare_field(prefix, row, value) <= 0;
  };
  std::optional<OrderKey> key;
  if (after) {
    key = *after;
    key->values.insert(key->values.begin(), value);
  }
  const Position first =
      key && !reverse ? index.partition(NotAfter{collection_, full, *key}) : index.partition(below);
  const Position last = key && reverse ? index.partition(Before{collection_, full, *key})
                                       : index.partition(not_above);
  impl_->visit_range(index, first, last, reverse, visit);
}

void Table::for_each(const Visitor& visit) const {
  for (Slot slot = 0; slot < impl_->rows.size(); ++slot) {
    const Record& row = impl_->rows[slot];
    if (row && !impl_->hidden.contains(slot) && !visit(row)) return;
  }
}

}  // namespace syncline::store
