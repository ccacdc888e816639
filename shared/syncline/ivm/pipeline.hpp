// Pipeline: one query as a graph of operators (filter → take → include, or filter → aggregate) that changes flow through.
// It holds bounds and counts, never a copy of the result (ARCHITECTURE 7; Zero's Take: C2). OrderedView (ordered_view.hpp)
// keeps the ordered result where somebody needs positions (the browser).
//
// Invariants: after hydrate() and any number of push(), the sum of all deltas equals the query evaluated from scratch;
// a result never exceeds its limit, even between the deltas of one push. Thread rule: one thread.
#pragma once

#include <memory>
#include <vector>

#include "syncline/ivm/interest.hpp"
#include "syncline/ivm/source.hpp"
#include "syncline/model/change.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::ivm {

enum class DeltaKind : std::uint8_t { add, remove, edit };

struct RowDelta {
  DeltaKind kind = DeltaKind::add;
  model::Record before;  // none for add
  model::Record after;   // none for remove
};

using query::AggregateRow;
struct GroupDelta {
  DeltaKind kind = DeltaKind::add;
  AggregateRow row;  // remove: the last state
};

struct ResultDelta {
  std::vector<RowDelta> rows;  // in the order in which they must be applied
  std::vector<RowDelta>
      related;  // included records entering, leaving, changing; each counted once however often referenced
  std::vector<GroupDelta> groups;
  [[nodiscard]] bool empty() const { return rows.empty() && related.empty() && groups.empty(); }
  // The room is kept.
  void clear() {
    rows.clear();
    related.clear();
    groups.clear();
  }
};

class Pipeline {
 public:
  // REQUIRES: the query is checked and bound; `sources` outlives the pipeline. `relations`, who answers for related rows in
  // the sources' stead, only where nothing is pushed.
  Pipeline(const model::Schema& schema, query::Query query, SourceProvider& sources,
           query::Relations* relations = nullptr);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;

  // More rows, related records, groups or counted values than this are an error; rows and related records as soon as they
  // are seen. Before hydrate().
  void limit_held(std::size_t most);
  [[nodiscard]] const query::Query& query() const;
  // Every collection whose changes must be pushed: its own, then those of related and included rows.
  [[nodiscard]] const std::vector<model::CollectionId>& collections() const;
  // Appends the whole result as adds, rows in order. Call once, or again after reset(). Errors: storage_failed, overflow,
  // query_too_costly; then reset().
  [[nodiscard]] base::Status hydrate(ResultDelta& out);
  // REQUIRES: hydrated; the source already shows the change. Errors: as of hydrate(); then reset() and
  // hydrate again.
  [[nodiscard]] base::Status push(const model::Change& change, ResultDelta& out);
  void reset();
  // Rows in the result now (groups for an aggregate).
  [[nodiscard]] std::size_t size() const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace syncline::ivm
