// HeldRelations: conditions on related rows, as far as a browser can tell that holds only a part of the rows. Certain is what
// rows that are held say: some related row satisfies the condition, or the one that the row names does not. Otherwise the
// server's word counts, and that is whether it has sent the row as a result of this query. (That of many such rows the last has
// gone only the server can know.)
#pragma once

#include "syncline/client/replica.hpp"
#include "syncline/ivm/relations.hpp"

namespace syncline::client {

class HeldRelations final : public query::Relations {
 public:
  // `held`: what the server sent for the query. Both outlive this.
  HeldRelations(Replica& replica, const HeldRows& held)
      : replica_(replica), held_(held), visible_(replica.visible_sources()) {}

  [[nodiscard]] bool holds(const query::Predicate& leaf, const model::Record& record,
                           bool negated) override;

 private:
  // The row names none, or one that is held and up to date. REQUIRES: no held row satisfies the condition.
  [[nodiscard]] bool is_certainly_none(const query::Predicate& leaf, const model::Record& record);

  Replica& replica_;
  const HeldRows& held_;
  ivm::SourceRelations visible_;
};

// A query with such conditions that also includes rows of its own collection: of a row that was sent nobody could say as
// what. Errors: query_too_costly.
[[nodiscard]] base::Status refuse_ambiguous(const model::Schema& schema, const query::Query& query);

}  // namespace syncline::client
