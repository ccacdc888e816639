// ServerDisk: the server's database on a disk whose power may be cut. What a crash leaves is exactly the transactions whose
// commit has reached the disk; commits may fail, and the power may go before or after one does.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "syncline/authority/memory_storage.hpp"
#include "tests/simulation/world.hpp"

namespace syncline::simulation {

// The power went in the middle of a turn: thrown through the authority, which is not used again.
struct PowerCut {};

class ServerDisk final : public authority::Storage {
 public:
  ServerDisk(World& world, const model::Schema& schema, const base::Id& epoch);

  [[nodiscard]] base::Id epoch() const override { return memory_->epoch(); }
  [[nodiscard]] model::Version version() const override { return memory_->version(); }
  [[nodiscard]] ivm::SourceProvider& sources() override { return memory_->sources(); }
  [[nodiscard]] authority::Planner& planner() override { return memory_->planner(); }
  [[nodiscard]] base::Status begin() override;
  [[nodiscard]] base::Status commit() override;
  void rollback() override;
  [[nodiscard]] base::Status savepoint() override;
  [[nodiscard]] base::Status release() override { return memory_->release(); }
  void rollback_to_savepoint() override;
  [[nodiscard]] base::Status apply(const model::Change& change) override;
  [[nodiscard]] base::Status append(const authority::LogEntry& entry) override;
  [[nodiscard]] base::Status put_client(const base::Id& client,
                                        const authority::ClientState& state) override;
  [[nodiscard]] base::Status put_verdict(const model::MutationId& mutation,
                                         base::ByteView verdict) override;

  [[nodiscard]] base::Status read_log(
      model::Version after, std::uint32_t limit,
      const std::function<bool(const authority::LogEntry&)>& visit) override {
    return memory_->read_log(after, limit, visit);
  }
  [[nodiscard]] base::Result<std::vector<authority::RecordWrite>> writes_after(
      model::CollectionId collection, const base::Id& record, model::Version after) override {
    return memory_->writes_after(collection, record, after);
  }
  [[nodiscard]] base::Result<std::optional<authority::ClientState>> client(
      const base::Id& client) override {
    return memory_->client(client);
  }
  [[nodiscard]] base::Result<std::optional<base::Bytes>> verdict(
      const model::MutationId& mutation) override {
    return memory_->verdict(mutation);
  }
  [[nodiscard]] base::Result<std::optional<authority::KeptAnswer>> kept_answer(
      const base::Id& user, const std::string& key) override {
    return memory_->kept_answer(user, key);
  }
  [[nodiscard]] base::Status keep_answer(const base::Id& user, const std::string& key,
                                         const authority::KeptAnswer& answer) override {
    return memory_->keep_answer(user, key, answer);
  }

  void refuse_next_commit() { refuse_next_ = true; }
  // The power goes and comes back: what is not on the disk is lost.
  void lose_power();

 private:
  struct Line {
    base::Id client;
    authority::ClientState state;
  };
  struct Told {
    model::MutationId mutation;
    base::Bytes verdict;
  };
  struct Transaction {
    std::vector<model::Change> changes;
    std::vector<authority::LogEntry> entries;
    std::vector<Line> clients;
    std::vector<Told> verdicts;
  };
  void replay(const Transaction& transaction);

  World& world_;
  const model::Schema& schema_;
  std::unique_ptr<authority::MemoryStorage> memory_;
  std::optional<Transaction> open_;
  std::size_t changes_at_savepoint_ = 0;
  // Committed; those of the first `synced_` are on the disk.
  std::vector<Transaction> journal_;
  std::size_t synced_ = 0;
  bool refuse_next_ = false;
};

}  // namespace syncline::simulation
