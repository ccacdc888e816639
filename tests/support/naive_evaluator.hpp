// NaiveEvaluator: all rows in a map and every question answered by looking at all of them: the oracle. It shares no code with
// the engine's evaluation, order, collation, indexes or pipeline; of the model it uses records and plain values only.
// Texts it can judge: ASCII letters and digits, the Latin letters of kFolds in the source, CJK ideographs.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "syncline/model/change.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::tests {

using NaiveGroup = query::AggregateRow;

struct NaiveResult {
  std::vector<model::Record> rows;
  std::vector<model::Record> related;  // by collection, then id
  std::vector<NaiveGroup> groups;      // by key
};

struct NaiveFetch {
  query::Predicate where;
  model::Order order;
  std::optional<model::OrderKey> after;
  bool reverse = false;
  std::uint32_t limit = 0;
};

class NaiveEvaluator {
 public:
  // `schema` outlives this.
  explicit NaiveEvaluator(const model::Schema& schema) : schema_(schema) {}

  void apply(const model::Change& change);
  [[nodiscard]] std::optional<model::Record> get(model::CollectionId collection,
                                                 const base::Id& id) const;
  [[nodiscard]] std::vector<model::Record> fetch(model::CollectionId collection,
                                                 const NaiveFetch& request) const;
  [[nodiscard]] NaiveResult evaluate(const query::Query& query) const;
  // -1 no, 0 unknown, 1 yes.
  [[nodiscard]] int truth(const query::Predicate& predicate, const model::Record& row) const;

 private:
  [[nodiscard]] bool exists(const query::Predicate& leaf, const model::Record& row) const;
  using Rows = std::map<std::array<std::uint8_t, 16>, model::Record>;
  using Related =
      std::map<std::pair<model::CollectionId, std::array<std::uint8_t, 16>>, model::Record>;
  void include_into(const std::vector<query::Include>& includes, const model::Record& row,
                    Related& related) const;
  [[nodiscard]] std::vector<model::Value> key_of(const query::Query& query,
                                                 const model::Record& row) const;
  [[nodiscard]] std::vector<NaiveGroup> groups_of(const query::Query& query,
                                                  const std::vector<model::Record>& rows) const;

  const model::Schema& schema_;
  std::map<model::CollectionId, Rows> rows_;
};

}  // namespace syncline::tests
