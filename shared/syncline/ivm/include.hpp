// Includer: the related records of a result, each once however many rows they belong to. Holds counts, no records.
//
// The includes of a query are a tree. Each node counts how often its rows bring a record along; a record is shown by a node
// while that is above 0, the record is there and it satisfies the include's condition, and then it brings along others in
// turn. Invariant: a related record has been sent exactly when some node shows it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "syncline/ivm/operator.hpp"
#include "syncline/ivm/relations.hpp"

namespace syncline::ivm {

class Includer {
 public:
  // Everything outlives the includer.
  Includer(const model::Schema& schema, const query::Query& query);

  [[nodiscard]] bool empty() const { return nodes_.empty(); }
  // With more records than this a push ends at once; then only reset() is left. The caller asks holds_too_many().
  void limit_held(std::size_t most) { most_ = most; }
  // What one push did to the rows, and what it means for related ones. `change`: none while hydrating.
  [[nodiscard]] base::Status push(const model::Change* change, std::span<const RowDelta> rows,
                                  SourceRelations& before, SourceRelations& after,
                                  std::vector<RowDelta>& related);
  void reset();
  // Records counted, once per node.
  [[nodiscard]] std::size_t held() const;
  [[nodiscard]] bool holds_too_many() const { return held() > most_; }

 private:
  using Ids = std::unordered_set<base::Id, base::IdHash>;
  struct Node {
    const query::Include* include;
    std::size_t parent;  // kRoot: the rows
    model::CollectionId holder;
    model::CollectionId target;
    std::unordered_map<base::Id, std::uint32_t, base::IdHash> counts;
  };
  static constexpr std::size_t kRoot = static_cast<std::size_t>(-1);
  // A row that brings others along, as it was and as it is; none where it did not or does not.
  struct Holder {
    model::Record before;
    model::Record after;
  };
  struct IdLess {
    bool operator()(const base::Id& a, const base::Id& b) const {
      return base::Id::compare(a, b) < 0;
    }
  };
  using Holders = std::map<base::Id, Holder, IdLess>;
  struct Push;

  void collect(const model::Schema& schema, const model::Collection& holder,
               const std::vector<query::Include>& includes, std::size_t parent);

  std::vector<Node> nodes_;  // parents before children
  Ids rows_;                 // of the result; only where `from` is used
  bool needs_rows_ = false;
  std::size_t most_ = static_cast<std::size_t>(-1);
};

}  // namespace syncline::ivm
