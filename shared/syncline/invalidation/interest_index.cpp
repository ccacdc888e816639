#include "syncline/invalidation/interest_index.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "syncline/base/sort.hpp"
#include "syncline/invalidation/handle_table.hpp"
#include "syncline/invalidation/interest_key.hpp"
#include "syncline/model/order.hpp"

namespace syncline::invalidation {

namespace {

using Handle = InterestIndex::Handle;
// Everything filed under one field.
struct Shelf {
  HandleTable values;
  HandleTable items;
  std::map<std::size_t, HandleTable> prefixes;  // by length
  IntervalIndex ranges;

  [[nodiscard]] bool empty() const {
    return values.empty() && items.empty() && prefixes.empty() && ranges.empty();
  }

  void add(Handle handle, const InterestKey& key) {
    switch (key.kind) {
      case InterestKey::Kind::equals: return values.add(key.hash, handle);
      case InterestKey::Kind::item: return items.add(key.hash, handle);
      case InterestKey::Kind::prefix: return prefixes[key.length].add(key.hash, handle);
      case InterestKey::Kind::range: return ranges.add(key.range, handle);
    }
  }

  void remove(Handle handle, const InterestKey& key) {
    switch (key.kind) {
      case InterestKey::Kind::equals: return values.remove(key.hash, handle);
      case InterestKey::Kind::item: return items.remove(key.hash, handle);
      case InterestKey::Kind::range: return ranges.remove(key.range, handle);
      case InterestKey::Kind::prefix: break;
    }
    const auto table = prefixes.find(key.length);
    if (table == prefixes.end()) return;
    table->second.remove(key.hash, handle);
    if (table->second.empty()) prefixes.erase(table);
  }

  void find(const model::Record& row, const model::Field& field, std::vector<Handle>& out) const {
    if (!values.empty()) values.find(hash_of(row, field), out);
    const model::FieldId id = field.spec.id;
    if (!row.has(id)) return;
    if (!items.empty() && field.spec.type == model::FieldType::set) {
      const model::Value value = row.get(id);
      for (const std::string& item : value.set()) items.find(hash_of_item(item), out);
    }
    if (!prefixes.empty()) {
      const std::string folded = model::fold(row.text(id));
      for (const auto& [length, table] : prefixes) {
        if (length > folded.size()) break;
        table.find(hash_of_prefix(std::string_view(folded).substr(0, length)), out);
      }
    }
    if (!ranges.empty()) ranges.find(row.get(id), out);
  }
};

// Do both rows hold the same? False where telling takes long.
bool surely_equal(const model::Record& before, const model::Record& after,
                  const model::FieldSpec& field) {
  const model::FieldId id = field.id;
  if (id < model::kFirstOwnField || field.type == model::FieldType::set) return false;
  if (before.has(id) != after.has(id)) return false;
  switch (field.type) {
    case model::FieldType::text:
    case model::FieldType::long_text: return before.text(id) == after.text(id);
    case model::FieldType::reference: return before.reference(id) == after.reference(id);
    default: return before.integer(id) == after.integer(id);
  }
}

// Everything filed under one collection. Invariant: no empty shelf.
struct Room {
  std::map<model::FieldId, Shelf> fields;
  Handles residual;

  void add(Handle handle, const InterestKey& key) { fields[key.field].add(handle, key); }

  void remove(Handle handle, const InterestKey& key) {
    const auto shelf = fields.find(key.field);
    if (shelf == fields.end()) return;
    shelf->second.remove(handle, key);
    if (shelf->second.empty()) fields.erase(shelf);
  }

  // An edit leaves most fields as they are, and looking anything up among very many queries is what costs.
  void find(const model::Change& change, std::vector<Handle>& out) const {
    const bool is_edit = change.before && change.after;
    for (const auto& [id, shelf] : fields) {
      const model::Field* field = change.collection().find(id);
      if (field == nullptr) continue;
      if (change.before) shelf.find(change.before, *field, out);
      if (change.after && !(is_edit && surely_equal(change.before, change.after, field->spec)))
        shelf.find(change.after, *field, out);
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
  room.find(change, out);
  base::sort(out.begin() + first, out.end());
  out.erase(std::unique(out.begin() + first, out.end()), out.end());
}

InterestIndex::Stats InterestIndex::stats() const {
  Stats stats;
  stats.handles = impl_->filings.size();
  for (const auto& [handle, filings] : impl_->filings) {
    for (const Filing& filing : filings) {
      if (!filing.keys) {
        ++stats.residual;
        continue;
      }
      const bool equal =
          std::all_of(filing.keys->begin(), filing.keys->end(), [](const InterestKey& key) {
            return key.kind == InterestKey::Kind::equals || key.kind == InterestKey::Kind::item;
          });
      ++(equal ? stats.by_equality : stats.by_range);
    }
  }
  return stats;
}

}  // namespace syncline::invalidation
