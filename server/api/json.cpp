#include "server/api/json.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "syncline/model/order.hpp"
#include "syncline/model/validate.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;
using model::FieldSpec;
using model::FieldType;
using model::Value;

constexpr int kDepthMax = 32;

Error wrong_type(const FieldSpec& field, const char* expected) {
  return {Code::wrong_type, "This needs to be " + std::string(expected) + ".",
          std::string(field.name)};
}

const char* expectation(FieldType type) {
  switch (type) {
    case FieldType::boolean: return "true or false";
    case FieldType::integer: return "a whole number";
    case FieldType::decimal: return "a decimal number, as a string";
    case FieldType::text:
    case FieldType::long_text: return "a string";
    case FieldType::enumeration: return "the name of an option";
    case FieldType::set: return "an array of strings";
    case FieldType::reference: return "an id, as a string";
    case FieldType::timestamp: return "a time such as 2026-11-21T08:00:00.000Z";
    case FieldType::date: return "a date such as 2026-11-21";
  }
  return "another value";
}

Result<Value> integer_from_json(const FieldSpec& field, const ParsedJson& json) {
  if (json.is_number_unsigned() &&
      json.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Error(Code::out_of_range, "This number is too large.", std::string(field.name));
  }
  if (json.is_number_integer()) return Value(json.get<std::int64_t>());
  return wrong_type(field, expectation(field.type));
}

// 395000.1 is taken digit by digit as it is written, never through binary fractions.
Result<Value> decimal_from_json(const FieldSpec& field, const ParsedJson& json) {
  if (!json.is_string() && !json.is_number()) return wrong_type(field, expectation(field.type));
  auto parsed = model::parse_decimal(
      json.is_string() ? json.get_ref<const std::string&>() : json.dump(), field.scale);
  if (parsed.ok()) return Value(*parsed);
  return Error(parsed.error().code == Code::overflow ? Code::out_of_range : Code::wrong_type,
               parsed.error().message, std::string(field.name));
}

Result<Value> set_from_json(const FieldSpec& field, const ParsedJson& json) {
  if (!json.is_array()) return wrong_type(field, expectation(field.type));
  std::vector<std::string> items;
  for (const ParsedJson& item : json) {
    if (!item.is_string()) return wrong_type(field, expectation(field.type));
    items.push_back(item.get<std::string>());
  }
  return Value(model::make_text_set(std::move(items)));
}

bool contains(const std::vector<model::FieldId>& fields, model::FieldId field) {
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

}  // namespace

Result<ParsedJson> parse_json(std::string_view text) {
  using Event = ParsedJson::parse_event_t;
  bool too_deep = false;
  std::optional<std::string> named_twice;
  std::vector<std::set<std::string>> open;  // the names met so far in every open object
  const auto bounded = [&](int depth, Event event, ParsedJson& parsed) {
    too_deep = too_deep || depth > kDepthMax;
    if (too_deep) return false;
    if (event == Event::object_start) open.emplace_back();
    if (event == Event::object_end) open.pop_back();
    if (event == Event::key && !open.back().insert(parsed.get<std::string>()).second)
      named_twice = parsed.get<std::string>();
    return true;
  };
  ParsedJson parsed =
      ParsedJson::parse(text.begin(), text.end(), bounded, /*allow_exceptions=*/false);
  if (too_deep) return Error(Code::malformed, "The JSON is nested too deeply.");
  if (parsed.is_discarded()) return Error(Code::malformed, "The body is no valid JSON in UTF-8.");
  // Which of two would count is a guess that no caller should depend on.
  if (named_twice)
    return Error(Code::malformed, "\"" + *named_twice + "\" is given twice.", *named_twice);
  return parsed;
}

Result<ParsedJson> parse_object(std::string_view text) {
  if (text.empty()) return ParsedJson::object();
  SYNC_ASSIGN(ParsedJson parsed, parse_json(text));
  if (!parsed.is_object()) return Error(Code::malformed, "The body needs to be a JSON object.");
  return parsed;
}

std::string dump(const OutJson& json) {
  return json.dump(-1, ' ', false, OutJson::error_handler_t::replace);
}

OutJson value_to_json(const FieldSpec& field, const Value& value) {
  if (value.is_null() || field.type != FieldType::enumeration) return value_to_json(value);
  return model::format_value(field, value);
}

OutJson value_to_json(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null: return nullptr;
    case Value::Kind::boolean: return value.boolean();
    case Value::Kind::integer: return value.integer();
    case Value::Kind::decimal: return model::to_string(value.decimal());
    case Value::Kind::text: return value.text();
    case Value::Kind::id: return base::to_string(value.id());
    case Value::Kind::timestamp: return base::to_string(value.timestamp());
    case Value::Kind::date: return base::to_string(value.date());
    case Value::Kind::set: return value.set();
  }
  return nullptr;
}

Result<Value> value_from_json(const FieldSpec& field, const ParsedJson& json) {
  if (json.is_null()) return Value();
  switch (field.type) {
    case FieldType::boolean:
      if (json.is_boolean()) return Value(json.get<bool>());
      break;
    case FieldType::integer: return integer_from_json(field, json);
    case FieldType::decimal: return decimal_from_json(field, json);
    case FieldType::set: return set_from_json(field, json);
    case FieldType::text:
    case FieldType::long_text:
      if (json.is_string()) return Value(json.get<std::string>());
      break;
    case FieldType::enumeration:
    case FieldType::reference:
    case FieldType::timestamp:
    case FieldType::date:
      if (json.is_string()) return model::parse_value(field, json.get_ref<const std::string&>());
      break;
  }
  return wrong_type(field, expectation(field.type));
}

OutJson record_to_json(const model::Record& record, const RecordView& view) {
  OutJson out = OutJson::object();
  for (const model::Field& field : record.collection().fields()) {
    const model::FieldId id = field.spec.id;
    const bool header = id == model::kIdField || id == model::kVersionField;
    if (contains(view.masked, id)) continue;
    if (!header && !view.selected.empty() && !contains(view.selected, id)) continue;
    out[std::string(field.spec.name)] = value_to_json(field.spec, record.get(id));
  }
  return out;
}

OutJson fields_to_json(const model::Record& record, const std::vector<model::FieldId>& fields) {
  OutJson out = OutJson::object();
  for (const model::FieldId id : fields) {
    const FieldSpec& field = record.collection().field(id).spec;
    out[std::string(field.name)] = value_to_json(field, record.get(id));
  }
  return out;
}

OutJson result_to_json(const mutation::MutatorResult& result) {
  OutJson out = OutJson::object();
  for (const auto& [name, value] : result) out[name] = value_to_json(value);
  return out;
}

}  // namespace syncline::server::api
