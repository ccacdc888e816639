// SQL text made from schema and queries; the only place where statements about a collection's table are spelled. A filter is
// a superset of its predicate: `exact` says whether it is the predicate itself, and callers re-check it either way.
// Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/storage/sqlite.hpp"
#include "syncline/query/ast.hpp"

namespace syncline::server::storage::sql_text {

[[nodiscard]] std::string quoted(std::string_view name);
[[nodiscard]] std::string table(const model::Collection& collection);  // "crm_leads", quoted
[[nodiscard]] std::string column_definition(const model::FieldSpec& field);

[[nodiscard]] std::string create_table(const model::Collection& collection);
// What lists filter and sort by: references, unique fields, the title, numbers, enumerations, points in time. A live window
// reads the row behind its last one at every removal, so an order without index would cost a scan each time.
[[nodiscard]] std::vector<std::string> create_indexes(const model::Collection& collection);
// Whether an index gives the rows in this order, but for ties in small blocks.
[[nodiscard]] bool reads_in_order(const model::Collection& collection, const model::Order& order);

// id, version, then every slot's column.
[[nodiscard]] std::string select_columns(const model::Collection& collection);
[[nodiscard]] std::string insert(const model::Collection& collection);  // parameters in that order
// SET version and these slots WHERE id; parameters in that order.
[[nodiscard]] std::string update(const model::Collection& collection,
                                 const std::vector<std::uint16_t>& slots);
[[nodiscard]] std::string remove(const model::Collection& collection);

// Whether SQL can tell an aggregate's figures: groups by the row's own fields as they are, extremes not by collation.
[[nodiscard]] bool can_aggregate(const model::Collection& collection,
                                 const query::Aggregate& aggregate);
// Keys, count(*), then per term but counts its figure, of an average the sum and the count: one row per group.
// REQUIRES: can_aggregate().
[[nodiscard]] std::string aggregate(const model::Collection& collection,
                                    const query::Aggregate& aggregate, const std::string& where);

struct Filter {
  std::string sql;  // a condition
  std::vector<SqlValue> parameters;
  bool exact = true;
};
// Conditions on related rows become subqueries that mention nothing of the outer row: SQLite reads each related table once,
// not once per row.
[[nodiscard]] Filter where(const model::Schema& schema, const model::Collection& collection,
                           const query::Predicate& predicate);
[[nodiscard]] Filter field_equals(const model::Field& field, const model::Value& value);

// Whether SQL can sort by these terms exactly as model::compare_records does.
[[nodiscard]] bool can_order(const model::Collection& collection, const model::Order& order);
// "ORDER BY …" with id as the last term. REQUIRES: can_order().
[[nodiscard]] std::string order_by(const model::Collection& collection, const model::Order& order,
                                   bool reverse);
// Conditions that together select the rows strictly after the key in the direction of reading. Read one after the other
// they keep the order; each alone can use an index on the first term, which one big OR could not. REQUIRES: can_order().
[[nodiscard]] std::vector<Filter> strictly_after(const model::Collection& collection,
                                                 const model::Order& order,
                                                 const model::OrderKey& key, bool reverse);

}  // namespace syncline::server::storage::sql_text
