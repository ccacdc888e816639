#include "syncline/client/live_queries.hpp"

#include <algorithm>
#include <utility>

#include "syncline/client/held_relations.hpp"
#include "syncline/client/pending_groups.hpp"
#include "syncline/protocol/limits.hpp"
#include "syncline/query/canonical.hpp"
#include "syncline/query/figures.hpp"
#include "syncline/query/group_key.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::client {

namespace {

// A Subscribe must fit its frame; with more rows than this the server sends everything anew.
constexpr std::size_t kHeldMax = protocol::kClientFrameBytesMax / 2 / 26;
// From here on a snapshot is read at once in order, instead of row by row into its place.
constexpr std::size_t kBulkRows = 256;

bool touches(const std::vector<model::CollectionId>& collections, const RowSet& rows) {
  return std::any_of(rows.begin(), rows.end(), [&](const RowKey& row) {
    return std::find(collections.begin(), collections.end(), row.collection) != collections.end();
  });
}

}  // namespace

struct LiveQueries::Entry {
  Entry(const model::Schema& schema, query::Query canonical, const base::Id& user)
      : query(std::move(canonical)), bound(query), view(schema, query) {
    bound = query::bind(query, user);
    is_related = query::reads_related(bound);
  }

  struct Reader {
    QueryId id = 0;
    bool fresh = true;  // has heard nothing yet: its first update is the whole list
  };

  WireId id = 0;
  base::Bytes key;
  query::Query query;       // canonical, as it travels
  query::Query bound;       // with the user's id in it, as it is evaluated here
  bool is_related = false;  // its condition asks about rows that may not be held
  std::vector<model::CollectionId> related_collections;  // of those rows
  std::unique_ptr<ivm::Pipeline> pipeline;  // none for an aggregate, and where is_related
  ivm::OrderedView view;
  std::vector<Reader> readers;
  RowSet held;
  std::vector<ivm::AggregateRow> groups;  // as the server said
  bool groups_exact = true;
  bool answered = false;  // has been given a snapshot, at some time
  bool awaiting = true;   // the snapshot of this connection is still to come
  bool hydrate_again = false;
  bool read_again = false;  // is_related: rows or the server's word on them have changed
  std::optional<base::Error> error;

  // Since the last update:
  std::vector<ivm::ViewEdit> edits;
  bool related_changed = false;
  bool groups_changed = false;
  QueryStatus told = QueryStatus::loading;
};

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
                                                        const base::Id& user) {
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
  entry->readers.push_back({added.reader, true});
  readers_[added.reader] = entry->id;
  moved_ = true;
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
  const std::vector<ivm::Interest> interests = ivm::interests(schema_, entry.bound);
  for (std::size_t i = 0; i < interests.size(); ++i) {
    const ivm::Interest& interest = interests[i];
    if (!entry.query.aggregate) interest_.add(entry.id, interest.collection, interest.where);
    // Of groups the own rows too are with the server alone.
    if (entry.is_related && (i > 0 || entry.query.aggregate))
      entry.related_collections.push_back(interest.collection);
  }
  if (entry.query.aggregate) return entry;
  if (entry.is_related) {
    read_again(entry);
    return entry;
  }
  entry.pipeline =
      std::make_unique<ivm::Pipeline>(schema_, entry.bound, replica_.visible_sources());
  hydrate_again(entry);
  return entry;
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
  for (const RowKey& key : entry.held) replica_.release(key);
  interest_.remove(entry.id);
  const auto known = by_key_.find(entry.key);
  if (known != by_key_.end() && known->second == entry.id) by_key_.erase(known);
  entries_.erase(entry.id);
}

protocol::Subscribe LiveQueries::subscription(WireId id) {
  Entry* entry = find(id);
  SYNC_CHECK(entry != nullptr, "subscribing an unknown entry");
  entry->awaiting = true;
  protocol::Subscribe subscribe;
  subscribe.query_id = entry->id;
  subscribe.query = entry->query;
  if (entry->answered && entry->held.size() <= kHeldMax) {
    for (const RowKey& key : entry->held) {
      const model::Record row = replica_.confirmed(key);
      if (row) subscribe.held.push_back({key.collection, key.id, row.version()});
    }
  }
  return subscribe;
}

std::vector<WireId> LiveQueries::entries() const {
  std::vector<WireId> ids;
  for (const auto& [id, entry] : entries_) {
    if (!entry->error) ids.push_back(id);
  }
  return ids;
}

void LiveQueries::connection_lost() {
  for (const auto& [id, entry] : entries_) entry->awaiting = true;
}

bool LiveQueries::has_unread() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& each) { return each.second->readers.empty(); });
}

std::vector<WireId> LiveQueries::drop_unread() {
  std::vector<WireId> unread;
  for (const auto& [id, entry] : entries_) {
    if (entry->readers.empty()) unread.push_back(id);
  }
  for (const WireId id : unread) remove_entry(*find(id));
  return unread;
}

void LiveQueries::drop_rows() {
  for (const auto& [id, entry] : entries_) {
    for (const RowKey& key : entry->held) replica_.release(key);
    entry->held.clear();
    entry->groups.clear();
    entry->answered = false;
    entry->awaiting = true;
    entry->read_again = true;
  }
}

bool LiveQueries::awaits_answers() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& each) { return each.second->awaiting && !each.second->error; });
}
bool LiveQueries::awaits_catch_up() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& each) {
    return each.second->awaiting && each.second->answered && !each.second->error;
  });
}

bool LiveQueries::fits(const Entry& entry, const ivm::AggregateRow& row) const {
  const query::Query& query = entry.bound;
  if (!query.aggregate || !query::GroupKeys(schema_, query).fits(row.key)) return false;
  const model::Collection& collection = schema_.collection(query.collection);
  return query::fits(collection, query.aggregate->terms, row) &&
         row.previous.has_value() == query.aggregate->trend.has_value() &&
         (!row.previous || query::fits(collection, query.aggregate->terms, *row.previous));
}

bool LiveQueries::understands(WireId id, const protocol::SegmentBody& body) const {
  const Entry* entry = find(id);
  return entry == nullptr ||
         std::all_of(body.groups.begin(), body.groups.end(),
                     [&](const auto& group) { return fits(*entry, group.row); });
}

void LiveQueries::apply(DecodedSegment& decoded) {
  Entry* entry = find(decoded.segment->query_id);
  if (entry == nullptr) return;  // unsubscribed while this was on its way
  const bool snapshot = decoded.segment->kind == protocol::Segment::Kind::snapshot;
  entry->read_again = true;
  RowSet left;
  if (snapshot) {
    left = std::exchange(entry->held, {});
    entry->groups.clear();
    entry->answered = true;
    entry->awaiting = false;
    const std::size_t coming = decoded.rows.size();
    entry->hydrate_again =
        entry->pipeline && coming > kBulkRows && coming > 2 * entry->view.rows().size();
  }
  const auto keep = [&](const RowKey& key) {
    if (!entry->held.insert(key).second) return;
    if (left.erase(key) == 0) replica_.hold(key);
  };
  for (const protocol::Held& kept : decoded.segment->kept) keep({kept.collection, kept.id});
  for (const model::Record& row : decoded.rows) {
    replica_.put(row);
    keep(key_of(row));
  }
  for (const protocol::SegmentBody::Removal& removal : decoded.body.removals) {
    const RowKey key{removal.collection, removal.id};
    if (entry->held.erase(key) > 0) replica_.release(key);
  }
  for (const RowKey& key : left) replica_.release(key);
  for (protocol::SegmentBody::Group& group : decoded.body.groups) {
    std::erase_if(entry->groups,
                  [&group](const ivm::AggregateRow& row) { return row.key == group.row.key; });
    if (!group.removed) entry->groups.push_back(std::move(group.row));
  }
}

void LiveQueries::fail(WireId id, base::Error error) {
  Entry* entry = find(id);
  if (entry == nullptr) return;
  for (const RowKey& key : entry->held) replica_.release(key);
  entry->held.clear();
  entry->groups.clear();
  entry->awaiting = false;
  entry->read_again = true;
  entry->error = std::move(error);
  moved_ = true;
}

void LiveQueries::move(const model::Change& change) {
  affected_.clear();
  interest_.affected(change, affected_);
  for (const auto handle : affected_) {
    Entry* entry = find(static_cast<WireId>(handle));
    if (entry == nullptr || entry->hydrate_again) continue;
    if (entry->is_related) {
      entry->read_again = true;
      continue;
    }
    ivm::ResultDelta delta;
    const base::Status pushed = entry->pipeline->push(change, delta);
    SYNC_CHECK(pushed.ok(), "tables in memory do not fail");
    entry->related_changed = entry->related_changed || !delta.related.empty();
    entry->view.apply(delta, entry->edits);
  }
}

void LiveQueries::hydrate_again(Entry& entry) {
  entry.hydrate_again = false;
  for (std::size_t left = entry.view.rows().size(); left > 0; --left) {
    entry.edits.push_back({ivm::ViewEdit::Kind::remove, static_cast<std::uint32_t>(left - 1)});
  }
  entry.view.clear();
  entry.pipeline->reset();
  ivm::ResultDelta delta;
  const base::Status hydrated = entry.pipeline->hydrate(delta);
  SYNC_CHECK(hydrated.ok(), "tables in memory do not fail");
  entry.related_changed = entry.related_changed || !delta.related.empty();
  entry.view.apply(delta, entry.edits);
}

// Whether a row satisfies a condition on related rows only the server can say, as they need not be held: its word is that it
// sent the row. What is certain here counts at once (HeldRelations).
void LiveQueries::read_again(Entry& entry) {
  entry.read_again = false;
  HeldRelations relations(replica_, entry.held);
  ivm::Pipeline pipeline(schema_, entry.bound, replica_.visible_sources(), &relations);
  ivm::ResultDelta result;
  const base::Status read = pipeline.hydrate(result);
  SYNC_CHECK(read.ok(), "tables in memory do not fail");
  const ivm::ResultDelta delta = entry.view.difference(result);
  entry.related_changed = entry.related_changed || !delta.related.empty();
  entry.view.apply(delta, entry.edits);
}

void LiveQueries::finish() {
  moved_ = true;
  std::optional<RowSet> written;
  for (const auto& [id, entry] : entries_) {
    if (entry->hydrate_again) hydrate_again(*entry);
    if (entry->is_related && !entry->query.aggregate && entry->read_again) read_again(*entry);
    if (!entry->query.aggregate || entry->error || !entry->answered) continue;
    if (!written) written = log_.written();
    merge_groups_of(*entry, *written);
  }
}

void LiveQueries::merge_groups_of(Entry& entry, const RowSet& written) {
  MergedGroups merged = merge_groups(schema_, entry.bound, entry.groups, replica_, written);
  entry.groups_exact = merged.exact && !log_.is_uncertain(entry.bound.collection) &&
                       !(entry.is_related && touches(entry.related_collections, written));
  const ivm::ResultDelta delta = difference(schema_, entry.bound, entry.view.groups(), merged.rows);
  if (delta.groups.empty()) return;
  entry.view.apply(delta, entry.edits);
  entry.groups_changed = true;
}

// The server sent at least as many rows as the query's limit, so there may be more behind the last one. With local removals
// the list may have come too close to that edge to be sure of its end (SEMANTICS 16).
bool LiveQueries::window_is_exhausted(const Entry& entry) const {
  const query::Query& query = entry.bound;
  const query::Predicate where = query::without_relations(query.where);
  if (query.limit == 0 || entry.view.rows().size() > query.limit) return false;
  std::size_t rows = 0;
  model::Record edge;
  const model::Collection& collection = schema_.collection(query.collection);
  for (const RowKey& key : entry.held) {
    if (key.collection != query.collection) continue;
    const model::Record row = replica_.confirmed(key);
    if (!row || !query::matches(where, row)) continue;
    ++rows;
    if (!edge || model::compare_records(collection, query.order, edge, row) < 0) edge = row;
  }
  if (rows < query.limit) return false;
  if (entry.view.rows().size() < query.limit) return true;
  return model::compare_records(collection, query.order, edge, entry.view.rows().back()) < 0;
}

QueryStatus LiveQueries::status_of(const Entry& entry) const {
  if (entry.error) return QueryStatus::failed;
  if (entry.query.aggregate) {
    if (!entry.answered) return QueryStatus::loading;
    return entry.groups_exact ? QueryStatus::complete : QueryStatus::partial;
  }
  if (!entry.answered)
    return entry.view.rows().empty() ? QueryStatus::loading : QueryStatus::partial;
  const bool may_lack_rows =
      log_.size() > 0 && (window_is_exhausted(entry) ||
                          (entry.is_related && touches(entry.related_collections, log_.written())));
  return may_lack_rows ? QueryStatus::partial : QueryStatus::complete;
}

void LiveQueries::collect_updates() {
  moved_ = false;
  for (const auto& [id, entry] : entries_) {
    const QueryStatus status = status_of(*entry);
    const bool moved = !entry->edits.empty() || entry->related_changed || entry->groups_changed ||
                       status != entry->told;
    for (Entry::Reader& reader : entry->readers) {
      if (!moved && !reader.fresh) continue;
      ViewUpdate update;
      update.query = reader.id;
      update.status = status;
      if (entry->error) update.error = *entry->error;
      update.related_changed = entry->related_changed;
      update.groups_changed = entry->groups_changed;
      if (reader.fresh) {
        for (std::uint32_t at = 0; at < entry->view.rows().size(); ++at) {
          update.edits.push_back({ivm::ViewEdit::Kind::insert, at});
        }
        update.groups_changed = !entry->view.groups().empty();
      } else {
        update.edits = entry->edits;
      }
      reader.fresh = false;
      updates_.push_back(std::move(update));
    }
    entry->edits.clear();
    entry->related_changed = false;
    entry->groups_changed = false;
    entry->told = status;
  }
}

std::optional<ViewUpdate> LiveQueries::poll() {
  if (updates_.empty() && moved_) collect_updates();
  if (updates_.empty()) return std::nullopt;
  ViewUpdate update = std::move(updates_.front());
  updates_.pop_front();
  return update;
}

const ivm::OrderedView* LiveQueries::view(QueryId reader) const {
  const Entry* entry = of_reader(reader);
  return entry == nullptr ? nullptr : &entry->view;
}
QueryStatus LiveQueries::status(QueryId reader) const {
  const Entry* entry = of_reader(reader);
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
  for (const auto& [id, entry] : entries_) {
    if (!entry->answered || entry->error) continue;
    Kept kept;
    kept.query = entry->query;
    kept.held.assign(entry->held.begin(), entry->held.end());
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
  entry.read_again = true;
  for (const ivm::AggregateRow& row : kept.groups) {
    if (fits(entry, row)) entry.groups.push_back(row);
  }
  for (const RowKey& row : kept.held) {
    if (entry.held.insert(row).second) replica_.hold(row);
  }
  return {};
}

}  // namespace syncline::client
