// What a query must hear of: for the interest index, which routes changes to it.
#pragma once

#include <vector>

#include "syncline/query/ast.hpp"

namespace syncline::ivm {

// A change of this collection concerns the query only if its row satisfies `where` before or after it. Of row and nothing
// else: it asks about no related rows.
struct Interest {
  model::CollectionId collection = model::kNoCollection;
  query::Predicate where;
};

// REQUIRES: a checked and bound query. Its own collection's first; one collection may be there several times.
[[nodiscard]] std::vector<Interest> interests(const model::Schema& schema,
                                              const query::Query& query);

}  // namespace syncline::ivm
