// RelatedFilter: a Filter whose condition asks about related rows. A change of a related row is led back to the rows that it
// can concern, along the references; each of them is judged as before and as after the change. It remembers nothing: what it
// has sent follows from the state before (relations.hpp).
//
// Several rows may enter and leave in one push. So that the next stage can rely on the law of order, the source that it reads
// shows every row of them as it was until its delta is pushed.
#pragma once

#include <deque>
#include <set>
#include <vector>

#include "syncline/ivm/operator.hpp"
#include "syncline/ivm/relations.hpp"

namespace syncline::ivm {

class RelatedFilter {
 public:
  // Everything outlives the filter. `window`: the source that the next stages read.
  RelatedFilter(const query::Query& query, SourceProvider& sources, RelatedSource& window,
                Operator& next);

  [[nodiscard]] bool accepts(const model::Record& row, query::Relations& relations) const;
  // `before`, `after`: the rows without and with the change.
  [[nodiscard]] base::Status push(const model::Change& change, SourceRelations& before,
                                  SourceRelations& after);

 private:
  // One exists of the condition. `holder` is the collection of the rows of which it is asked, `parent` the exists in which it
  // stands.
  struct Link {
    const query::Predicate* leaf;
    model::CollectionId holder;
    model::CollectionId other;
    const Link* parent;
  };
  struct IdLess {
    bool operator()(const base::Id& a, const base::Id& b) const {
      return base::Id::compare(a, b) < 0;
    }
  };
  using Ids = std::set<base::Id, IdLess>;
  struct Push;

  // A group key that is a field of the row that a reference names.
  struct Key {
    model::FieldId via;
    model::CollectionId other;
    model::FieldId field;
  };

  void collect(const query::Predicate& predicate, const model::Collection& holder,
               const Link* parent);

  const query::Query& query_;
  SourceProvider& sources_;
  RelatedSource& window_;
  Operator& next_;
  std::deque<Link> links_;
  std::vector<Key> keys_;
};

}  // namespace syncline::ivm
