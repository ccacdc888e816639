// Random schemas, values, predicates, queries and changes from a seed. The domains are small on purpose: ties, equal values,
// nulls, dangling references and rows that move in and out of a result must happen all the time.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "syncline/base/random.hpp"
#include "syncline/model/change.hpp"
#include "syncline/query/ast.hpp"
#include "tests/support/naive_evaluator.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {

// Random ids are test_id(1) to test_id(kIdsPerCollection).
inline constexpr std::uint32_t kIdsPerCollection = 20;

// Values that fit `field`, null one time in six (never when `present`).
[[nodiscard]] model::Value random_value(base::Random& random, const model::FieldSpec& field,
                                        bool present = false);
[[nodiscard]] base::Id random_id(base::Random& random);
// Fields exist and values fit.
[[nodiscard]] query::Predicate random_predicate(base::Random& random,
                                                const model::Collection& collection,
                                                std::uint32_t depth);
// The same, also with conditions on related rows, `relations` within each other.
[[nodiscard]] query::Predicate random_related_predicate(base::Random& random,
                                                        const model::Schema& schema,
                                                        const model::Collection& collection,
                                                        std::uint32_t depth,
                                                        std::uint32_t relations);
[[nodiscard]] model::Order random_order(base::Random& random, const model::Collection& collection);
[[nodiscard]] model::OrderKey random_key(base::Random& random, const model::Collection& collection,
                                         const model::Order& order);
// A query that check() accepts.
[[nodiscard]] query::Query random_query(base::Random& random, const model::Schema& schema);

// Two or three collections with fields of random types and references among each other.
class RandomSchema {
 public:
  explicit RandomSchema(base::Random& random);
  [[nodiscard]] const model::Schema& schema() const { return *schema_; }

 private:
  std::deque<std::vector<model::FieldSpec>> fields_;
  std::unique_ptr<model::Schema> schema_;
};

// Makes changes that follow from the rows there are, and knows them: inserts of ids that are free, updates and removals of
// ids that are not.
class RandomChanges {
 public:
  RandomChanges(base::Random& random, const model::Schema& schema)
      : random_(random), schema_(schema), rows_(schema) {}
  // Applied to rows() already.
  [[nodiscard]] model::Change next();
  [[nodiscard]] const NaiveEvaluator& rows() const { return rows_; }

 private:
  base::Random& random_;
  const model::Schema& schema_;
  NaiveEvaluator rows_;
  model::Version version_ = 0;
};

}  // namespace syncline::tests
