#include "server/app/database.hpp"

namespace syncline::server::app {
namespace {

class PoolSnapshot final : public api::Snapshot {
 public:
  PoolSnapshot(std::unique_ptr<storage::ReadSnapshot> reader, std::uint64_t query_cost_max)
      : reader_(std::move(reader)), query_cost_max_(query_cost_max) {}
  [[nodiscard]] model::Version version() const override { return reader_->version(); }
  [[nodiscard]] ivm::SourceProvider& sources() override { return reader_->sources(); }
  [[nodiscard]] authority::Planner& planner() override { return reader_->planner(); }
  [[nodiscard]] std::uint64_t query_cost_max() const override { return query_cost_max_; }
  [[nodiscard]] base::Result<std::uint64_t> count(const query::Query& query) override {
    return reader_->count(query);
  }
  [[nodiscard]] base::Result<std::vector<ivm::AggregateRow>> aggregate(
      const query::Query& query) override {
    return reader_->aggregate(query);
  }
  [[nodiscard]] base::Status read_log(
      model::Version after, std::uint32_t limit,
      const std::function<bool(const authority::LogEntry&)>& visit) override {
    return reader_->read_log(after, limit, visit);
  }

 private:
  std::unique_ptr<storage::ReadSnapshot> reader_;
  const std::uint64_t query_cost_max_;
};

}  // namespace

base::Result<std::unique_ptr<api::Snapshot>> Database::snapshot() {
  SYNC_ASSIGN(auto reader, pool_.snapshot());
  return std::unique_ptr<api::Snapshot>(
      std::make_unique<PoolSnapshot>(std::move(reader), query_cost_max_));
}

}  // namespace syncline::server::app
