#include "syncline/mutation/transaction.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "syncline/base/sort.hpp"
#include "syncline/mutation/complaints.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::mutation {

Transaction::Transaction(const Domain& domain, Reader& below, Context context)
    : domain_(domain), below_(below), context_(context) {}

bool Transaction::trusted() const { return privileged_ > 0 || context_.actor.role == Role::system; }

base::Result<Lookup> Transaction::lookup(model::CollectionId collection, const base::Id& id) {
  const auto own = rows_.find({collection, id});
  if (own != rows_.end()) {
    Lookup found;
    found.state = own->second.after ? Lookup::State::present : Lookup::State::absent;
    found.record = own->second.after;
    return found;
  }
  const std::pair<model::CollectionId, base::Id> key(collection, id);
  if (read_set_.records.empty() || read_set_.records.back() != key) {
    read_set_.records.push_back(key);
  }
  return below_.get(collection, id);
}

base::Result<model::Record> Transaction::get(model::CollectionId collection, const base::Id& id) {
  SYNC_ASSIGN(const Lookup found, lookup(collection, id));
  if (found.state == Lookup::State::unknown) return needs_server();
  if (found.state == Lookup::State::absent) return not_found();
  if (!trusted() && !domain_.access.may(context_.actor, found.record, Right::read)) {
    return not_found();
  }
  return found.record;
}

base::Result<std::vector<model::Record>> Transaction::find(const query::Query& query,
                                                           bool allow_partial) {
  if (trusted()) return find_rows(query, allow_partial);
  query::Predicate rule = domain_.access.rows(context_.actor, query.collection, Right::read);
  if (rule.kind == query::Predicate::Kind::always) return find_rows(query, allow_partial);
  query::Query visible = query;
  visible.where = query::all_of({std::move(visible.where), std::move(rule)});
  return find_rows(visible, allow_partial);
}

// The rows below and the own writes as one ordered result. Each own write can take at most one row out of a limited result,
// so the rows below are asked for that many more.
base::Result<std::vector<model::Record>> Transaction::find_rows(const query::Query& query,
                                                                bool allow_partial) {
  read_set_.queries.push_back(query);
  const auto first = rows_.lower_bound({query.collection, base::Id{}});
  auto last = first;
  std::uint32_t own_count = 0;
  for (; last != rows_.end() && last->first.first == query.collection; ++last) ++own_count;

  query::Query below = query;
  if (below.limit != 0) {
    const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - below.limit;
    below.limit += std::min(room, own_count);
  }
  SYNC_ASSIGN(FindResult found, below_.find(below));
  if (!found.complete && !allow_partial) return needs_server();
  if (own_count == 0) return std::move(found.rows);

  std::vector<model::Record> rows = std::move(found.rows);
  std::erase_if(rows, [&](const model::Record& row) {
    return rows_.find({query.collection, row.id()}) != rows_.end();
  });
  const model::Collection& collection = domain_.schema.collection(query.collection);
  for (auto own = first; own != last; ++own) {
    const model::Record& row = own->second.after;
    if (!row || !query::matches(query.where, row)) continue;
    if (query.after &&
        model::compare_record_to_key(collection, query.order, row, *query.after) <= 0) {
      continue;
    }
    rows.push_back(row);
  }
  base::sort(rows.begin(), rows.end(), [&](const model::Record& a, const model::Record& b) {
    return model::compare_records(collection, query.order, a, b) < 0;
  });
  if (query.limit != 0 && rows.size() > query.limit) rows.resize(query.limit);
  return rows;
}

// SEMANTICS 40: both sides invent the same ids.
base::Id Transaction::new_id() {
  base::Bytes seed(context_.id.client.bytes.begin(), context_.id.client.bytes.end());
  seed.resize(32);
  base::store_le(seed.data() + 16, context_.id.sequence);
  base::store_le(seed.data() + 24, id_counter_++);
  return base::make_id_v7(context_.created_at, base::hash_bytes(seed, 1),
                          base::hash_bytes(seed, 2));
}

void Transaction::require(model::CollectionId collection, const base::Id& record,
                          model::FieldId field) {
  Requirement requirement;
  requirement.collection = collection;
  requirement.record = record;
  requirement.field = field;
  requirements_.push_back(requirement);
}

void Transaction::emit(model::CollectionId collection, const base::Id& record, std::string type,
                       std::string action) {
  model::DomainEvent event;
  event.collection = collection;
  event.record = record;
  event.type = std::move(type);
  event.action = std::move(action);
  // One event per commit, record and type (SEMANTICS 19).
  if (std::find(events_.begin(), events_.end(), event) == events_.end()) {
    events_.push_back(std::move(event));
  }
}

void Transaction::note_written(model::CollectionId collection, const base::Id& id,
                               const model::Patch& patch) {
  auto found = std::find_if(written_.begin(), written_.end(), [&](const Written& entry) {
    return entry.collection == collection && entry.record == id;
  });
  if (found == written_.end()) {
    Written entry;
    entry.collection = collection;
    entry.record = id;
    found = written_.insert(written_.end(), std::move(entry));
  }
  for (const model::FieldWrite& write : patch) {
    std::erase_if(found->patch,
                  [&](const model::FieldWrite& earlier) { return earlier.field == write.field; });
    found->patch.push_back(write);
  }
}

void Transaction::record(model::Record before, model::Record after) {
  const model::Record& any = after ? after : before;
  const std::pair<model::CollectionId, base::Id> key(any.collection().id(), any.id());
  const auto [entry, fresh] = rows_.try_emplace(key);
  if (fresh) {
    order_.push_back(key);
    entry->second.before = std::move(before);
  }
  entry->second.after = std::move(after);
}

model::ChangeSet Transaction::take_changes() {
  model::ChangeSet set;
  set.events = std::move(events_);
  for (const auto& key : order_) {
    Row& row = rows_.at(key);
    const bool never_there = !row.before && !row.after;
    const bool restored =
        row.before && row.after && model::changed_fields(row.before, row.after).empty();
    if (never_there || restored) {
      std::erase_if(set.events, [&key](const model::DomainEvent& event) {
        return event.collection == key.first && event.record == key.second;
      });
      continue;
    }
    model::Change change;
    change.kind = !row.before  ? model::ChangeKind::insert
                  : !row.after ? model::ChangeKind::remove
                               : model::ChangeKind::update;
    change.before = std::move(row.before);
    change.after = std::move(row.after);
    set.changes.push_back(std::move(change));
  }
  events_.clear();
  order_.clear();
  rows_.clear();
  return set;
}

}  // namespace syncline::mutation
