// Source: the rows of one collection as operators need them. In memory over store::Table (both sides), and over SQLite in
// server/storage. One contract suite (tests/contract/source_contract.hpp) runs against every implementation.
//
// The law of order: a change is first applied to the source, then pushed through every operator, before the next change is
// applied. So a fetch during push sees exactly the state after that change.
#pragma once

#include <functional>
#include <optional>

#include "syncline/base/result.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::ivm {

struct FetchRequest {
  query::Predicate
      where;  // only rows for which this is true; asks about no related rows (relations.hpp)
  model::Order order;  // ties by id
  std::optional<model::OrderKey>
      after;                // strictly after this position, in the direction of reading
  bool reverse = false;     // read the order backwards
  std::uint32_t limit = 0;  // 0: all
};

// Return false to stop.
using RowVisitor = std::function<bool(const model::Record&)>;

class Source {
 public:
  virtual ~Source() = default;
  [[nodiscard]] virtual const model::Collection& collection() const = 0;
  // Errors: storage_failed. An absent row is nullopt-like: a Record that is false.
  [[nodiscard]] virtual base::Result<model::Record> get(const base::Id& id) = 0;
  // Visits matching rows in order, each once. The visitor must not change the source. Errors: storage_failed.
  [[nodiscard]] virtual base::Status fetch(const FetchRequest& request,
                                           const RowVisitor& visit) = 0;
  // Like fetch(), but the condition may ask about related rows; false: this source cannot tell, and has visited nothing.
  [[nodiscard]] virtual base::Result<bool> fetch_related(const FetchRequest&, const RowVisitor&) {
    return false;
  }
  // Rows r with r.field = value (reference lookups of includes). Same rules as fetch.
  [[nodiscard]] virtual base::Status fetch_by(model::FieldId field, const model::Value& value,
                                              const RowVisitor& visit) = 0;
};

class SourceProvider {
 public:
  virtual ~SourceProvider() = default;
  // REQUIRES: the collection exists. Lives as long as the provider.
  [[nodiscard]] virtual Source& source(model::CollectionId collection) = 0;
};

}  // namespace syncline::ivm
