// Values, records and request bodies as JSON (API.md, Records): camelCase names, ids and decimals as strings, times as RFC 3339
// UTC with milliseconds, enumerations by name, sets as arrays.
//
// What comes in is parsed into ParsedJson (sorted objects: linear-time for hostile keys); what goes out is OutJson (ordered).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "syncline/base/result.hpp"
#include "syncline/model/change.hpp"
#include "syncline/mutation/mutator.hpp"

namespace syncline::server::api {

using ParsedJson = nlohmann::json;
using OutJson = nlohmann::ordered_json;

// Errors: malformed (no JSON, broken UTF-8, nested deeper than 32).
[[nodiscard]] base::Result<ParsedJson> parse_json(std::string_view text);
// The same, of a body that has to be an object; an empty body is {}.
[[nodiscard]] base::Result<ParsedJson> parse_object(std::string_view text);
[[nodiscard]] std::string dump(const OutJson& json);

[[nodiscard]] OutJson value_to_json(const model::FieldSpec& field, const model::Value& value);
// Without a field: by the value's own kind (results of mutators).
[[nodiscard]] OutJson value_to_json(const model::Value& value);
// Type and form only; the field's rules are the transaction's business. Errors: wrong_type, out_of_range, invalid.
[[nodiscard]] base::Result<model::Value> value_from_json(const model::FieldSpec& field,
                                                         const ParsedJson& json);

struct RecordView {
  std::vector<model::FieldId> masked;    // left out
  std::vector<model::FieldId> selected;  // empty: all; id and version come in any case
};
[[nodiscard]] OutJson record_to_json(const model::Record& record, const RecordView& view);
// Only these fields (events: what changed).
[[nodiscard]] OutJson fields_to_json(const model::Record& record,
                                     const std::vector<model::FieldId>& fields);
[[nodiscard]] OutJson result_to_json(const mutation::MutatorResult& result);

}  // namespace syncline::server::api
