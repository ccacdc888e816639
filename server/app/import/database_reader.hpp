// The rows of a database file as of now, read beside whoever writes it: each question gets a snapshot of its own, so a long
// import holds no snapshot open (SEMANTICS 14). Thread rule: one thread.
#pragma once

#include <memory>
#include <string>

#include "server/storage/sqlite_reader.hpp"

namespace syncline::server::app::import {

class DatabaseReader final : public mutation::Reader {
 public:
  // REQUIRES: the file was opened by SqliteStorage before; `schema` outlives it. Errors: storage_failed.
  [[nodiscard]] static base::Result<std::unique_ptr<DatabaseReader>> open(
      const std::string& path, const model::Schema& schema);

  [[nodiscard]] base::Result<mutation::Lookup> get(model::CollectionId collection,
                                                   const base::Id& id) override;
  [[nodiscard]] base::Result<mutation::FindResult> find(const query::Query& query) override;

 private:
  explicit DatabaseReader(std::unique_ptr<storage::ReaderPool> pool) : pool_(std::move(pool)) {}
  std::unique_ptr<storage::ReaderPool> pool_;
};

}  // namespace syncline::server::app::import
