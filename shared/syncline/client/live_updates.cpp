// What LiveQueries tells its readers: the end of a step, statuses, updates. Only queries that a step touched are looked at.
#include <algorithm>
#include <utility>

#include "syncline/base/sort.hpp"
#include "syncline/client/held_relations.hpp"
#include "syncline/client/live_entry.hpp"
#include "syncline/client/pending_groups.hpp"
#include "syncline/invalidation/interest_key.hpp"

namespace syncline::client {

namespace {

bool touches(const std::vector<model::CollectionId>& collections, const RowSet& rows) {
  return std::any_of(rows.begin(), rows.end(), [&](const RowKey& row) {
    return std::find(collections.begin(), collections.end(), row.collection) != collections.end();
  });
}

// Edits from one list to another: what both begin and end with stays.
void tell_difference(const std::vector<model::Record>& before, const ivm::RowList& after,
                     std::vector<ivm::ViewEdit>& edits) {
  const std::size_t common = std::min(before.size(), after.size());
  std::size_t first = 0;
  while (first < common && before[first].same(after[first])) ++first;
  std::size_t behind = 0;
  while (behind < common - first &&
         before[before.size() - 1 - behind].same(after[after.size() - 1 - behind]))
    ++behind;
  for (std::size_t at = before.size() - behind; at > first; --at)
    edits.push_back({ivm::ViewEdit::Kind::remove, static_cast<std::uint32_t>(at - 1)});
  for (std::size_t at = first; at < after.size() - behind; ++at)
    edits.push_back({ivm::ViewEdit::Kind::insert, static_cast<std::uint32_t>(at)});
}

}  // namespace

void LiveQueries::touch(Entry& entry) {
  if (entry.touched) return;
  entry.touched = true;
  touched_.push_back(entry.id);
}

void LiveQueries::finish() {
  for (const WireId id : std::exchange(to_hydrate_, {})) {
    Entry* entry = find(id);
    if (entry == nullptr || !entry->hydrate_again) continue;
    if (entry->is_related) {
      read_again(*entry);
    } else {
      hydrate_again(*entry);
    }
  }
  merge_groups();
  // With pending mutations a limited list may lack rows at its end, and one with related rows anywhere.
  const bool pending = log_.size() > 0;
  if (pending || limits_watched_) {
    for (const WireId id : watched_) touch(*find(id));
  }
  limits_watched_ = pending;
}

void LiveQueries::hydrate_again(Entry& entry) {
  entry.hydrate_again = false;
  ++entry.hydrated;
  const std::vector<model::Record> before = entry.view.rows().to_vector();
  entry.pipeline->reset();
  ivm::ResultDelta delta;
  const base::Status hydrated = entry.pipeline->hydrate(delta);
  SYNC_CHECK(hydrated.ok(), "tables in memory do not fail");
  entry.related_changed = entry.related_changed || !delta.related.empty();
  entry.view.fill(delta);
  tell_difference(before, entry.view.rows(), entry.edits);
  touch(entry);
}

// Whether a row satisfies a condition on related rows only the server can say, as they need not be held: its word is that it
// sent the row. What is certain here counts at once (HeldRelations).
void LiveQueries::read_again(Entry& entry) {
  entry.hydrate_again = false;
  ++entry.hydrated;
  HeldRelations relations(replica_, entry.held);
  ivm::Pipeline pipeline(schema_, entry.bound, replica_.visible_sources(), &relations);
  ivm::ResultDelta result;
  const base::Status read = pipeline.hydrate(result);
  SYNC_CHECK(read.ok(), "tables in memory do not fail");
  const ivm::ResultDelta delta = entry.view.difference(result);
  entry.related_changed = entry.related_changed || !delta.related.empty();
  entry.view.apply(delta, entry.edits);
  touch(entry);
}

void LiveQueries::merge_groups() {
  if (aggregates_.empty()) return;
  const bool pending = !log_.entries().empty();
  std::optional<RowSet> written;
  for (const WireId id : aggregates_) {
    Entry& entry = *find(id);
    if (entry.error || !entry.answered) continue;
    if (!pending && !pending_merged_ && !entry.groups_came) continue;
    entry.groups_came = false;
    const bool anew = std::exchange(entry.groups_anew, false);
    std::vector<ivm::GroupDelta> deltas = std::exchange(entry.group_deltas, {});
    if (pending || pending_merged_ || anew) {
      if (!written) written = log_.written();
      merge_groups_of(entry, *written);
    } else {
      // What is shown is what the server said before.
      show_groups(entry, std::move(deltas));
    }
  }
  pending_merged_ = pending;
}

void LiveQueries::merge_groups_of(Entry& entry, const RowSet& written) {
  MergedGroups merged = client::merge_groups(schema_, entry.bound, entry.groups, replica_, written);
  entry.groups_exact = merged.exact && !log_.is_uncertain(entry.bound.collection) &&
                       !(entry.is_related && touches(entry.related_collections, written));
  show_groups(entry, difference(schema_, entry.bound, entry.view.groups(), merged.rows));
}

void LiveQueries::show_groups(Entry& entry, std::vector<ivm::GroupDelta> deltas) {
  touch(entry);
  if (deltas.empty()) return;
  entry.view.apply_groups(std::move(deltas));
  entry.groups_changed = true;
}

void LiveQueries::find_edge(Entry& entry) const {
  if (entry.edge_of == replica_.generation()) return;
  const query::Query& query = entry.bound;
  const query::Predicate where = query::without_relations(query.where);
  const model::Collection& collection = schema_.collection(query.collection);
  entry.edge_of = replica_.generation();
  entry.edge = {};
  entry.edge_rows = 0;
  entry.held.for_each([&](const RowPlace& place) {
    if (place.collection != query.collection) return;
    const model::Record row = replica_.confirmed_at(place);
    if (!query::matches(where, row)) return;
    ++entry.edge_rows;
    if (!entry.edge || model::compare_records(collection, query.order, entry.edge, row) < 0)
      entry.edge = row;
  });
}

// The server sent at least as many rows as the query's limit, so there may be more behind the last one. With local removals
// the list may have come too close to that edge to be sure of its end (SEMANTICS 16).
bool LiveQueries::window_is_exhausted(Entry& entry) const {
  const query::Query& query = entry.bound;
  if (query.limit == 0 || !entry.active || entry.view.rows().size() > query.limit) return false;
  find_edge(entry);
  if (entry.edge_rows < query.limit) return false;
  if (entry.view.rows().size() < query.limit) return true;
  const model::Collection& collection = schema_.collection(query.collection);
  return model::compare_records(collection, query.order, entry.edge, entry.view.rows().back()) < 0;
}

QueryStatus LiveQueries::status_of(Entry& entry) const {
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

QueryFacts LiveQueries::facts(QueryId reader) const {
  QueryFacts facts;
  Entry* entry = of_reader(reader);
  if (entry == nullptr) return facts;
  facts.status = status_of(*entry);
  if (entry->active) {
    const auto keys = invalidation::keys_of(query::without_relations(entry->bound.where));
    facts.routed_by = !keys           ? 2
                      : keys->empty() ? 1
                                      : 3 + static_cast<std::uint32_t>(keys->front().kind);
    if (facts.routed_by > 2) facts.field = keys->front().field;
  }
  facts.pending = log_.size() > 0;
  facts.rows = static_cast<std::uint32_t>(entry->query.aggregate ? entry->view.groups().size()
                                                                 : entry->view.rows().size());
  facts.held = static_cast<std::uint32_t>(entry->held.size());
  entry->held.for_each([&](const RowPlace& place) {
    facts.bytes += static_cast<std::uint32_t>(replica_.confirmed_at(place).bytes().size());
  });
  facts.hydrated = entry->hydrated;
  facts.routed = entry->routed;
  facts.altered = entry->altered;
  facts.mismatches = entry->mismatches;
  return facts;
}

void LiveQueries::collect_updates() {
  std::vector<WireId> touched = std::exchange(touched_, {});
  base::sort(touched.begin(), touched.end());
  for (const WireId id : touched) collect_updates_of(*find(id));
}

void LiveQueries::collect_updates_of(Entry& entry) {
  entry.touched = false;
  const QueryStatus status = status_of(entry);
  const std::size_t size = entry.view.rows().size();
  for (Entry::Reader& reader : entry.readers) {
    const bool looks = reader.window.count > 0;
    const std::uint32_t shown = reader.window.shown(size);
    ViewUpdate update;
    update.query = reader.id;
    update.status = status;
    update.rows = static_cast<std::uint32_t>(size);
    if (reader.fresh) {
      for (std::uint32_t at = reader.told_rows; at > 0; --at)
        update.edits.push_back({ivm::ViewEdit::Kind::remove, at - 1});
      for (std::uint32_t at = 0; at < shown; ++at)
        update.edits.push_back({ivm::ViewEdit::Kind::insert, at});
    } else if (reader.window.is_whole()) {
      update.edits = entry.edits;
    } else {
      window_edits(entry.edits, entry.told_size, reader.window, update.edits);
    }
    update.related_changed = looks && entry.related_changed;
    update.groups_changed = reader.fresh ? !entry.view.groups().empty() : entry.groups_changed;
    const bool moved = !update.edits.empty() || update.related_changed || update.groups_changed ||
                       (looks && size != entry.told_size) || status != entry.told;
    if (!moved && !reader.fresh) continue;
    if (entry.error) update.error = *entry.error;
    reader.fresh = false;
    reader.told_rows = shown;
    updates_.push_back(std::move(update));
  }
  entry.edits.clear();
  entry.related_changed = false;
  entry.groups_changed = false;
  entry.told_size = size;
  entry.told = status;
}

std::optional<ViewUpdate> LiveQueries::poll() {
  if (updates_.empty() && !touched_.empty()) collect_updates();
  if (updates_.empty()) return std::nullopt;
  ViewUpdate update = std::move(updates_.front());
  updates_.pop_front();
  return update;
}

}  // namespace syncline::client
