// Includer: the related records of a result, each once however many rows refer to it. Holds reference counts, no records.
// Invariant: a related record has been sent exactly when its count is above 0 and the source has it.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "syncline/ivm/operator.hpp"

namespace syncline::ivm {

class Includer {
 public:
  // Everything outlives the includer.
  Includer(const model::Collection& collection, const query::Query& query, SourceProvider& sources);

  // Collections of related records, once each.
  [[nodiscard]] std::vector<model::CollectionId> collections() const;
  // A change of a collection that may be related. Must run before the rows of the same change (a record can be related to
  // itself): it goes by the counts from before.
  void on_related(const model::Change& change, std::vector<RowDelta>& related);
  // What one push did to the rows. New references count before old ones are dropped, so that a record which only changes
  // the row it hangs on does not leave and return.
  [[nodiscard]] base::Status on_rows(std::span<const RowDelta> rows,
                                     std::vector<RowDelta>& related);
  void reset();

 private:
  struct Target {
    model::CollectionId collection;
    std::unordered_map<base::Id, std::uint32_t, base::IdHash> counts;
  };
  struct Via {
    model::FieldId field;
    std::size_t target;  // index in targets_
  };
  [[nodiscard]] base::Status acquire(Target& target, const base::Id& id,
                                     std::vector<RowDelta>& related);
  [[nodiscard]] base::Status release(Target& target, const base::Id& id,
                                     std::vector<RowDelta>& related);

  SourceProvider& sources_;
  std::vector<Target> targets_;
  std::vector<Via> vias_;
};

}  // namespace syncline::ivm
