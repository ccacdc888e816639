#include "server/app/import/database_reader.hpp"

namespace syncline::server::app::import {

base::Result<std::unique_ptr<DatabaseReader>> DatabaseReader::open(const std::string& path,
                                                                   const model::Schema& schema) {
  SYNC_ASSIGN(auto pool, storage::ReaderPool::open(path, schema, 1));
  return std::unique_ptr<DatabaseReader>(new DatabaseReader(std::move(pool)));
}

base::Result<mutation::Lookup> DatabaseReader::get(model::CollectionId collection,
                                                   const base::Id& id) {
  SYNC_ASSIGN(const auto snapshot, pool_->snapshot());
  return snapshot->get(collection, id);
}

base::Result<mutation::FindResult> DatabaseReader::find(const query::Query& query) {
  SYNC_ASSIGN(const auto snapshot, pool_->snapshot());
  return snapshot->find(query);
}

}  // namespace syncline::server::app::import
