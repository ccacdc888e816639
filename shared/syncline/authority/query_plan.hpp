// QueryPlan: how a query's rows will be read and how many that is, told before the first is read, so that a query that would
// hold the engine for seconds is refused instead (ARCHITECTURE rule 16). An estimate: exact counts where an index or a table's
// size gives them, the average where rows relate to one another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "syncline/base/result.hpp"
#include "syncline/ivm/source.hpp"

namespace syncline::authority {

// Rows that one query may read unless the host says otherwise: about a second of the engine's time.
inline constexpr std::uint64_t kQueryCostMax = 500'000;

struct PlanStep {
  enum class Role : std::uint8_t { rows, exists, include, group_key };
  Role role = Role::rows;
  model::CollectionId collection = model::kNoCollection;
  std::uint64_t rows = 0;  // read in all
  std::string how;         // in the source's words
};

struct QueryPlan {
  std::vector<PlanStep> steps;  // the query's own rows first
  std::uint64_t cost = 0;       // the rows of all steps
};

// What a storage knows of its tables.
class Planner {
 public:
  virtual ~Planner() = default;
  // Of the whole table; may be a little old.
  [[nodiscard]] virtual base::Result<std::uint64_t> rows(model::CollectionId collection) = 0;
  struct Path {
    std::uint64_t rows = 0;  // read, matching or not; counted no further than `enough`
    std::string how;
  };
  // REQUIRES: the condition is about the row alone.
  [[nodiscard]] virtual base::Result<Path> path(model::CollectionId collection,
                                                const ivm::FetchRequest& request,
                                                std::uint64_t enough) = 0;
  // Does the source answer all questions about related rows by reading each related table once (Source::fetch_related)?
  // Else they are asked anew for every row.
  [[nodiscard]] virtual bool reads_related_once(model::CollectionId collection,
                                                const query::Predicate& where) = 0;
};

// REQUIRES: checked and bound. Errors: storage_failed.
[[nodiscard]] base::Result<QueryPlan> make_plan(const model::Schema& schema,
                                                const query::Query& query, Planner& planner,
                                                std::uint64_t enough);
// Nothing when the query reads at most so many rows. Errors: query_too_costly with two fields more, `cost` and `limit`, whose
// messages are these numbers; storage_failed.
[[nodiscard]] base::Status admit(const model::Schema& schema, const query::Query& query,
                                 Planner& planner, std::uint64_t most);

}  // namespace syncline::authority
