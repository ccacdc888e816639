// AggregateOperator: rows → one row per group, with exact figures. A group appears with its first row and disappears with its
// last; without keys there is one group, always. Holds tallies, no rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "syncline/ivm/operator.hpp"
#include "syncline/ivm/relations.hpp"
#include "syncline/query/figures.hpp"
#include "syncline/query/group_key.hpp"

namespace syncline::ivm {

class AggregateOperator : public Operator {
 public:
  // REQUIRES: the query has an aggregate. Everything outlives the operator.
  AggregateOperator(const model::Schema& schema, const query::Query& query);

  // Where the rows are that keys are read from: as they were when a row was sent, and as they are now.
  void look(SourceRelations& before, SourceRelations& now) {
    before_ = &before;
    now_ = &now;
  }
  [[nodiscard]] base::Status push(const RowDelta& delta) override;
  void reset() override;
  // Appends what the pushes since the last flush did, at most one delta per group, by key. Errors: overflow, when a sum
  // left its type.
  [[nodiscard]] base::Status flush(std::vector<GroupDelta>& out);
  [[nodiscard]] std::size_t size() const { return groups_.size(); }
  // Distinct values held for counting them and for extremes.
  [[nodiscard]] std::size_t held() const;

 private:
  using Key = std::vector<model::Value>;
  struct Group {
    query::Tally now;
    std::optional<query::Tally> previous;
    std::optional<AggregateRow> sent;  // what the receiver has
    bool touched = false;
    [[nodiscard]] bool is_empty() const {
      return now.rows() == 0 && (!previous || previous->rows() == 0);
    }
  };
  struct LessByKey {
    const query::GroupKeys* keys;
    bool operator()(const Key& a, const Key& b) const { return keys->compare(a, b) < 0; }
  };
  using Groups = std::map<Key, Group, LessByKey>;

  void count(const model::Record& row, int sign, SourceRelations* related);
  Groups::iterator touch(const Key& key);
  [[nodiscard]] static base::Result<AggregateRow> row_of(const Key& key, const Group& group);

  const model::Collection& collection_;
  const query::Aggregate& aggregate_;
  const query::GroupKeys keys_;
  Groups groups_;
  std::vector<Groups::iterator> touched_;
  SourceRelations* before_ = nullptr;
  SourceRelations* now_ = nullptr;
};

}  // namespace syncline::ivm
