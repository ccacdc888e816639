#include "tests/simulation/server_disk.hpp"

#include <utility>

namespace syncline::simulation {

namespace {

base::Status refused() { return base::Error(base::Code::storage_failed, "The disk is full."); }

}  // namespace

ServerDisk::ServerDisk(World& world, const model::Schema& schema, const base::Id& epoch)
    : world_(world),
      schema_(schema),
      memory_(std::make_unique<authority::MemoryStorage>(schema, epoch)) {}

base::Status ServerDisk::begin() {
  if (world_.chance(world_.swarm.disk_error / 4)) {
    world_.fault("the server's disk refuses to begin");
    return refused();
  }
  open_.emplace();
  changes_at_savepoint_ = 0;
  return memory_->begin();
}

base::Status ServerDisk::commit() {
  if (std::exchange(refuse_next_, false) || world_.chance(world_.swarm.disk_error)) {
    world_.fault("the server's disk refuses a commit");
    return refused();
  }
  if (world_.chance(world_.swarm.cut_in_commit)) {
    world_.fault("the server's power goes before a commit");
    throw PowerCut();
  }
  const std::vector<authority::LogEntry> entries = open_->entries;
  journal_.push_back(std::move(*open_));
  open_.reset();
  const base::Status committed = memory_->commit();
  if (!world_.hooks.server_commits_late || world_.random.below(4) == 0) synced_ = journal_.size();
  world_.checker.durable(entries);
  if (world_.chance(world_.swarm.cut_in_commit)) {
    world_.fault("the server's power goes after a commit");
    throw PowerCut();
  }
  return committed;
}

void ServerDisk::rollback() {
  // A begin() that was refused is rolled back too.
  if (!open_) return;
  open_.reset();
  memory_->rollback();
}

base::Status ServerDisk::savepoint() {
  changes_at_savepoint_ = open_->changes.size();
  return memory_->savepoint();
}

void ServerDisk::rollback_to_savepoint() {
  open_->changes.resize(changes_at_savepoint_);
  memory_->rollback_to_savepoint();
}

base::Status ServerDisk::apply(const model::Change& change) {
  if (world_.chance(world_.swarm.disk_error / 4)) {
    world_.fault("the server's disk refuses a row");
    return refused();
  }
  open_->changes.push_back(change);
  return memory_->apply(change);
}

base::Status ServerDisk::append(const authority::LogEntry& entry) {
  open_->entries.push_back(entry);
  return memory_->append(entry);
}

base::Status ServerDisk::put_client(const base::Id& client, const authority::ClientState& state) {
  open_->clients.push_back({client, state});
  return memory_->put_client(client, state);
}

base::Status ServerDisk::put_verdict(const model::MutationId& mutation, base::ByteView verdict) {
  open_->verdicts.push_back({mutation, base::Bytes(verdict.begin(), verdict.end())});
  return memory_->put_verdict(mutation, verdict);
}

void ServerDisk::replay(const Transaction& transaction) {
  const auto must = [](const base::Status& status) { SYNC_CHECK(status.ok(), "was done before"); };
  must(memory_->begin());
  for (const model::Change& change : transaction.changes) must(memory_->apply(change));
  for (const authority::LogEntry& entry : transaction.entries) must(memory_->append(entry));
  for (const Line& line : transaction.clients) must(memory_->put_client(line.client, line.state));
  for (const Told& told : transaction.verdicts)
    must(memory_->put_verdict(told.mutation, told.verdict));
  must(memory_->commit());
}

void ServerDisk::lose_power() {
  if (open_) memory_->rollback();
  open_.reset();
  if (synced_ == journal_.size()) return;
  memory_ = std::make_unique<authority::MemoryStorage>(schema_, memory_->epoch());
  journal_.resize(synced_);
  for (const Transaction& transaction : journal_) replay(transaction);
}

}  // namespace syncline::simulation
