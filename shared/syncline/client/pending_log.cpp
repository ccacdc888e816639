#include "syncline/client/pending_log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace syncline::client {

void PendingLog::Concern::add(const RowKey& key) {
  rows.insert(key);
  if (std::find(collections.begin(), collections.end(), key.collection) == collections.end()) {
    collections.push_back(key.collection);
  }
}
void PendingLog::Concern::add(const std::vector<model::Change>& changes) {
  for (const model::Change& change : changes) add(key_of(change));
}
bool PendingLog::Concern::meets_writes(const Pending& pending) const {
  return std::any_of(pending.changes.begin(), pending.changes.end(),
                     [this](const model::Change& change) { return rows.contains(key_of(change)); });
}
bool PendingLog::Concern::meets_reads(const Pending& pending) const {
  const auto& records = pending.reads.records;
  const auto& queries = pending.reads.queries;
  return std::any_of(records.begin(), records.end(),
                     [this](const auto& read) {
                       return rows.contains(RowKey{read.first, read.second});
                     }) ||
         std::any_of(queries.begin(), queries.end(), [this](const query::Query& query) {
           return std::find(collections.begin(), collections.end(), query.collection) !=
                  collections.end();
         });
}

mutation::RunOutcome PendingLog::try_run(const model::Mutation& mutation) {
  mutation::Context context;
  context.actor = actor_;
  context.id = mutation.id;
  context.created_at = mutation.created_at;
  // Not the time of this run: a mutation that is run again must not change its time stamps.
  context.now = mutation.created_at;
  return mutation::run(domain_, replica_, mutation, context);
}

void PendingLog::add(model::Mutation mutation, mutation::RunOutcome outcome, bool stored) {
  Pending pending;
  pending.mutation = std::move(mutation);
  pending.changes = std::move(outcome.changes.changes);
  pending.reads = std::move(outcome.read_set);
  pending.certain = outcome.status.ok();
  pending.stored = stored;
  for (const model::Change& change : pending.changes) replica_.overlay(change);
  entries_.push_back(std::move(pending));
}

std::optional<model::Mutation> PendingLog::settle(const model::MutationId& id, bool keep_effects) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&id](const Pending& pending) {
    return pending.mutation.id == id && !pending.settled;
  });
  if (found == entries_.end()) return std::nullopt;
  model::Mutation mutation = found->mutation;
  if (keep_effects) {
    found->settled = true;
  } else {
    concern_.add(found->changes);
    entries_.erase(found);
  }
  return mutation;
}

void PendingLog::rebase(bool keep_settled) {
  if (entries_.empty() && concern_.rows.empty()) return;  // nothing is overlaid
  Concern concern = std::exchange(concern_, {});
  replica_.for_each_changed([&concern](const RowKey& key) { concern.add(key); });
  // Whoever wrote a concerned row runs again below, so its overlay is lifted first.
  for (const RowKey& key : concern.rows) replica_.lift_overlay(key);
  const auto leaves = [&](const Pending& pending) {
    return pending.settled && (!keep_settled || concern.meets_writes(pending));
  };
  const auto runs_again = [&](const Pending& pending) {
    return !pending.settled && (concern.meets_writes(pending) || concern.meets_reads(pending));
  };
  const auto first = std::find_if(entries_.begin(), entries_.end(), [&](const Pending& pending) {
    return leaves(pending) || runs_again(pending);
  });
  if (first == entries_.end()) return;
  take_back_from(first, concern);
  // From there on effects are put back one after another, so that each run sees only what came before it.
  std::deque<Pending> kept(std::make_move_iterator(entries_.begin()),
                           std::make_move_iterator(first));
  for (auto at = first; at != entries_.end(); ++at) {
    if (leaves(*at)) {
      concern.add(at->changes);
      continue;
    }
    if (runs_again(*at)) {
      concern.add(at->changes);
      run_again(*at);
      concern.add(at->changes);
    }
    for (const model::Change& change : at->changes) replica_.overlay(change);
    kept.push_back(std::move(*at));
  }
  entries_ = std::move(kept);
}

// The overlay as it was below `first`. What those before it wrote is not concerned, so before-images are still right.
void PendingLog::take_back_from(std::deque<Pending>::const_iterator first, const Concern& concern) {
  for (auto at = entries_.cend(); at != first;) {
    --at;
    for (auto change = at->changes.rbegin(); change != at->changes.rend(); ++change) {
      if (!concern.rows.contains(key_of(*change))) replica_.undo_overlay(*change);
    }
  }
}

void PendingLog::run_again(Pending& pending) {
  mutation::RunOutcome outcome = try_run(pending.mutation);
  pending.changes = std::move(outcome.changes.changes);
  pending.reads = std::move(outcome.read_set);
  // A mutation that fails on the new rows stays: the server will say the same, with the reason.
  pending.certain = outcome.status.ok() || outcome.status.error().code != base::Code::needs_server;
  for (const model::Change& change : pending.changes) replica_.overlay(change);
}

RowSet PendingLog::needed(bool keep_settled) const {
  RowSet keys;
  for (const Pending& pending : entries_) {
    if (pending.settled && !keep_settled) continue;
    for (const model::Change& change : pending.changes) keys.insert(key_of(change));
    for (const auto& read : pending.reads.records) keys.insert({read.first, read.second});
  }
  return keys;
}

RowSet PendingLog::written() const {
  RowSet keys;
  for (const Pending& pending : entries_) {
    if (pending.settled) continue;
    for (const model::Change& change : pending.changes) keys.insert(key_of(change));
  }
  return keys;
}

bool PendingLog::is_uncertain(model::CollectionId collection) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Pending& pending) {
    if (pending.certain || pending.settled) return false;
    const mutation::MutatorSpec* spec = domain_.registry.find(pending.mutation.name);
    return spec != nullptr && spec->collection == collection;
  });
}

std::uint32_t PendingLog::size() const {
  return static_cast<std::uint32_t>(std::count_if(
      entries_.begin(), entries_.end(), [](const Pending& pending) { return !pending.settled; }));
}

}  // namespace syncline::client
