// The API's reads over the pool of read-only connections: two interfaces joined, no logic.
#pragma once

#include "server/api/ports.hpp"
#include "server/storage/sqlite_reader.hpp"

namespace syncline::server::app {

class Database final : public api::Database {
 public:
  // REQUIRES: the pool outlives it and all its snapshots. One query may read `query_cost_max` rows.
  Database(storage::ReaderPool& pool, std::uint64_t query_cost_max)
      : pool_(pool), query_cost_max_(query_cost_max) {}
  [[nodiscard]] base::Result<std::unique_ptr<api::Snapshot>> snapshot() override;

 private:
  storage::ReaderPool& pool_;
  const std::uint64_t query_cost_max_;
};

}  // namespace syncline::server::app
