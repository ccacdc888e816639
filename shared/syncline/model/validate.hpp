// Field rules, the same on both sides: type, range, length, format, options. Uniqueness and references need a store and
// are checked by mutation::Transaction.
#pragma once

#include <string>
#include <string_view>

#include "syncline/base/result.hpp"
#include "syncline/model/change.hpp"
#include "syncline/model/record.hpp"

namespace syncline::model {

// The value, normalised (text trimmed of surrounding white space for `text`, decimal rescaled, set sorted; empty text
// becomes null), or the error, with the field's name and a sentence for people.
[[nodiscard]] base::Result<Value> validate_value(const FieldSpec& field, Value value);
// Required fields present. Collects all complaints into one Error (Code::invalid with fields[]).
[[nodiscard]] base::Status validate_record(const Record& record);
// Text as REST and CSV write it: "395000.00", "2026-11-21", "qualified", "true", a UUID, RFC 3339; a set as a
// comma-separated list. Empty text is null.
[[nodiscard]] base::Result<Value> parse_value(const FieldSpec& field, std::string_view text);
// The inverse of parse_value; null is "".
[[nodiscard]] std::string format_value(const FieldSpec& field, const Value& value);
// Whether text can say it: years 1 to 9999.
[[nodiscard]] bool is_in_calendar(base::Date date);
[[nodiscard]] bool is_in_calendar(base::Timestamp at);
// before ⊕ write, normalised and validated. Errors: as validate_value, overflow.
[[nodiscard]] base::Result<Value> apply_write(const FieldSpec& field, const Value& before, const FieldWrite& write);

}  // namespace syncline::model
