// StorageLayer: passes everything on to the storage below. What wraps a storage overrides what it changes.
#pragma once

#include "syncline/authority/storage.hpp"

namespace syncline::simulation {

class StorageLayer : public authority::Storage {
 public:
  // `below` outlives the layer.
  explicit StorageLayer(authority::Storage& below) : below_(below) {}

  [[nodiscard]] base::Id epoch() const override { return below_.epoch(); }
  [[nodiscard]] model::Version version() const override { return below_.version(); }
  [[nodiscard]] ivm::SourceProvider& sources() override { return below_.sources(); }
  [[nodiscard]] authority::Planner& planner() override { return below_.planner(); }
  [[nodiscard]] base::Status begin() override { return below_.begin(); }
  [[nodiscard]] base::Status commit() override { return below_.commit(); }
  void rollback() override { below_.rollback(); }
  [[nodiscard]] base::Status savepoint() override { return below_.savepoint(); }
  [[nodiscard]] base::Status release() override { return below_.release(); }
  void rollback_to_savepoint() override { below_.rollback_to_savepoint(); }
  [[nodiscard]] base::Status apply(const model::Change& change) override {
    return below_.apply(change);
  }
  [[nodiscard]] base::Status append(const authority::LogEntry& entry) override {
    return below_.append(entry);
  }
  [[nodiscard]] base::Status read_log(
      model::Version after, std::uint32_t limit,
      const std::function<bool(const authority::LogEntry&)>& visit) override {
    return below_.read_log(after, limit, visit);
  }
  [[nodiscard]] base::Result<std::vector<authority::RecordWrite>> writes_after(
      model::CollectionId collection, const base::Id& record, model::Version after) override {
    return below_.writes_after(collection, record, after);
  }
  [[nodiscard]] base::Result<std::optional<authority::ClientState>> client(
      const base::Id& client) override {
    return below_.client(client);
  }
  [[nodiscard]] base::Status put_client(const base::Id& client,
                                        const authority::ClientState& state) override {
    return below_.put_client(client, state);
  }
  [[nodiscard]] base::Result<std::optional<base::Bytes>> verdict(
      const model::MutationId& mutation) override {
    return below_.verdict(mutation);
  }
  [[nodiscard]] base::Status put_verdict(const model::MutationId& mutation,
                                         base::ByteView verdict) override {
    return below_.put_verdict(mutation, verdict);
  }
  [[nodiscard]] base::Result<std::optional<authority::KeptAnswer>> kept_answer(
      const base::Id& user, const std::string& key) override {
    return below_.kept_answer(user, key);
  }
  [[nodiscard]] base::Status keep_answer(const base::Id& user, const std::string& key,
                                         const authority::KeptAnswer& answer) override {
    return below_.keep_answer(user, key, answer);
  }

 private:
  authority::Storage& below_;
};

}  // namespace syncline::simulation
