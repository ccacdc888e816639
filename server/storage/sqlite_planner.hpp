// SqlitePlanner: which index SQLite would take for a reading (EXPLAIN QUERY PLAN), and how many rows stand behind it, counted in
// that index. Thread rule: as its connection.
#pragma once

#include <map>
#include <string>

#include "server/storage/sqlite_source.hpp"
#include "syncline/authority/query_plan.hpp"

namespace syncline::server::storage {

class SqlitePlanner final : public authority::Planner {
 public:
  // REQUIRES: all outlive it. `version`: of the database as this connection sees it; tells when a table must be counted again.
  SqlitePlanner(Connection& connection, const model::Schema& schema, SqliteSources& sources,
                const model::Version& version)
      : connection_(connection), schema_(schema), sources_(sources), version_(version) {}

  [[nodiscard]] base::Result<std::uint64_t> rows(model::CollectionId collection) override;
  [[nodiscard]] base::Result<Path> path(model::CollectionId collection,
                                        const ivm::FetchRequest& request,
                                        std::uint64_t enough) override;
  [[nodiscard]] bool reads_related_once(model::CollectionId collection,
                                        const query::Predicate& where) override;

 private:
  struct Count {
    std::uint64_t rows = 0;
    model::Version at = 0;
  };
  // Rows of the table that satisfy this, none of them looked at when there are more than `enough`.
  [[nodiscard]] base::Result<std::uint64_t> count(const model::Collection& collection,
                                                  const query::Predicate& where,
                                                  std::uint64_t enough);

  Connection& connection_;
  const model::Schema& schema_;
  SqliteSources& sources_;
  const model::Version& version_;
  std::map<model::CollectionId, Count> counts_;
};

}  // namespace syncline::server::storage
