// Values as SQLite stores them: numbers of every kind as INTEGER (a decimal by its mantissa, an enumeration by its index),
// text as TEXT, ids as BLOB(16), a set as TEXT holding a JSON array, so that SQL's own json_each() can look inside.
#pragma once

#include "server/storage/sqlite.hpp"
#include "syncline/model/record.hpp"

namespace syncline::server::storage {

// REQUIRES: the value fits the field or is null.
[[nodiscard]] SqlValue to_sql(const model::FieldSpec& field, const model::Value& value);
// Whether both rows have the same in the field; mostly told without making values of it.
[[nodiscard]] bool same_content(const model::Record& a, const model::Record& b,
                                const model::FieldSpec& field);
// Binds the next parameter to what the row has in the field. REQUIRES: the row lives until the statement has run.
void bind_field(Statement& statement, const model::FieldSpec& field, const model::Record& row);
// What cannot be this field's value (an option that is gone) reads as null.
[[nodiscard]] model::Value from_sql(const model::FieldSpec& field, const Statement& row,
                                    int column);
// REQUIRES: the columns are those of sql_text::select_columns(), in their order.
[[nodiscard]] model::Record read_record(const model::Collection& collection, const Statement& row);

}  // namespace syncline::server::storage
