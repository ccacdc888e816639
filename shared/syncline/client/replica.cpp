#include "syncline/client/replica.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "syncline/query/predicate.hpp"

namespace syncline::client {

using model::Record;

Replica::Replica(const model::Schema& schema)
    : schema_(schema), confirmed_(schema), visible_(schema) {}

void Replica::touch(const RowKey& key) {
  if (touched_set_.insert(key).second) touched_.push_back(key);
}

void Replica::put(const Record& row) {
  const RowKey key = key_of(row);
  const Record held = confirmed(key);
  if (held && row.version() < held.version()) return;
  if (!held && !is_referenced(key)) unreferenced_.insert(key);
  if (held && held == row) return;
  confirmed_.table(key.collection).put(row);
  changed_.insert(key);
  touch(key);
}

void Replica::hold(const RowKey& key) {
  ++references_[key];
  unreferenced_.erase(key);
}

void Replica::release(const RowKey& key) {
  const auto found = references_.find(key);
  SYNC_CHECK(found != references_.end(), "released more often than held");
  if (--found->second > 0) return;
  references_.erase(found);
  if (confirmed(key)) unreferenced_.insert(key);
}

void Replica::collect(const RowSet& needed) {
  for (auto at = unreferenced_.begin(); at != unreferenced_.end();) {
    if (needed.contains(*at)) {
      ++at;
      continue;
    }
    confirmed_.table(at->collection).erase(at->id);
    changed_.insert(*at);
    touch(*at);
    at = unreferenced_.erase(at);
  }
}

Record Replica::confirmed(const RowKey& key) const {
  return confirmed_.table(key.collection).get(key.id);
}

void Replica::for_each_confirmed(const std::function<void(const Record&)>& visit) const {
  for (const model::Collection& collection : schema_.collections()) {
    confirmed_.table(collection.id()).for_each([&](const Record& row) {
      visit(row);
      return true;
    });
  }
}

void Replica::overlay(const model::Change& change) {
  const RowKey key = key_of(change);
  overlay_[key] = change.after;
  touch(key);
}

void Replica::lift_overlay(const RowKey& key) {
  if (overlay_.erase(key) > 0) touch(key);
}

void Replica::undo_overlay(const model::Change& change) {
  const RowKey key = key_of(change);
  const Record server = confirmed(key);
  const bool is_servers =
      change.before ? server && change.before == server : static_cast<bool>(!server);
  if (is_servers) return lift_overlay(key);
  overlay_[key] = change.before;
  touch(key);
}

Record Replica::visible(const RowKey& key) const {
  return visible_.table(key.collection).get(key.id);
}

Record Replica::wanted(const RowKey& key) const {
  const auto found = overlay_.find(key);
  return found != overlay_.end() ? found->second : confirmed(key);
}

void Replica::advance(const std::function<void(const model::Change&)>& moved) {
  const std::vector<RowKey> touched = std::exchange(touched_, {});
  touched_set_.clear();
  changed_.clear();
  for (const RowKey& key : touched) {
    model::Change change;
    change.before = visible(key);
    change.after = wanted(key);
    if (!change.before && !change.after) continue;
    if (change.before && change.after && change.before == change.after) continue;
    change.kind = !change.before  ? model::ChangeKind::insert
                  : !change.after ? model::ChangeKind::remove
                                  : model::ChangeKind::update;
    visible_.apply(change);
    moved(change);
  }
}

base::Result<mutation::Lookup> Replica::get(model::CollectionId collection, const base::Id& id) {
  using State = mutation::Lookup::State;
  const RowKey key{collection, id};
  mutation::Lookup found;
  found.record = wanted(key);
  if (found.record) {
    found.state = State::present;
  } else {
    query::Query all;
    all.collection = collection;
    const bool known = is_overlaid(key) || (covers_ && covers_(all));
    found.state = known ? State::absent : State::unknown;
  }
  return found;
}

base::Result<mutation::FindResult> Replica::find(const query::Query& query) {
  const model::Collection& collection = schema_.collection(query.collection);
  mutation::FindResult result;
  result.complete = covers_ && covers_(query);
  SYNC_CHECK(!query::has_relations(query.where), "mutators ask for rows by their own fields");
  ivm::FetchRequest request;
  request.where = query.where;
  request.order = query.order;
  request.after = query.after;
  // Each overlaid row can take at most one row out of the result.
  const std::size_t room = std::numeric_limits<std::uint32_t>::max() - query.limit;
  if (query.limit > 0)
    request.limit = query.limit + static_cast<std::uint32_t>(std::min(room, overlay_.size()));
  SYNC_TRY(confirmed_.source(query.collection).fetch(request, [&](const Record& row) {
    if (!is_overlaid(key_of(row))) result.rows.push_back(row);
    return true;
  }));
  for (const auto& [key, row] : overlay_) {
    if (key.collection != query.collection || !row || !query::matches(query.where, row)) continue;
    if (query.after &&
        model::compare_record_to_key(collection, query.order, row, *query.after) <= 0)
      continue;
    result.rows.push_back(row);
  }
  std::sort(result.rows.begin(), result.rows.end(), [&](const Record& a, const Record& b) {
    return model::compare_records(collection, query.order, a, b) < 0;
  });
  if (query.limit > 0 && result.rows.size() > query.limit) result.rows.resize(query.limit);
  return result;
}

}  // namespace syncline::client
