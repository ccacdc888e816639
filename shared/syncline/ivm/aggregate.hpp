// AggregateOperator: rows → one row per distinct value of a field, with counts and exact sums. A group appears with its first
// row and disappears with its last; without group_by there is one group, always. Holds accumulators, no rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "syncline/ivm/operator.hpp"

namespace syncline::ivm {

class AggregateOperator : public Operator {
 public:
  // REQUIRES: the query has an aggregate. Everything outlives the operator.
  AggregateOperator(const model::Collection& collection, const query::Query& query);

  [[nodiscard]] base::Status push(const RowDelta& delta) override;
  void reset() override;
  // Appends what the pushes since the last flush did, at most one delta per group, by key. Errors: overflow, when a sum
  // left its type.
  [[nodiscard]] base::Status flush(std::vector<GroupDelta>& out);
  [[nodiscard]] std::size_t size() const { return groups_.size(); }

 private:
  // Wider than any sum of int64 that fits a memory: what is added can always be taken away again.
  __extension__ using Sum = __int128;
  struct Group {
    std::int64_t rows = 0;
    std::vector<Sum> sums;             // one per term; counts stay 0
    std::optional<AggregateRow> sent;  // what the receiver has
    bool touched = false;
  };
  struct LessByKey {
    const model::Field* field;  // nullptr: there is one group
    bool operator()(const model::Value& a, const model::Value& b) const {
      return field != nullptr && model::compare_values(field->spec, a, b) < 0;
    }
  };
  using Groups = std::map<model::Value, Group, LessByKey>;

  void count(const model::Record& row, int sign);
  Groups::iterator touch(const model::Value& key);
  [[nodiscard]] base::Result<AggregateRow> row_of(const model::Value& key,
                                                  const Group& group) const;

  const query::Aggregate& aggregate_;
  const model::Field* group_by_;
  std::vector<const model::Field*> fields_;  // per term; nullptr for a count
  Groups groups_;
  std::vector<Groups::iterator> touched_;
};

}  // namespace syncline::ivm
