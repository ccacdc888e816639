// Values as SQLite stores them: numbers of every kind as INTEGER (a decimal by its mantissa, an enumeration by its index),
// text as TEXT, ids as BLOB(16), a set as TEXT holding a JSON array, so that SQL's own json_each() can look inside.
#pragma once

#include "server/storage/sqlite.hpp"
#include "syncline/model/record.hpp"

namespace syncline::server::storage {

// REQUIRES: the value fits the field or is null.
[[nodiscard]] SqlValue to_sql(const model::FieldSpec& field, const model::Value& value);
// What cannot be this field's value (an option that is gone) reads as null.
[[nodiscard]] model::Value from_sql(const model::FieldSpec& field, const Statement& row,
                                    int column);
// REQUIRES: the columns are those of sql_text::select_columns(), in their order.
[[nodiscard]] model::Record read_record(const model::Collection& collection, const Statement& row);

}  // namespace syncline::server::storage
