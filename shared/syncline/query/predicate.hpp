// Evaluating, binding and analysing predicates.
#pragma once

#include "syncline/base/result.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::query {

enum class Truth : std::uint8_t { no, unknown, yes };

// Who knows the rows of other collections: answers `exists`. It keeps its own errors; the evaluation goes on without it.
class Relations {
 public:
  virtual ~Relations() = default;
  // REQUIRES: leaf.kind is exists, of the record's collection. `negated`: the question is whether there is none.
  [[nodiscard]] virtual bool holds(const Predicate& leaf, const model::Record& record,
                                   bool negated) = 0;
};

// REQUIRES: relations where the predicate asks about related rows.
[[nodiscard]] Truth evaluate(const Predicate& predicate, const model::Record& record,
                             Relations* relations = nullptr);
// evaluate() == yes. REQUIRES: bound (no parameters left), fields exist in the record's collection.
[[nodiscard]] bool matches(const Predicate& predicate, const model::Record& record,
                           Relations* relations = nullptr);
// Parameters replaced by values.
[[nodiscard]] Predicate bind(const Predicate& predicate, const base::Id& user);
[[nodiscard]] Query bind(Query query, const base::Id& user);
// Every field of the row itself that the predicate mentions, ascending, once each; of related rows none.
[[nodiscard]] std::vector<FieldId> mentioned_fields(const Predicate& predicate);
[[nodiscard]] bool has_relations(const Predicate& predicate);
// Does the result depend on rows of which it holds none? By the condition or by what it groups by; not by includes.
[[nodiscard]] bool reads_related(const Query& query);
// What the row alone can tell: true for every row for which the predicate can be true.
[[nodiscard]] Predicate without_relations(const Predicate& predicate);
// The collection of an exists' or include's related rows.
[[nodiscard]] CollectionId related_collection(const model::Collection& collection,
                                              const Predicate& leaf);
[[nodiscard]] CollectionId related_collection(const model::Collection& collection,
                                              const Include& include);
// Of related records that the query brings along; once each.
[[nodiscard]] std::vector<CollectionId> included_collections(const model::Schema& schema,
                                                             const Query& query);

}  // namespace syncline::query
