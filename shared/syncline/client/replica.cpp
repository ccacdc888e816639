#include "syncline/client/replica.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "syncline/base/sort.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::client {

using model::Record;

namespace {

constexpr std::size_t kFloodMin = 2'048;

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
  if (coming < kFloodMin || coming <= rows() / 2 || !apart_.empty() || !overlay_.empty()) return;
  flood_ = true;
  for (const model::Collection& collection : schema_.collections())
    visible_.table(collection.id()).drop_indexes();
}

void Replica::reserve(model::CollectionId collection, std::size_t rows) {
  visible_.table(collection).reserve(rows);
}

void Replica::put(const Record& row) {
  const RowKey key = key_of(row);
  if (flood_) {
    ++generation_;
    if (visible_.table(key.collection).bring(row) == store::Table::Brought::fresh)
      unreferenced_.insert(key);
    return;
  }
  const Record held = confirmed(key);
  if (held && row.version() < held.version()) return;
  if (held && held == row) return;
  if (!held) unreferenced_.insert(key);
  set_confirmed(key, row);
}

void Replica::set_confirmed(const RowKey& key, const Record& row) {
  Apart& entry = apart_[key];
  entry.confirmed = row;
  entry.changed = true;
  changed_collections_ |= collection_bit(key.collection);
  touch(key, entry);
  ++generation_;
}

void Replica::hold(const RowKey& key) {
  if (!unreferenced_.erase(key)) ++shared_[key];
}

void Replica::release(const RowKey& key) {
  std::uint32_t* more = shared_.find(key);
  if (more == nullptr) {
    const bool was_held = unreferenced_.insert(key);
    SYNC_CHECK(was_held, "released more often than held");
  } else if (--*more == 0) {
    shared_.erase(key);
  }
}

void Replica::collect(const RowSet& needed) {
  std::vector<RowKey> leaving;
  for (const RowKey& key : unreferenced_) {
    if (!needed.contains(key)) leaving.push_back(key);
  }
  for (const RowKey& key : leaving) {
    set_confirmed(key, Record());
    unreferenced_.erase(key);
  }
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

void Replica::overlay(const model::Change& change) {
  const RowKey key = key_of(change);
  touch(key, apart(key));
  overlay_[key] = change.after;
}

void Replica::lift_overlay(const RowKey& key) {
  if (overlay_.erase(key)) touch(key, apart(key));
}

void Replica::undo_overlay(const model::Change& change) {
  const RowKey key = key_of(change);
  const Record server = confirmed(key);
  const bool is_servers =
      change.before ? server && change.before == server : static_cast<bool>(!server);
  if (is_servers) return lift_overlay(key);
  touch(key, apart(key));
  overlay_[key] = change.before;
}

Record Replica::visible(const RowKey& key) const {
  return visible_.table(key.collection).get(key.id);
}

Record Replica::wanted(const RowKey& key) const {
  const Record* overlaid = overlay_.find(key);
  return overlaid != nullptr ? *overlaid : confirmed(key);
}

bool Replica::is_flood() const {
  return flood_ || (touched_.size() >= kFloodMin && touched_.size() > rows() / 2);
}

void Replica::advance(const std::function<void(const model::Change&)>& moved) {
  const std::vector<RowKey> touched = std::exchange(touched_, {});
  changed_collections_ = 0;
  for (const RowKey& key : touched) {
    model::Change change;
    change.before = visible(key);
    change.after = wanted(key);
    // From here on the visible row is the confirmed one, unless it is overlaid.
    if (is_overlaid(key)) {
      Apart& entry = apart(key);
      entry.touched = entry.changed = false;
    } else {
      apart_.erase(key);
    }
    if (!change.before && !change.after) continue;
    if (change.before && change.after && change.before == change.after) continue;
    change.kind = !change.before  ? model::ChangeKind::insert
                  : !change.after ? model::ChangeKind::remove
                                  : model::ChangeKind::update;
    visible_.apply(change);
    moved(change);
  }
  // After very many rows the tables would stay as large as they were.
  if (apart_.empty()) apart_.clear();
  if (unreferenced_.empty()) unreferenced_.clear();
}

void Replica::advance_untold() {
  for (const model::Collection& collection : schema_.collections())
    visible_.table(collection.id()).drop_indexes();
  advance([](const model::Change&) {});
  flood_ = false;
}

base::Result<mutation::Lookup> Replica::get(model::CollectionId collection, const base::Id& id) {
  using State = mutation::Lookup::State;
  const RowKey key{collection, id};
  mutation::Lookup found;
  found.record = wanted(key);
  if (found.record) {
    found.state = State::present;
  } else {
    query::Query asked;
    asked.collection = collection;
    bool known = is_overlaid(key) || (covers_ && covers_(asked));
    if (!known && covers_) {
      asked.where = query::compare(model::kIdField, query::Op::eq, id);
      known = covers_(asked);
    }
    found.state = known ? State::absent : State::unknown;
  }
  return found;
}

// The visible rows, but for those that are not as the mutators shall see them.
base::Result<mutation::FindResult> Replica::find(const query::Query& query) {
  const model::Collection& collection = schema_.collection(query.collection);
  mutation::FindResult result;
  result.complete = covers_ && covers_(query);
  SYNC_CHECK(!query::has_relations(query.where), "mutators ask for rows by their own fields");
  ivm::FetchRequest request;
  request.where = query.where;
  request.order = query.order;
  request.after = query.after;
  // Each row apart can take at most one row out of the result.
  const std::size_t room = std::numeric_limits<std::uint32_t>::max() - query.limit;
  if (query.limit > 0)
    request.limit = query.limit + static_cast<std::uint32_t>(std::min(room, apart_.size()));
  SYNC_TRY(visible_.source(query.collection).fetch(request, [&](const Record& row) {
    if (!apart_.contains(key_of(row))) result.rows.push_back(row);
    return true;
  }));
  for (const auto& [key, entry] : apart_) {
    if (key.collection != query.collection) continue;
    const Record row = wanted(key);
    if (!row || !query::matches(query.where, row)) continue;
    if (query.after &&
        model::compare_record_to_key(collection, query.order, row, *query.after) <= 0)
      continue;
    result.rows.push_back(row);
  }
  base::sort(result.rows.begin(), result.rows.end(), [&](const Record& a, const Record& b) {
    return model::compare_records(collection, query.order, a, b) < 0;
  });
  if (query.limit > 0 && result.rows.size() > query.limit) result.rows.resize(query.limit);
  return result;
}

}  // namespace syncline::client
