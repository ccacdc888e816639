// The API's reads over the pool of read-only connections: two interfaces joined, no logic.
#pragma once

#include "server/api/ports.hpp"
#include "server/storage/sqlite_reader.hpp"

namespace syncline::server::app {

class Database final : public api::Database {
 public:
  // REQUIRES: the pool outlives it and all its snapshots.
  explicit Database(storage::ReaderPool& pool) : pool_(pool) {}
  [[nodiscard]] base::Result<std::unique_ptr<api::Snapshot>> snapshot() override;

 private:
  storage::ReaderPool& pool_;
};

}  // namespace syncline::server::app
