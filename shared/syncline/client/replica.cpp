#include "syncline/client/replica.hpp"

#include <utility>

namespace syncline::client {

using model::Record;

namespace {

constexpr std::size_t kFloodMin = 2'048;
// Of References::counts: the row is in References::unheld; above it stands how often the row is held.
constexpr std::uint32_t kIsListed = 1;
constexpr std::uint32_t kOneHolder = 2;

}  // namespace

Replica::Replica(const model::Schema& schema) : schema_(schema), visible_(schema) {}

Replica::Apart& Replica::apart(const RowKey& key) {
  Apart* found = apart_.find(key);
  if (found != nullptr) return *found;
  Record row = visible(key);
  Apart& made = apart_[key];
  made.confirmed = std::move(row);
  return made;
}

void Replica::touch(const RowKey& key, Apart& apart) {
  if (apart.touched) return;
  apart.touched = true;
  touched_.push_back(key);
}

std::size_t Replica::rows() const {
  std::size_t rows = 0;
  for (const model::Collection& collection : schema_.collections())
    rows += visible_.table(collection.id()).size();
  return rows;
}

void Replica::begin_flood(std::size_t coming) {
  if (coming < kFloodMin || coming <= rows() / 2 || !apart_.empty()) return;
  flood_ = true;
  for (const model::Collection& collection : schema_.collections())
    visible_.table(collection.id()).drop_indexes();
}

void Replica::reserve(model::CollectionId collection, std::size_t rows) {
  visible_.table(collection).reserve(rows);
  references(collection).counts.reserve(rows);
}

RowPlace Replica::put(const Record& row) {
  using Brought = store::Table::Brought;
  const RowKey key = key_of(row);
  store::Table& table = visible_.table(key.collection);
  RowPlace place{key.collection, store::kNoSlot};
  if (flood_) {
    ++generation_;
    const store::Table::Place there = table.bring(row);
    place.slot = there.slot;
    if (there.brought == Brought::fresh) list_unheld(place);
    return place;
  }
  place.slot = table.slot_of(key.id);
  const Record held = place.slot == store::kNoSlot ? Record() : confirmed_at(place);
  if (held && (row.version() < held.version() || held == row)) return place;
  if (place.slot == store::kNoSlot) place.slot = table.keep(row);
  if (!held) list_unheld(place);
  set_confirmed(key, row, place.slot);
  return place;
}

void Replica::set_confirmed(const RowKey& key, const Record& row, store::Slot slot) {
  Apart& entry = apart_[key];
  entry.confirmed = row;
  entry.slot = slot;
  entry.changed = true;
  changed_collections_ |= collection_bit(key.collection);
  touch(key, entry);
  ++generation_;
}

Replica::References& Replica::references(model::CollectionId collection) {
  if (references_.size() <= collection) references_.resize(collection + std::size_t{1});
  return references_[collection];
}

std::uint32_t& Replica::count(const RowPlace& row) {
  std::vector<std::uint32_t>& counts = references(row.collection).counts;
  if (counts.size() <= row.slot) counts.resize(row.slot + std::size_t{1}, 0);
  return counts[row.slot];
}

void Replica::list_unheld(const RowPlace& row) {
  std::uint32_t& holders = count(row);
  SYNC_CHECK(holders < kOneHolder, "a row that is held is not without holders");
  if (holders == kIsListed) return;
  holders = kIsListed;
  references(row.collection).unheld.push_back(row.slot);
  ++unheld_;
}

void Replica::hold(const RowPlace& row) {
  std::uint32_t& holders = count(row);
  holders += kOneHolder;
  if (holders != kIsListed + kOneHolder) return;
  // Nearly every row is held as soon as it has come.
  std::vector<store::Slot>& unheld = references(row.collection).unheld;
  if (unheld.back() != row.slot) return;
  unheld.pop_back();
  --unheld_;
  holders = kOneHolder;
}

void Replica::release(const RowPlace& row) {
  std::uint32_t& holders = count(row);
  SYNC_CHECK(holders >= kOneHolder, "released more often than held");
  holders -= kOneHolder;
  if (holders < kOneHolder) list_unheld(row);
}

bool Replica::is_referenced(const RowKey& key) const {
  const std::optional<RowPlace> place = place_of(key);
  if (!place || place->collection >= references_.size()) return false;
  const std::vector<std::uint32_t>& counts = references_[place->collection].counts;
  return place->slot < counts.size() && counts[place->slot] >= kOneHolder;
}

void Replica::collect(const RowSet& needed) {
  for (const model::Collection& collection : schema_.collections())
    collect(collection.id(), needed);
}

void Replica::collect(model::CollectionId collection, const RowSet& needed) {
  References& of = references(collection);
  if (of.unheld.empty()) return;
  const std::vector<store::Slot> listed = std::exchange(of.unheld, {});
  unheld_ -= listed.size();
  for (const store::Slot slot : listed) {
    const RowPlace place{collection, slot};
    std::uint32_t& holders = count(place);
    holders -= kIsListed;
    if (holders > 0) continue;
    const RowKey key = key_at(place);
    if (needed.contains(key)) {
      list_unheld(place);
    } else {
      set_confirmed(key, Record(), slot);
    }
  }
}

// Nothing of the row is confirmed or visible any more: its place is another's from now on.
void Replica::forget(const RowKey& key) {
  store::Table& table = visible_.table(key.collection);
  const store::Slot slot = table.slot_of(key.id);
  if (slot == store::kNoSlot) return;
  SYNC_CHECK(count({key.collection, slot}) == 0, "a row that has gone is held");
  table.erase(key.id);
}

std::optional<RowPlace> Replica::place_of(const RowKey& key) const {
  const RowPlace place{key.collection, visible_.table(key.collection).slot_of(key.id)};
  if (place.slot == store::kNoSlot || !confirmed_at(place)) return std::nullopt;
  return place;
}

RowKey Replica::key_at(const RowPlace& row) const {
  return key_of(visible_.table(row.collection).at(row.slot));
}

Record Replica::confirmed_at(const RowPlace& row) const {
  const Record& there = visible_.table(row.collection).at(row.slot);
  const Apart* found = apart_.empty() ? nullptr : apart_.find(key_of(there));
  return found != nullptr ? found->confirmed : there;
}

model::Version Replica::known_version(const RowKey& key, model::Version version) const {
  if (version != 0) return version;
  const Record server = confirmed(key);
  return server ? server.version() : 0;
}

Record Replica::confirmed(const RowKey& key) const {
  const Apart* found = apart_.find(key);
  return found != nullptr ? found->confirmed : visible(key);
}

void Replica::for_each_confirmed(const std::function<void(const Record&)>& visit) const {
  for (const model::Collection& collection : schema_.collections()) {
    visible_.table(collection.id()).for_each([&](const Record& row) {
      if (!apart_.contains(key_of(row))) visit(row);
      return true;
    });
  }
  for (const auto& [key, entry] : apart_) {
    if (entry.confirmed) visit(entry.confirmed);
  }
}

void Replica::overlay(const RowKey& key, const Record& row) {
  Apart& entry = apart(key);
  entry.overlaid = true;
  entry.overlay = row;
  touch(key, entry);
}

void Replica::overlay(const model::Change& change) { overlay(key_of(change), change.after); }

void Replica::lift_overlay(const RowKey& key) {
  Apart* entry = apart_.find(key);
  if (entry == nullptr || !entry->overlaid) return;
  entry->overlaid = false;
  entry->overlay = Record();
  touch(key, *entry);
}

void Replica::undo_overlay(const model::Change& change) {
  const RowKey key = key_of(change);
  const Record server = confirmed(key);
  const bool is_servers =
      change.before ? server && change.before == server : static_cast<bool>(!server);
  if (is_servers) return lift_overlay(key);
  overlay(key, change.before);
}

Record Replica::visible(const RowKey& key) const {
  return visible_.table(key.collection).get(key.id);
}

Record Replica::wanted(const RowKey& key) const {
  const Apart* found = apart_.find(key);
  if (found == nullptr) return visible(key);
  return found->overlaid ? found->overlay : found->confirmed;
}

bool Replica::is_flood() const {
  return flood_ || (touched_.size() >= kFloodMin && touched_.size() > rows() / 2);
}

void Replica::advance(const std::function<void(const model::Change&)>& moved) {
  std::vector<RowKey> touched = std::exchange(touched_, {});
  changed_collections_ = 0;
  for (const RowKey& key : touched) {
    model::Change change;
    store::Table& table = visible_.table(key.collection);
    Apart& entry = *apart_.find(key);
    const store::Slot slot = std::exchange(entry.slot, store::kNoSlot);
    change.before = slot == store::kNoSlot ? table.get(key.id) : table.get_at(slot);
    change.after = entry.overlaid ? entry.overlay : entry.confirmed;
    const bool is_gone = !change.after && !entry.confirmed;
    // From here on the visible row is the confirmed one, unless it is overlaid.
    entry.touched = entry.changed = false;
    if (!entry.overlaid) apart_.erase(key);
    const bool moves = change.before ? !(change.after && change.before == change.after)
                                     : static_cast<bool>(change.after);
    if (is_gone) {
      forget(key);
    } else if (moves && change.after) {
      if (slot == store::kNoSlot) {
        table.put(change.after);
      } else {
        table.put_at(slot, change.after);
      }
    } else if (moves) {
      table.hide(key.id);
    }
    if (!moves) continue;
    change.kind = !change.before  ? model::ChangeKind::insert
                  : !change.after ? model::ChangeKind::remove
                                  : model::ChangeKind::update;
    moved(change);
  }
  // After very many rows the table would stay as large as it was; of a few, their room is for those of the next step.
  if (apart_.empty()) apart_.clear();
  if (touched_.empty() && touched.size() < kFloodMin) {
    touched.clear();
    touched_.swap(touched);
  }
}

void Replica::advance_untold() {
  for (const model::Collection& collection : schema_.collections())
    visible_.table(collection.id()).drop_indexes();
  advance([](const model::Change&) {});
  flood_ = false;
}

}  // namespace syncline::client
