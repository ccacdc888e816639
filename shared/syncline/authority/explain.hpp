// Why a live query costs what it costs: by which keys the interest index finds it, and what its group has done so far.
#pragma once

#include <cstdint>
#include <vector>

#include "syncline/ivm/interest.hpp"
#include "syncline/model/schema.hpp"

namespace syncline::authority {

// How changes of one collection find a query. A query has several where an OR or related rows give it several.
struct Route {
  // residual: nothing bounds it, every change of the collection is put to it. never: no row can match.
  enum class By : std::uint8_t { never, equality, item, prefix, range, residual };
  model::CollectionId collection = model::kNoCollection;
  By by = By::residual;
  model::FieldId field = model::kNoField;  // none for never and residual
  std::size_t keys = 0;
  bool operator==(const Route&) const = default;
};
// REQUIRES: checked and bound. Its own collection's first.
[[nodiscard]] std::vector<Route> routes(const model::Schema& schema, const query::Query& query);
[[nodiscard]] bool is_residual(const std::vector<Route>& routes);

// What a group was given to do since it was made.
struct GroupWork {
  std::uint64_t routed = 0;   // changes that the index led to it
  std::uint64_t altered = 0;  // those that altered its result
  std::uint64_t hydrated = 0;
  // On routed changes, about: after the first few, one of several is timed. 0 where nobody gives the authority a stopwatch.
  std::uint64_t spent_ns = 0;
};

struct RunningQuery {
  query::Query
      query;  // as it runs: with the rights of its users, and the rows that a window looks ahead
  std::vector<Route> routes;
  GroupWork work;
  std::size_t sessions = 0;
  std::size_t rows = 0;  // in the result
  std::size_t bytes =
      0;  // held for it: what waits to be sent, and a snapshot kept for those who come next
};

}  // namespace syncline::authority
