// OrderedView: a query's result in order, kept by applying ResultDeltas; yields edits with positions for a screen.
// Invariant: sorted by the query's order, ties by id; equals the query evaluated from scratch.
#pragma once

#include <cstdint>
#include <vector>

#include "syncline/ivm/pipeline.hpp"

namespace syncline::ivm {

// Applied one after another to the old list they give the new one.
struct ViewEdit {
  enum class Kind : std::uint8_t { insert, remove, replace };
  Kind kind = Kind::insert;
  std::uint32_t position = 0;
};

class OrderedView {
 public:
  OrderedView(const model::Schema& schema, const query::Query& query);

  // Appends what changed. Related records and groups are kept too.
  void apply(const ResultDelta& delta, std::vector<ViewEdit>& edits);
  void clear();
  // From what is shown to `whole`, a result as hydrated, without groups.
  [[nodiscard]] ResultDelta difference(const ResultDelta& whole) const;

  [[nodiscard]] const std::vector<model::Record>& rows() const { return rows_; }
  // Included record of this collection and id, or none.
  [[nodiscard]] model::Record related(model::CollectionId collection, const base::Id& id) const;
  // Aggregate rows ordered by key.
  [[nodiscard]] const std::vector<AggregateRow>& groups() const { return groups_; }

 private:
  [[nodiscard]] std::size_t position_of(const model::Record& record) const;
  // The record may stand at this position instead of the one that does.
  [[nodiscard]] bool fits(std::size_t position, const model::Record& record) const;

  const model::Schema& schema_;
  const query::Query query_;
  std::vector<model::Record> rows_;
  std::vector<model::Record> related_;  // sorted by (collection, id)
  std::vector<AggregateRow> groups_;
};

}  // namespace syncline::ivm
