// Values as REST and CSV write them: parse_value() and format_value() of validate.hpp.
#include <algorithm>
#include <charconv>

#include "syncline/model/utf8.hpp"
#include "syncline/model/validate.hpp"

namespace syncline::model {
namespace {

using base::Code;
using base::Error;
using base::Result;

Error complaint(const FieldSpec& field, Code code, std::string message) {
  return {code, std::move(message), std::string(field.name)};
}

Error unreadable(const FieldSpec& field, std::string_view expected) {
  return complaint(field, Code::wrong_type, "Enter " + std::string(expected) + ".");
}

Result<Value> parse_boolean(const FieldSpec& field, std::string_view text) {
  if (text == "true") return Value(true);
  if (text == "false") return Value(false);
  return unreadable(field, "true or false");
}

Result<Value> parse_integer(const FieldSpec& field, std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec == std::errc::result_out_of_range) {
    return complaint(field, Code::out_of_range, "Enter a number nearer to zero.");
  }
  if (parsed.ec != std::errc() || parsed.ptr != end) return unreadable(field, "a whole number");
  return Value(number);
}

Result<Value> parse_number(const FieldSpec& field, std::string_view text) {
  const Result<Decimal> number = parse_decimal(text, field.scale);
  if (!number.ok()) return complaint(field, number.error().code, number.error().message);
  return Value(*number);
}

Result<Value> parse_option(const FieldSpec& field, std::string_view text) {
  const auto found = std::find(field.options.begin(), field.options.end(), text);
  if (found == field.options.end()) {
    std::string message = "Choose one of";
    for (const std::string_view option : field.options) {
      message += option.data() == field.options.front().data() ? " " : ", ";
      message += option;
    }
    return complaint(field, Code::out_of_range, message + ".");
  }
  return Value(static_cast<std::int64_t>(found - field.options.begin()));
}

Value parse_set(std::string_view text) {
  std::vector<std::string> items;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    items.emplace_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return make_text_set(std::move(items));
}

template <class T>
Result<Value> found_or(const std::optional<T>& parsed, const FieldSpec& field,
                       std::string_view expected) {
  if (!parsed) return unreadable(field, expected);
  return Value(*parsed);
}

Result<Value> read(const FieldSpec& field, std::string_view text) {
  switch (field.type) {
    case FieldType::boolean: return parse_boolean(field, text);
    case FieldType::integer: return parse_integer(field, text);
    case FieldType::decimal: return parse_number(field, text);
    case FieldType::text:
    case FieldType::long_text: return Value(text);
    case FieldType::enumeration: return parse_option(field, text);
    case FieldType::set: return parse_set(text);
    case FieldType::reference: return found_or(base::parse_id(text), field, "the id of a record");
    case FieldType::timestamp:
      return found_or(base::parse_timestamp(text), field, "a time like 2026-11-21T08:00:00Z");
    case FieldType::date: return found_or(base::parse_date(text), field, "a date like 2026-11-21");
  }
  return unreadable(field, "another value");
}

std::string joined(const TextSet& items) {
  std::string text;
  for (const std::string& item : items) {
    if (!text.empty()) text += ',';
    text += item;
  }
  return text;
}

}  // namespace

Result<Value> parse_value(const FieldSpec& field, std::string_view text) {
  const bool is_text = field.type == FieldType::text || field.type == FieldType::long_text;
  if (!is_text) text = trim(text);
  if (text.empty()) return Value();
  SYNC_ASSIGN(Value value, read(field, text));
  return validate_value(field, std::move(value));
}

std::string format_value(const FieldSpec& field, const Value& value) {
  if (value.is_null()) return {};
  switch (field.type) {
    case FieldType::boolean: return value.boolean() ? "true" : "false";
    case FieldType::integer: return std::to_string(value.integer());
    case FieldType::decimal: return to_string(value.decimal());
    case FieldType::text:
    case FieldType::long_text: return value.text();
    case FieldType::enumeration: {
      const auto index = static_cast<std::size_t>(value.integer());
      SYNC_CHECK(index < field.options.size(), "an option that its field does not have");
      return std::string(field.options[index]);
    }
    case FieldType::set: return joined(value.set());
    case FieldType::reference: return base::to_string(value.id());
    case FieldType::timestamp: return base::to_string(value.timestamp());
    case FieldType::date: return base::to_string(value.date());
  }
  return {};
}

}  // namespace syncline::model
