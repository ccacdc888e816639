// GroupKeys: which group of an aggregate a row belongs to, and the order of groups.
#pragma once

#include <functional>
#include <vector>

#include "syncline/base/time_zone.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::query {

// The first day of the period that the day lies in.
[[nodiscard]] base::Date start_of(Period period, base::Date day);

// The record of a collection, or none.
using RecordOf = std::function<model::Record(CollectionId, const base::Id&)>;

class GroupKeys {
 public:
  // REQUIRES: a checked query with an aggregate. `schema` outlives this.
  GroupKeys(const model::Schema& schema, const Query& query);

  [[nodiscard]] bool empty() const { return parts_.empty(); }
  // Does a key look at rows of other collections? Only then `record_of` is asked.
  [[nodiscard]] bool reads_related() const;
  [[nodiscard]] std::vector<model::Value> of(const model::Record& row,
                                             const RecordOf& record_of) const;
  // Keys of this aggregate, by their values in turn.
  [[nodiscard]] int compare(const std::vector<model::Value>& a,
                            const std::vector<model::Value>& b) const;
  // Of a key from outside: as many values as there are keys, each null or of its key's kind?
  [[nodiscard]] bool fits(const std::vector<model::Value>& key) const;

 private:
  struct Part {
    GroupKey key;
    const model::Field* field;  // of the row, or of the one that it names
    CollectionId target;        // kNoCollection: of the row
    model::FieldSpec result;    // what the key's values are of
    const base::Zone* zone;     // nullptr: UTC
  };
  [[nodiscard]] static model::Value value_of(const Part& part, const model::Record& record);
  std::vector<Part> parts_;
};

}  // namespace syncline::query
