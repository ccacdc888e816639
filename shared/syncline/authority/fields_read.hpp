// FieldsRead: which fields an aggregate's figures depend on. An update that leaves all of them alone cannot move a figure, so
// its group need not look at it. Beside the interest index, which knows of values and not of what changed.
#pragma once

#include <map>
#include <vector>

#include "syncline/query/ast.hpp"

namespace syncline::authority {

class FieldsRead {
 public:
  // REQUIRES: a checked query. A query that shows rows reads all of their fields.
  FieldsRead(const model::Schema& schema, const query::Query& query);

  // May a row whose update changed these fields count in another way than before?
  [[nodiscard]] bool any_of(model::CollectionId collection,
                            const std::vector<model::FieldId>& changed) const;

 private:
  void add(const model::Schema& schema, const model::Collection& of, const query::Predicate& where);

  bool all_ = false;
  std::map<model::CollectionId, std::vector<model::FieldId>> fields_;
};

}  // namespace syncline::authority
