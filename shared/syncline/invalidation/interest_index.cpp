#include "syncline/invalidation/interest_index.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "syncline/invalidation/interest_key.hpp"

namespace syncline::invalidation {

namespace {

using Handle = InterestIndex::Handle;
// Ascending; a handle that was filed twice under one place is there once.
using Handles = std::vector<Handle>;

void insert_sorted(Handles& handles, Handle handle) {
  const auto at = std::lower_bound(handles.begin(), handles.end(), handle);
  if (at == handles.end() || *at != handle) handles.insert(at, handle);
}
void erase_sorted(Handles& handles, Handle handle) {
  const auto at = std::lower_bound(handles.begin(), handles.end(), handle);
  if (at != handles.end() && *at == handle) handles.erase(at);
}

// Everything filed under one collection. Invariant: no empty map and no empty list.
struct Room {
  std::map<model::FieldId, std::unordered_map<std::uint64_t, Handles>> fields;
  Handles residual;

  void add(Handle handle, const InterestKey& key) {
    insert_sorted(fields[key.field][key.hash], handle);
  }

  void remove(Handle handle, const InterestKey& key) {
    const auto field = fields.find(key.field);
    if (field == fields.end()) return;
    const auto list = field->second.find(key.hash);
    if (list == field->second.end()) return;
    erase_sorted(list->second, handle);
    if (list->second.empty()) field->second.erase(list);
    if (field->second.empty()) fields.erase(field);
  }

  void find(const model::Record& row, std::vector<Handle>& out) const {
    for (const auto& [id, lists] : fields) {
      const model::Field* field = row.collection().find(id);
      if (field == nullptr) continue;
      const auto list = lists.find(hash_of(row, *field));
      if (list != lists.end()) out.insert(out.end(), list->second.begin(), list->second.end());
    }
  }
};

// Where a handle is filed, so that it can be taken out again.
struct Filing {
  model::CollectionId collection = model::kNoCollection;
  std::optional<std::vector<InterestKey>> keys;  // nullopt: in the residual list
};

}  // namespace

struct InterestIndex::Impl {
  std::unordered_map<model::CollectionId, Room> rooms;
  std::unordered_map<Handle, std::vector<Filing>> filings;
};

InterestIndex::InterestIndex() : impl_(std::make_unique<Impl>()) {}
InterestIndex::~InterestIndex() = default;

void InterestIndex::add(Handle handle, model::CollectionId collection,
                        const query::Predicate& where) {
  Room& room = impl_->rooms[collection];
  Filing filing{collection, keys_of(where)};
  if (filing.keys) {
    for (const InterestKey& key : *filing.keys) room.add(handle, key);
  } else {
    insert_sorted(room.residual, handle);
  }
  impl_->filings[handle].push_back(std::move(filing));
}

void InterestIndex::remove(Handle handle) {
  const auto found = impl_->filings.find(handle);
  if (found == impl_->filings.end()) return;
  for (const Filing& filing : found->second) {
    Room& room = impl_->rooms[filing.collection];
    if (filing.keys) {
      for (const InterestKey& key : *filing.keys) room.remove(handle, key);
    } else {
      erase_sorted(room.residual, handle);
    }
  }
  impl_->filings.erase(found);
}

void InterestIndex::affected(const model::Change& change, std::vector<Handle>& out) const {
  const auto found = impl_->rooms.find(change.collection().id());
  if (found == impl_->rooms.end()) return;
  const Room& room = found->second;
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  out.insert(out.end(), room.residual.begin(), room.residual.end());
  if (change.before) room.find(change.before, out);
  if (change.after) room.find(change.after, out);
  std::sort(out.begin() + first, out.end());
  out.erase(std::unique(out.begin() + first, out.end()), out.end());
}

InterestIndex::Stats InterestIndex::stats() const {
  Stats stats;
  stats.handles = impl_->filings.size();
  for (const auto& [handle, filings] : impl_->filings) {
    for (const Filing& filing : filings) ++(filing.keys ? stats.by_equality : stats.residual);
  }
  return stats;
}

}  // namespace syncline::invalidation
