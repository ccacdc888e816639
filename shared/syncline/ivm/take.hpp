// Take: the first `limit` rows in order, kept by a count and a bound (ENGINE C2), never a copy of the window.
// Invariants: the output never exceeds the limit, even between two deltas of one push; below the limit the window is every
// row of the filter; bound_ is the window's last row and none exactly when the window is empty.
#pragma once

#include <cstdint>

#include "syncline/ivm/operator.hpp"

namespace syncline::ivm {

class Take : public Operator {
 public:
  // REQUIRES: query.limit > 0. Everything outlives the operator; `source` is the one whose changes arrive.
  Take(const query::Query& query, Source& source, Operator& next);

  [[nodiscard]] base::Status push(const RowDelta& delta) override;
  void reset() override;

 private:
  [[nodiscard]] int compare(const model::Record& a, const model::Record& b) const;
  [[nodiscard]] bool full() const { return size_ == query_.limit; }
  [[nodiscard]] base::Status add(const model::Record& row);
  [[nodiscard]] base::Status remove(const model::Record& row);
  [[nodiscard]] base::Status edit(const model::Record& before, const model::Record& after);
  // The bound leaves and the row enters before it.
  [[nodiscard]] base::Status displace_bound(const model::Record& entering);
  // The last row of the filter before a place / the first behind it, in the source as it is now; none when there is none.
  // last_before REQUIRES: the window has a row there (reading back does not stop at the query's cursor).
  [[nodiscard]] base::Result<model::Record> last_before(const model::Record& place);
  [[nodiscard]] base::Result<model::Record> first_after(const model::Record& place);
  [[nodiscard]] base::Result<model::Record> fetch_one(const model::Record& place, bool reverse);

  const query::Query& query_;
  Source& source_;
  Operator& next_;
  FetchRequest request_;  // of fetch_one(): made once, as it holds a copy of the condition
  std::uint32_t size_ = 0;
  model::Record bound_;
};

}  // namespace syncline::ivm
