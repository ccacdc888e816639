#include "syncline/authority/memory_storage.hpp"

namespace syncline::authority {

bool MemoryStorage::Write::operator<(const Write& other) const {
  if (collection != other.collection) return collection < other.collection;
  return record < other.record;
}

MemoryStorage::MemoryStorage(const model::Schema& schema, const base::Id& epoch)
    : epoch_(epoch), sources_(schema) {}

template <class Map>
void MemoryStorage::put(Map& map, const typename Map::key_type& key,
                        typename Map::mapped_type value) {
  const auto found = map.find(key);
  if (found == map.end()) {
    undo_.emplace_back([&map, key] { map.erase(key); });
    map.emplace(key, std::move(value));
    return;
  }
  undo_.emplace_back([&map, key, old = std::move(found->second)] { map.at(key) = old; });
  found->second = std::move(value);
}

// ---- transactions

base::Status MemoryStorage::begin() {
  SYNC_CHECK(!in_transaction_, "begin() inside a transaction");
  in_transaction_ = true;
  return {};
}

base::Status MemoryStorage::commit() {
  SYNC_CHECK(in_transaction_, "commit() without begin()");
  in_transaction_ = false;
  undo_.clear();
  savepoint_ = 0;
  return {};
}

void MemoryStorage::rollback() {
  SYNC_CHECK(in_transaction_, "rollback() without begin()");
  undo_to(0);
  in_transaction_ = false;
  savepoint_ = 0;
}

base::Status MemoryStorage::savepoint() {
  savepoint_ = undo_.size();
  return {};
}

base::Status MemoryStorage::release() { return {}; }

void MemoryStorage::rollback_to_savepoint() { undo_to(savepoint_); }

void MemoryStorage::undo_to(std::size_t mark) {
  while (undo_.size() > mark) {
    undo_.back()();
    undo_.pop_back();
  }
}

// ---- rows and log

base::Status MemoryStorage::apply(const model::Change& change) {
  SYNC_CHECK(in_transaction_, "apply() without begin()");
  SYNC_ASSIGN(const model::Record stored,
              sources_.source(change.collection().id()).get(change.id()));
  const bool expected = change.before ? stored && stored == change.before : !stored;
  if (!expected)
    return base::Error(base::Code::storage_failed, "The row is not as the change found it.");
  model::Change inverse;
  inverse.kind = change.kind == model::ChangeKind::insert   ? model::ChangeKind::remove
                 : change.kind == model::ChangeKind::remove ? model::ChangeKind::insert
                                                            : model::ChangeKind::update;
  inverse.before = change.after;
  inverse.after = change.before;
  sources_.apply(change);
  undo_.emplace_back([this, inverse] { sources_.apply(inverse); });
  return {};
}

base::Status MemoryStorage::append(const LogEntry& entry) {
  SYNC_CHECK(entry.version == version_ + 1, "the log takes one version after the other");
  version_ = entry.version;
  log_.push_back(entry);
  const auto& changes = log_.back().changes.changes;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    writes_[{changes[i].collection().id(), changes[i].id()}].emplace_back(log_.size() - 1, i);
  }
  undo_.emplace_back([this] {
    for (const model::Change& change : log_.back().changes.changes) {
      writes_[{change.collection().id(), change.id()}].pop_back();
    }
    log_.pop_back();
    --version_;
  });
  return {};
}

base::Status MemoryStorage::read_log(model::Version after, std::uint32_t limit,
                                     const std::function<bool(const LogEntry&)>& visit) {
  std::uint32_t count = 0;
  for (auto i = static_cast<std::size_t>(after); i < log_.size(); ++i) {
    if (limit != 0 && count++ == limit) break;
    if (!visit(log_[i])) break;
  }
  return {};
}

base::Result<std::vector<RecordWrite>> MemoryStorage::writes_after(model::CollectionId collection,
                                                                   const base::Id& record,
                                                                   model::Version after) {
  std::vector<RecordWrite> result;
  const auto found = writes_.find({collection, record});
  if (found == writes_.end()) return result;
  for (const auto& [position, index] : found->second) {
    const LogEntry& entry = log_[position];
    if (entry.version <= after) continue;
    result.push_back(
        {entry.version, entry.at, entry.user, entry.mutation.client, entry.changes.changes[index]});
  }
  return result;
}

// ---- ledger

base::Result<std::optional<ClientState>> MemoryStorage::client(const base::Id& client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return std::optional<ClientState>();
  return std::optional(found->second);
}

base::Status MemoryStorage::put_client(const base::Id& client, const ClientState& state) {
  put(clients_, client, state);
  return {};
}

base::Result<std::optional<base::Bytes>> MemoryStorage::verdict(const model::MutationId& mutation) {
  const auto found = verdicts_.find({mutation.client, mutation.sequence});
  if (found == verdicts_.end()) return std::optional<base::Bytes>();
  return std::optional(found->second);
}

base::Status MemoryStorage::put_verdict(const model::MutationId& mutation, base::ByteView verdict) {
  put(verdicts_, {mutation.client, mutation.sequence}, base::Bytes(verdict.begin(), verdict.end()));
  if (mutation.sequence <= kVerdictsKept) return {};
  // Sequences come one by one, so at most one falls behind.
  const std::pair old(mutation.client, mutation.sequence - kVerdictsKept);
  const auto found = verdicts_.find(old);
  if (found == verdicts_.end()) return {};
  undo_.emplace_back([this, old, bytes = std::move(found->second)] { verdicts_[old] = bytes; });
  verdicts_.erase(found);
  return {};
}

base::Result<std::optional<KeptAnswer>> MemoryStorage::kept_answer(const base::Id& user,
                                                                   const std::string& key) {
  const auto found = answers_.find({user, key});
  if (found == answers_.end()) return std::optional<KeptAnswer>();
  return std::optional(found->second);
}

base::Status MemoryStorage::keep_answer(const base::Id& user, const std::string& key,
                                        const KeptAnswer& answer) {
  put(answers_, {user, key}, answer);
  return {};
}

base::Result<std::uint64_t> MemoryStorage::TablePlanner::rows(model::CollectionId collection) {
  return std::uint64_t{sources_.table(collection).size()};
}

base::Result<Planner::Path> MemoryStorage::TablePlanner::path(model::CollectionId collection,
                                                              const ivm::FetchRequest& request,
                                                              std::uint64_t) {
  std::uint64_t rows = sources_.table(collection).size();
  const bool first_ones =
      request.limit != 0 && request.where.kind == query::Predicate::Kind::always;
  if (first_ones) rows = std::min<std::uint64_t>(rows, request.limit);
  return Path{rows, first_ones ? "in order, until there are enough" : "all rows"};
}

}  // namespace syncline::authority
