// SqliteSource: a collection's table as operators see it. The SQL condition is a superset filter, query::matches decides;
// LIMIT goes to SQL only where the condition is exact. Orders SQL cannot produce (by a set) are sorted here.
//
// A live window that lost a row asks for one row behind its last (ivm::Take). SQLite would find it by the filter's index and
// sort everything that matches; mostly it stands a few rows further in the order's index. So a limited reading begins with a
// bounded look along that index, and falls back to SQLite's plan behind it.
//
// Thread rule: as its connection. A fetch may run inside another one's visitor; writing may not.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "server/storage/row_cache.hpp"
#include "server/storage/sql_text.hpp"
#include "server/storage/sqlite.hpp"
#include "syncline/ivm/pipeline.hpp"

namespace syncline::server::storage {

class SqliteSource final : public ivm::Source {
 public:
  // `rows`: of the connection that writes; nullptr: every look at a row goes to SQL. REQUIRES: all outlive the source.
  SqliteSource(Connection& connection, const model::Schema& schema,
               const model::Collection& collection, RowCache* rows);

  [[nodiscard]] const model::Collection& collection() const override { return collection_; }
  [[nodiscard]] base::Result<model::Record> get(const base::Id& id) override;
  [[nodiscard]] base::Status fetch(const ivm::FetchRequest& request,
                                   const ivm::RowVisitor& visit) override;
  [[nodiscard]] base::Result<bool> fetch_related(const ivm::FetchRequest& request,
                                                 const ivm::RowVisitor& visit) override;
  // Whether SQL alone can tell for which rows the predicate is true, related rows included.
  [[nodiscard]] bool answers(const query::Predicate& where) const;
  [[nodiscard]] base::Status fetch_by(model::FieldId field, const model::Value& value,
                                      const ivm::RowVisitor& visit) override;
  // Rows for which the predicate is true. REQUIRES: it asks about no related rows, or answers() is true.
  [[nodiscard]] base::Result<std::uint64_t> count(const query::Predicate& where);
  // Groups by key, summed by SQL; none where only the operators can tell (an inexact condition, a sum that overflows).
  // REQUIRES: query.aggregate.
  [[nodiscard]] std::optional<std::vector<ivm::AggregateRow>> aggregate(const query::Query& query);

 private:
  struct Reading;  // one fetch under way
  // Reads the first rows in order without the condition. None: the reading is finished; else go on behind this place.
  [[nodiscard]] base::Result<std::optional<model::OrderKey>> probe(const ivm::FetchRequest& request,
                                                                   Reading& reading);
  [[nodiscard]] base::Status read(Reading& reading, const sql_text::Filter& filter,
                                  const std::string& tail);
  // All that is left of the reading, behind `after`.
  [[nodiscard]] base::Status read_ordered(const ivm::FetchRequest& request, Reading& reading,
                                          const sql_text::Filter& where,
                                          const std::optional<model::OrderKey>& after);
  [[nodiscard]] base::Status fetch_sorted_here(const ivm::FetchRequest& request,
                                               const ivm::RowVisitor& visit);

  Connection& connection_;
  const model::Schema& schema_;
  const model::Collection& collection_;
  RowCache* const rows_;
  const std::string select_;  // "SELECT … FROM …"
  KeptStatement get_;
};

// The sources of all collections over one connection.
class SqliteSources final : public ivm::SourceProvider {
 public:
  SqliteSources(Connection& connection, const model::Schema& schema, RowCache* rows = nullptr);
  [[nodiscard]] SqliteSource& source(model::CollectionId collection) override;

 private:
  std::deque<SqliteSource> sources_;
  std::vector<SqliteSource*> by_id_;
};

}  // namespace syncline::server::storage
