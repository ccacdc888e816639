// Server-computed aggregates plus what pending mutations will make of them (SEMANTICS 28): for every row that one of them
// wrote, its contribution as the user sees it minus its contribution as the server last said it.
#pragma once

#include <vector>

#include "syncline/client/replica.hpp"
#include "syncline/ivm/pipeline.hpp"

namespace syncline::client {

struct MergedGroups {
  std::vector<ivm::AggregateRow> rows;  // ordered by key
  bool exact = true;  // false: a before-image is not known for sure, or a sum left its type
};

// REQUIRES: the query has an aggregate and is bound.
[[nodiscard]] MergedGroups merge_groups(const model::Schema& schema, const query::Query& query,
                                        const std::vector<ivm::AggregateRow>& from_server,
                                        const Replica& replica, const RowSet& written);

// The deltas that lead from one state to the other; both ordered by key.
[[nodiscard]] std::vector<ivm::GroupDelta> difference(const model::Schema& schema,
                                                      const query::Query& query,
                                                      const std::vector<ivm::AggregateRow>& before,
                                                      const std::vector<ivm::AggregateRow>& after);

}  // namespace syncline::client
