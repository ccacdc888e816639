// InterestIndex: change → the queries it can affect (C7). A superset filter: the exact predicate still decides. Equality, IN,
// items of sets and beginnings of texts are found by hash, ranges by an interval index. An AND is filed under its most
// selective part, an OR under all of its parts; what nothing bounds is in the residual list of its collection. Invariant: a query whose result a change can alter is always reported; reported at most once per change.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "syncline/model/change.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::invalidation {

class InterestIndex {
 public:
  using Handle = std::uint64_t;  // the caller's name for a query

  InterestIndex();
  ~InterestIndex();
  InterestIndex(const InterestIndex&) = delete;

  // Files the handle under `where` for this collection. One handle may be filed under several collections (includes).
  void add(Handle handle, model::CollectionId collection, const query::Predicate& where);
  // Removes the handle everywhere. Unknown handles are ignored.
  void remove(Handle handle);
  // Appends every handle that the change can affect (before or after image), each once, ascending.
  void affected(const model::Change& change, std::vector<Handle>& out) const;

  struct Stats {
    std::size_t handles = 0;
    std::size_t by_equality = 0;
    std::size_t by_range = 0;  // also by a text's beginning
    std::size_t residual = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace syncline::invalidation
