// Equal queries are one query: the canonical form, its bytes and hash; and the limits a query must keep.
#pragma once

#include <cstdint>

#include "syncline/base/bytes.hpp"
#include "syncline/base/result.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::query {

struct Limits {
  std::uint32_t predicate_nodes_max = 200;
  std::uint32_t predicate_depth_max = 12;
  std::uint32_t in_values_max = 1'000;
  std::uint32_t values_max = 5'000;        // of all conditions
  std::uint32_t pattern_length_max = 200;  // code points of a LIKE: matching costs text × pattern
  std::uint32_t relations_max = 8;         // exists conditions
  std::uint32_t relation_depth_max = 3;    // of exists within exists
  std::uint32_t order_terms_max = 4;
  std::uint32_t includes_max = 8;  // also those within others
  std::uint32_t include_depth_max = 3;
  std::uint32_t aggregate_terms_max = 8;
  std::uint32_t group_keys_max = 4;
};

// Types of values fit their fields (values are normalised: numbers to the field's scale, option names to indexes, texts that
// name ids or dates to those), fields and collections exist, limits hold. Call on every query from outside.
// Errors: unknown_collection, unknown_field, wrong_type, query_too_costly.
[[nodiscard]] base::Result<Query> check(const model::Schema& schema, Query query,
                                        const Limits& limits = {});
// Same meaning, one form: nested all_of/any_of flattened, children and `in` values sorted and unique, constants folded,
// order terms after a unique one dropped.
[[nodiscard]] Query canonical(const model::Schema& schema, Query query);
// REQUIRES: canonical. Equal bytes ⇔ equal queries. Stable across builds of one schema.
[[nodiscard]] base::Bytes key_bytes(const Query& canonical_query);
[[nodiscard]] std::uint64_t hash(const Query& canonical_query);

}  // namespace syncline::query
