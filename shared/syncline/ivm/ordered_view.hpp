// OrderedView: a query's result in order, kept by applying ResultDeltas; yields edits with positions for a screen.
// Invariant: sorted by the query's order, ties by id; equals the query evaluated from scratch.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "syncline/ivm/pipeline.hpp"
#include "syncline/ivm/row_list.hpp"
#include "syncline/query/group_key.hpp"

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
  void apply_groups(std::vector<GroupDelta> deltas);
  void clear();
  // Instead of clear() and apply(), for a result as hydrated.
  void fill(const ResultDelta& whole);
  // From what is shown to `whole`, a result as hydrated, without groups.
  [[nodiscard]] ResultDelta difference(const ResultDelta& whole) const;

  [[nodiscard]] const RowList& rows() const { return rows_; }
  // Included record of this collection and id, or none.
  [[nodiscard]] model::Record related(model::CollectionId collection, const base::Id& id) const;
  // Aggregate rows ordered by key.
  [[nodiscard]] const std::vector<AggregateRow>& groups() const { return groups_; }
  // REQUIRES: the query has an aggregate.
  [[nodiscard]] const query::GroupKeys& group_keys() const { return *group_keys_; }

 private:
  // Where the record stands, or would stand.
  [[nodiscard]] std::size_t position_of(const model::Record& record) const;
  // The same, of one that is likely to stand there.
  [[nodiscard]] std::size_t place_of(const model::Record& record) const;
  // May the record stand at this position instead of the one that does, which is `before`?
  [[nodiscard]] bool fits(std::size_t position, const model::Record& before,
                          const model::Record& record) const;

  const model::Schema& schema_;
  const query::Query query_;
  std::optional<query::GroupKeys> group_keys_;  // of an aggregate
  RowList rows_;
  std::vector<model::Record> related_;  // sorted by (collection, id)
  std::vector<AggregateRow> groups_;
};

}  // namespace syncline::ivm
