#include "syncline/client/live_queries.hpp"

#include <algorithm>
#include <utility>

#include "syncline/base/sort.hpp"
#include "syncline/client/held_relations.hpp"
#include "syncline/client/live_entry.hpp"
#include "syncline/client/pending_groups.hpp"
#include "syncline/client/related_edits.hpp"
#include "syncline/protocol/limits.hpp"
#include "syncline/protocol/signature.hpp"
#include "syncline/query/canonical.hpp"
#include "syncline/query/figures.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::client {

namespace {

// A Subscribe must fit its frame; with more rows than this the server sends everything anew.
constexpr std::size_t kHeldMax = protocol::kClientFrameBytesMax / 2 / 26;
// From here on a snapshot is read at once in order, instead of row by row into its place.
constexpr std::size_t kBulkRows = 256;

}  // namespace

LiveQueries::LiveQueries(const model::Schema& schema, Replica& replica, PendingLog& log)
    : schema_(schema), replica_(replica), log_(log) {}
LiveQueries::~LiveQueries() = default;

LiveQueries::Entry* LiveQueries::find(WireId entry) const {
  const auto found = entries_.find(entry);
  return found == entries_.end() ? nullptr : found->second.get();
}
LiveQueries::Entry* LiveQueries::of_reader(QueryId reader) const {
  const auto found = readers_.find(reader);
  return found == readers_.end() ? nullptr : find(found->second);
}

base::Result<LiveQueries::Added> LiveQueries::subscribe(const query::Query& query,
                                                        const base::Id& user, Window window) {
  SYNC_ASSIGN(query::Query checked, query::check(schema_, query));
  query::Query canonical = query::canonical(schema_, std::move(checked));
  SYNC_TRY(refuse_ambiguous(schema_, canonical));
  const base::Bytes key = query::key_bytes(canonical);
  Added added;
  const auto known = by_key_.find(key);
  Entry* entry = known == by_key_.end() ? nullptr : find(known->second);
  // A failed query is asked again by its next reader.
  if (entry != nullptr && entry->error) {
    by_key_.erase(known);
    entry = nullptr;
  }
  if (entry == nullptr) {
    entry = &add_entry(std::move(canonical), key, user);
    added.fresh = true;
  }
  added.reader = ++last_reader_;
  added.entry = entry->id;
  Entry::Reader reader;
  reader.id = added.reader;
  reader.window = window;
  entry->readers.push_back(reader);
  readers_[added.reader] = entry->id;
  if (window.count > 0) activate(*entry);
  touch(*entry);
  return added;
}

LiveQueries::Entry& LiveQueries::add_entry(query::Query canonical, const base::Bytes& key,
                                           const base::Id& user) {
  auto made = std::make_unique<Entry>(schema_, std::move(canonical), user);
  Entry& entry = *made;
  entry.id = ++last_entry_;
  entry.key = key;
  entries_[entry.id] = std::move(made);
  by_key_[key] = entry.id;
  if (entry.query.aggregate) aggregates_.push_back(entry.id);
  if (entry.is_related) {
    // Of groups the own rows too are with the server alone.
    const std::vector<ivm::Interest> interests = ivm::interests(schema_, entry.bound);
    for (std::size_t i = entry.query.aggregate ? 0 : 1; i < interests.size(); ++i)
      entry.related_collections.push_back(interests[i].collection);
    watched_.push_back(entry.id);
  }
  asking_known_ = false;
  return entry;
}

// Somebody looks at the rows from now on.
void LiveQueries::activate(Entry& entry) {
  if (entry.active || entry.query.aggregate) return;
  entry.active = true;
  for (const ivm::Interest& interest : ivm::interests(schema_, entry.bound))
    interest_.add(entry.id, interest.collection, interest.where);
  if (entry.is_related) return read_again(entry);
  entry.pipeline =
      std::make_unique<ivm::Pipeline>(schema_, entry.bound, replica_.visible_sources());
  hydrate_again(entry);
  if (entry.bound.limit > 0) watched_.push_back(entry.id);
}

void LiveQueries::set_window(QueryId id, Window window) {
  Entry* entry = of_reader(id);
  if (entry == nullptr) return;
  for (Entry::Reader& reader : entry->readers) {
    if (reader.id != id) continue;
    reader.window = window;
    reader.fresh = true;
  }
  if (window.count > 0) activate(*entry);
  touch(*entry);
}

std::optional<WireId> LiveQueries::unsubscribe(QueryId reader) {
  Entry* entry = of_reader(reader);
  if (entry == nullptr) return std::nullopt;
  readers_.erase(reader);
  std::erase_if(entry->readers, [reader](const Entry::Reader& r) { return r.id == reader; });
  if (!entry->readers.empty()) return std::nullopt;
  const WireId id = entry->id;
  const bool failed = entry->error.has_value();
  remove_entry(*entry);
  if (failed) return std::nullopt;
  return id;
}

void LiveQueries::remove_entry(Entry& entry) {
  release_all(entry.held);
  interest_.remove(entry.id);
  std::erase(aggregates_, entry.id);
  std::erase(watched_, entry.id);
  std::erase(touched_, entry.id);
  asking_known_ = false;
  const auto known = by_key_.find(entry.key);
  if (known != by_key_.end() && known->second == entry.id) by_key_.erase(known);
  entries_.erase(entry.id);
}

protocol::Subscribe LiveQueries::subscription(WireId id) {
  Entry* entry = find(id);
  SYNC_CHECK(entry != nullptr, "subscribing an unknown entry");
  entry->awaiting = true;
  asking_known_ = false;
  protocol::Subscribe subscribe;
  subscribe.query_id = entry->id;
  subscribe.query = entry->query;
  if (entry->answered && entry->held.size() <= kHeldMax) {
    entry->held.for_each([&](const RowPlace& place) {
      const model::Record row = replica_.confirmed_at(place);
      subscribe.held.push_back({place.collection, row.id(), row.version()});
    });
  }
  return subscribe;
}

bool LiveQueries::is_amiss(WireId id, std::uint64_t signature) {
  Entry* entry = find(id);
  if (entry == nullptr || entry->awaiting || entry->error) return false;
  entry->held.for_each([&](const RowPlace& place) {
    const model::Record row = replica_.confirmed_at(place);
    signature ^= protocol::signature_of(place.collection, row.id(), row.version());
  });
  if (signature == 0) return false;
  ++entry->mismatches;
  return true;
}

void LiveQueries::release_all(const HeldRows& rows) {
  rows.for_each([this](const RowPlace& place) { replica_.release(place); });
}

std::vector<WireId> LiveQueries::ids() const {
  std::vector<WireId> all;
  all.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) all.push_back(id);
  base::sort(all.begin(), all.end());
  return all;
}

std::vector<WireId> LiveQueries::entries() const {
  std::vector<WireId> asked = ids();
  std::erase_if(asked, [this](WireId id) { return find(id)->error.has_value(); });
  return asked;
}

void LiveQueries::connection_lost() {
  asking_known_ = false;
  for (const auto& [id, entry] : entries_) entry->awaiting = true;
}

bool LiveQueries::has_unread() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& each) { return each.second->readers.empty(); });
}

std::vector<WireId> LiveQueries::drop_unread() {
  std::vector<WireId> unread = ids();
  std::erase_if(unread, [this](WireId id) { return !find(id)->readers.empty(); });
  for (const WireId id : unread) remove_entry(*find(id));
  return unread;
}

void LiveQueries::drop_rows() {
  asking_known_ = false;
  for (const auto& [id, entry] : entries_) {
    touch(*entry);
    if (entry->is_related) evaluate_again(*entry);
    entry->groups_came = entry->groups_anew = true;
    release_all(entry->held);
    entry->held.clear();
    entry->groups.clear();
    entry->answered = false;
    entry->awaiting = true;
  }
}

const LiveQueries::Asking& LiveQueries::asking() const {
  if (asking_known_) return asking_;
  asking_ = {};
  for (const auto& [id, entry] : entries_) {
    if (!entry->awaiting || entry->error) continue;
    asking_.answers = true;
    asking_.catch_up = asking_.catch_up || entry->answered;
  }
  asking_known_ = true;
  return asking_;
}

bool LiveQueries::fits(const Entry& entry, const ivm::AggregateRow& row) const {
  const query::Query& query = entry.bound;
  if (!query.aggregate || !entry.view.group_keys().fits(row.key)) return false;
  const model::Collection& collection = schema_.collection(query.collection);
  return query::fits(collection, query.aggregate->terms, row) &&
         row.previous.has_value() == query.aggregate->trend.has_value() &&
         (!row.previous || query::fits(collection, query.aggregate->terms, *row.previous));
}

bool LiveQueries::understands(const protocol::ReadSegment& segment) const {
  const Entry* entry = segment.groups.empty() ? nullptr : find(segment.query_id);
  return entry == nullptr ||
         std::all_of(segment.groups.begin(), segment.groups.end(),
                     [&](const auto& group) { return fits(*entry, group.row); });
}

void LiveQueries::expect(const std::vector<protocol::ReadSegment>& segments) {
  std::map<model::CollectionId, std::size_t> coming;
  std::size_t all = 0;
  for (const protocol::ReadSegment& segment : segments) {
    if (segment.rows.empty()) continue;
    coming[segment.rows.front().collection().id()] += segment.rows.size();
    all += segment.rows.size();
  }
  if (all < kBulkRows) return;
  for (const auto& [collection, rows] : coming) replica_.reserve(collection, rows);
  if (log_.entries().empty()) replica_.begin_flood(all);
}

void LiveQueries::apply(protocol::ReadSegment& segment) {
  Entry* entry = find(segment.query_id);
  if (entry == nullptr) return;  // unsubscribed while this was on its way
  HeldRows left;
  touch(*entry);
  if (entry->is_related) evaluate_again(*entry);
  entry->edge_of.reset();
  if (segment.kind == protocol::Segment::Kind::snapshot) {
    left = begin_snapshot(*entry, segment.rows.size() + segment.kept.size());
  }
  const auto keep = [&](const RowPlace& place) {
    if (!entry->held.insert(place)) return;
    if (!left.erase(place)) replica_.hold(place);
  };
  for (const protocol::Held& kept : segment.kept) {
    // `kept` is the server's word only.
    if (schema_.find(kept.collection) == nullptr) continue;
    if (const auto place = replica_.place_of({kept.collection, kept.id})) keep(*place);
  }
  for (const model::Record& row : segment.rows) keep(replica_.put(row));
  segment.rows = {};
  for (const protocol::SegmentBody::Removal& removal : segment.removals) {
    if (schema_.find(removal.collection) == nullptr) continue;
    const auto place = replica_.place_of({removal.collection, removal.id});
    if (place && entry->held.erase(*place)) replica_.release(*place);
  }
  release_all(left);
  for (protocol::SegmentBody::Group& group : segment.groups) take_group(*entry, std::move(group));
}

void LiveQueries::take_group(Entry& entry, protocol::SegmentBody::Group group) {
  entry.groups_came = true;
  const auto known =
      std::find_if(entry.groups.begin(), entry.groups.end(),
                   [&group](const ivm::AggregateRow& row) { return row.key == group.row.key; });
  const bool there = known != entry.groups.end();
  if (group.removed ? !there : there && *known == group.row) return;
  // Groups that came without rows are not shown; where there are such, all are merged anew.
  const bool hidden =
      entry.group_deltas.empty() && entry.groups.size() != entry.view.groups().size();
  entry.groups_anew = entry.groups_anew || hidden || (!group.removed && group.row.rows <= 0);
  if (!entry.groups_anew) {
    const ivm::DeltaKind kind = group.removed ? ivm::DeltaKind::remove
                                : there       ? ivm::DeltaKind::edit
                                              : ivm::DeltaKind::add;
    entry.group_deltas.push_back({kind, group.row});
  }
  if (group.removed) {
    entry.groups.erase(known);
  } else if (there) {
    *known = std::move(group.row);
  } else {
    entry.groups.push_back(std::move(group.row));
  }
}

// What the entry held until now; whoever is in the snapshot stays.
HeldRows LiveQueries::begin_snapshot(Entry& entry, std::size_t coming) {
  HeldRows left = std::exchange(entry.held, {});
  entry.groups.clear();
  entry.groups_came = entry.groups_anew = true;
  entry.answered = true;
  entry.awaiting = false;
  asking_known_ = false;
  if (entry.pipeline && coming > kBulkRows && coming > 2 * entry.view.rows().size())
    evaluate_again(entry);
  return left;
}

void LiveQueries::fail(WireId id, base::Error error) {
  Entry* entry = find(id);
  if (entry == nullptr) return;
  release_all(entry->held);
  entry->held.clear();
  entry->groups.clear();
  if (entry->bound.aggregate)
    show_groups(*entry, difference(schema_, entry->bound, entry->view.groups(), {}));
  entry->awaiting = false;
  asking_known_ = false;
  if (entry->is_related) evaluate_again(*entry);
  entry->error = std::move(error);
  touch(*entry);
}

void LiveQueries::move(const model::Change& change) {
  affected_.clear();
  interest_.affected(change, affected_);
  for (const auto handle : affected_) {
    Entry* entry = find(static_cast<WireId>(handle));
    if (entry == nullptr || entry->hydrate_again) continue;
    ++entry->routed;
    if (entry->is_related) {
      evaluate_again(*entry);
      continue;
    }
    delta_.clear();
    const base::Status pushed = entry->pipeline->push(change, delta_);
    SYNC_CHECK(pushed.ok(), "tables in memory do not fail");
    if (delta_.empty()) continue;
    ++entry->altered;
    entry->view.apply(delta_, entry->edits);
    if (!delta_.related.empty() &&
        !add_related_edits(entry->bound.includes, entry->view.rows(), delta_, entry->edits))
      entry->related_changed = true;
    touch(*entry);
  }
  delta_.clear();  // it holds no rows that have gone
}

void LiveQueries::look_again() {
  for (const auto& [id, entry] : entries_) evaluate_again(*entry);
}

void LiveQueries::evaluate_again(Entry& entry) {
  if (!entry.active || entry.hydrate_again) return;
  entry.hydrate_again = true;
  to_hydrate_.push_back(entry.id);
}

const ivm::OrderedView* LiveQueries::view(QueryId reader) const {
  const Entry* entry = of_reader(reader);
  return entry == nullptr ? nullptr : &entry->view;
}
QueryStatus LiveQueries::status(QueryId reader) const {
  Entry* entry = of_reader(reader);
  return entry == nullptr ? QueryStatus::failed : status_of(*entry);
}

bool LiveQueries::covers(const query::Query& query) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& each) {
    const Entry& entry = *each.second;
    const query::Query& held = entry.bound;
    // Also without a connection: what was complete once is the best that can be known.
    const bool whole =
        entry.answered && !entry.error && !held.aggregate && held.limit == 0 && !held.after;
    if (!whole || held.collection != query.collection) return false;
    return held.where.kind == query::Predicate::Kind::always || held.where == query.where;
  });
}

std::vector<LiveQueries::Kept> LiveQueries::keep() const {
  std::vector<Kept> all;
  for (const WireId id : ids()) {
    const Entry* entry = find(id);
    if (!entry->answered || entry->error) continue;
    Kept kept;
    kept.query = entry->query;
    entry->held.for_each(
        [&](const RowPlace& place) { kept.held.push_back(replica_.key_at(place)); });
    kept.groups = entry->groups;
    all.push_back(std::move(kept));
  }
  return all;
}

base::Status LiveQueries::restore(const Kept& kept, const base::Id& user) {
  SYNC_ASSIGN(query::Query checked, query::check(schema_, kept.query));
  query::Query canonical = query::canonical(schema_, std::move(checked));
  const base::Bytes key = query::key_bytes(canonical);
  if (by_key_.contains(key)) return {};
  Entry& entry = add_entry(std::move(canonical), key, user);
  entry.answered = true;
  entry.groups_came = entry.groups_anew = true;
  for (const ivm::AggregateRow& row : kept.groups) {
    if (fits(entry, row)) entry.groups.push_back(row);
  }
  for (const RowKey& row : kept.held) {
    // What was stored is checked for its form, not for its sense.
    if (schema_.find(row.collection) == nullptr) continue;
    const auto place = replica_.place_of(row);
    if (place && entry.held.insert(*place)) replica_.hold(*place);
  }
  return {};
}

}  // namespace syncline::client
