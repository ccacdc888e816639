// MemoryStorage: Storage without a disk, for unit tests, simulation and the engine in WASM. Everything lives as long as the
// object; commit() only forgets how to undo.
//
// Thread rule: one thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "syncline/authority/storage.hpp"
#include "syncline/ivm/memory_source.hpp"

namespace syncline::authority {

class MemoryStorage final : public Storage {
 public:
  // REQUIRES: `schema` outlives the storage.
  MemoryStorage(const model::Schema& schema, const base::Id& epoch);

  [[nodiscard]] base::Id epoch() const override { return epoch_; }
  [[nodiscard]] model::Version version() const override { return version_; }
  [[nodiscard]] ivm::SourceProvider& sources() override { return sources_; }
  [[nodiscard]] Planner& planner() override { return planner_; }

  [[nodiscard]] base::Status begin() override;
  [[nodiscard]] base::Status commit() override;
  void rollback() override;
  [[nodiscard]] base::Status savepoint() override;
  [[nodiscard]] base::Status release() override;
  void rollback_to_savepoint() override;

  [[nodiscard]] base::Status apply(const model::Change& change) override;
  [[nodiscard]] base::Status append(const LogEntry& entry) override;
  [[nodiscard]] base::Status read_log(model::Version after, std::uint32_t limit,
                                      const std::function<bool(const LogEntry&)>& visit) override;
  [[nodiscard]] base::Result<std::vector<RecordWrite>> writes_after(model::CollectionId collection,
                                                                    const base::Id& record,
                                                                    model::Version after) override;

  [[nodiscard]] base::Result<std::optional<ClientState>> client(const base::Id& client) override;
  [[nodiscard]] base::Status put_client(const base::Id& client, const ClientState& state) override;
  [[nodiscard]] base::Result<std::optional<base::Bytes>> verdict(
      const model::MutationId& mutation) override;
  [[nodiscard]] base::Status put_verdict(const model::MutationId& mutation,
                                         base::ByteView verdict) override;
  [[nodiscard]] base::Result<std::optional<KeptAnswer>> kept_answer(
      const base::Id& user, const std::string& key) override;
  [[nodiscard]] base::Status keep_answer(const base::Id& user, const std::string& key,
                                         const KeptAnswer& answer) override;

 private:
  struct Write {  // of one record, by the log's index
    model::CollectionId collection;
    base::Id record;
    bool operator<(const Write& other) const;
  };
  // Every reading is one of the whole table, except of the first rows in order.
  class TablePlanner final : public Planner {
   public:
    explicit TablePlanner(ivm::MemorySources& sources) : sources_(sources) {}
    [[nodiscard]] base::Result<std::uint64_t> rows(model::CollectionId collection) override;
    [[nodiscard]] base::Result<Path> path(model::CollectionId collection,
                                          const ivm::FetchRequest& request,
                                          std::uint64_t enough) override;
    [[nodiscard]] bool reads_related_once(model::CollectionId, const query::Predicate&) override {
      return false;
    }

   private:
    ivm::MemorySources& sources_;
  };
  // Sets map[key] now and remembers how to put the old content back.
  template <class Map>
  void put(Map& map, const typename Map::key_type& key, typename Map::mapped_type value);
  void undo_to(std::size_t mark);

  const base::Id epoch_;
  model::Version version_ = 0;
  ivm::MemorySources sources_;
  TablePlanner planner_{sources_};
  std::vector<LogEntry> log_;  // entry i has version i + 1
  std::map<Write, std::vector<std::pair<std::size_t, std::size_t>>>
      writes_;  // positions: log entry, change
  std::map<base::Id, ClientState> clients_;
  std::map<std::pair<base::Id, std::uint64_t>, base::Bytes> verdicts_;
  std::map<std::pair<base::Id, std::string>, KeptAnswer> answers_;

  bool in_transaction_ = false;
  std::vector<std::function<void()>> undo_;  // latest last
  std::size_t savepoint_ = 0;
};

}  // namespace syncline::authority
