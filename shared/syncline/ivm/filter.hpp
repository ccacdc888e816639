// Filter: lets through the rows for which the query's condition is true and that lie behind its cursor. Without state: what
// it has sent follows from the change's two images.
#pragma once

#include "syncline/ivm/operator.hpp"

namespace syncline::ivm {

class Filter {
 public:
  // Everything outlives the filter.
  Filter(const model::Collection& collection, const query::Query& query, Operator& next)
      : collection_(collection), query_(query), next_(next) {}

  [[nodiscard]] bool accepts(const model::Record& row) const;
  // REQUIRES: a change of this collection.
  [[nodiscard]] base::Status push(const model::Change& change);

 private:
  const model::Collection& collection_;
  const query::Query& query_;
  Operator& next_;
};

}  // namespace syncline::ivm
