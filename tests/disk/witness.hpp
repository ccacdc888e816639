// Witness: between the authority and its storage. Knows which transactions were tried and which were acknowledged, and at
// which point of what happened on the disk.
#pragma once

#include <optional>

#include "tests/disk/contents.hpp"
#include "tests/disk/simulated_disk.hpp"
#include "tests/simulation/storage_layer.hpp"

namespace syncline::disk {

struct Attempt {
  std::size_t begun = 0;                    // so many operations had happened
  std::optional<std::size_t> acknowledged;  // none: it failed
  Transaction transaction;
};

class Witness final : public simulation::StorageLayer {
 public:
  // Adds what it sees to `attempts`. All outlive it.
  Witness(authority::Storage& below, const SimulatedDisk& disk, std::vector<Attempt>& attempts)
      : StorageLayer(below), disk_(disk), attempts_(attempts) {}

  // For who writes beside the authority: `write` is one transaction of its own.
  template <class Write>
  bool watch(Transaction transaction, Write write) {
    attempts_.push_back({disk_.trace().size(), std::nullopt, std::move(transaction)});
    if (!write().ok()) return false;
    attempts_.back().acknowledged = disk_.trace().size();
    return true;
  }

  [[nodiscard]] base::Status begin() override {
    open_ = {disk_.trace().size(), std::nullopt, {}};
    return StorageLayer::begin();
  }
  [[nodiscard]] base::Status commit() override {
    attempts_.push_back(std::move(open_));
    base::Status committed = StorageLayer::commit();
    if (committed.ok()) attempts_.back().acknowledged = disk_.trace().size();
    return committed;
  }
  [[nodiscard]] base::Status append(const authority::LogEntry& entry) override {
    open_.transaction.entries.push_back(entry);
    return StorageLayer::append(entry);
  }
  [[nodiscard]] base::Status put_client(const base::Id& client,
                                        const authority::ClientState& state) override {
    open_.transaction.clients.emplace_back(client, state);
    return StorageLayer::put_client(client, state);
  }
  [[nodiscard]] base::Status put_verdict(const model::MutationId& mutation,
                                         base::ByteView verdict) override {
    open_.transaction.verdicts.emplace_back(mutation, base::Bytes(verdict.begin(), verdict.end()));
    return StorageLayer::put_verdict(mutation, verdict);
  }
  [[nodiscard]] base::Status keep_answer(const base::Id& user, const std::string& key,
                                         const authority::KeptAnswer& answer) override {
    open_.transaction.answers.push_back({user, key, answer.answer});
    return StorageLayer::keep_answer(user, key, answer);
  }

 private:
  const SimulatedDisk& disk_;
  Attempt open_;
  std::vector<Attempt>& attempts_;
};

}  // namespace syncline::disk
