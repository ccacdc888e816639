#include "syncline/model/validate.hpp"

#include <algorithm>

#include "syncline/model/order.hpp"
#include "syncline/model/text_format.hpp"
#include "syncline/model/utf8.hpp"

namespace syncline::model {
namespace {

using base::Code;
using base::Error;
using base::Result;

// Numbers travel to the browser as doubles and have to come back the same (SEMANTICS 42).
constexpr std::int64_t kNumberMax = (std::int64_t{1} << 53) - 1;

constexpr std::int32_t kFirstDay = -719'162;  // 0001-01-01
constexpr std::int32_t kLastDay = 2'932'896;  // 9999-12-31

Error complaint(const FieldSpec& field, Code code, std::string message) {
  return {code, std::move(message), std::string(field.name)};
}

Error wrong_type(const FieldSpec& field, std::string_view expected) {
  return complaint(field, Code::wrong_type, "Enter " + std::string(expected) + ".");
}

std::string shown(const FieldSpec& field, std::int64_t number) {
  return to_string(
      Decimal{number, field.type == FieldType::decimal ? field.scale : std::uint8_t{0}});
}

Result<Value> in_range(const FieldSpec& field, std::int64_t number, Value value) {
  if (number < field.min) {
    return complaint(field, Code::out_of_range, "Enter at least " + shown(field, field.min) + ".");
  }
  if (number > field.max) {
    return complaint(field, Code::out_of_range, "Enter at most " + shown(field, field.max) + ".");
  }
  if (number < -kNumberMax || number > kNumberMax) {
    return complaint(field, Code::out_of_range, "Enter a number nearer to zero.");
  }
  return value;
}

Result<Value> validate_decimal(const FieldSpec& field, const Value& value) {
  Decimal number;
  if (value.kind() == Value::Kind::integer) {
    number.mantissa = value.integer();
  } else if (value.kind() == Value::Kind::decimal) {
    number = value.decimal();
  } else {
    return wrong_type(field, "a number");
  }
  const Result<Decimal> scaled = rescale(number, field.scale);
  if (!scaled.ok()) return complaint(field, scaled.error().code, scaled.error().message);
  if (compare(*scaled, number) != 0) {
    return complaint(field, Code::invalid,
                     "Enter at most " + std::to_string(field.scale) + " decimal places.");
  }
  return in_range(field, scaled->mantissa, *scaled);
}

bool is_control(char c, bool several_lines) {
  const auto byte = static_cast<std::uint8_t>(c);
  if (several_lines && (c == '\n' || c == '\r' || c == '\t')) return false;
  return byte < 0x20 || byte == 0x7f;
}

Result<Value> validate_text(const FieldSpec& field, const Value& value) {
  if (value.kind() != Value::Kind::text) return wrong_type(field, "a text");
  const bool several_lines = field.type == FieldType::long_text;
  if (!is_valid_utf8(value.text())) {
    return complaint(field, Code::invalid, "Enter text that is valid UTF-8.");
  }
  const std::string_view text = several_lines ? std::string_view(value.text()) : trim(value.text());
  if (text.empty()) return Value();
  const auto control = [several_lines](char c) { return is_control(c, several_lines); };
  if (std::any_of(text.begin(), text.end(), control)) {
    return complaint(field, Code::invalid,
                     several_lines ? "Remove the control characters." : "Enter one line of text.");
  }
  if (text.size() > field.max_length && utf8_length(text) > field.max_length) {
    return complaint(field, Code::out_of_range,
                     "Enter at most " + std::to_string(field.max_length) + " characters.");
  }
  if (!has_format(field.format, text)) {
    return complaint(field, Code::invalid, std::string(format_hint(field.format)));
  }
  return Value(text);
}

Result<Value> validate_option(const FieldSpec& field, const Value& value) {
  if (value.kind() != Value::Kind::integer) return wrong_type(field, "one of the options");
  if (value.integer() < 0 || static_cast<std::uint64_t>(value.integer()) >= field.options.size()) {
    return complaint(field, Code::out_of_range, "Choose one of the options.");
  }
  return value;
}

Result<Value> validate_set(const FieldSpec& field, const Value& value) {
  if (value.kind() != Value::Kind::set) return wrong_type(field, "a list of texts");
  std::vector<std::string> items;
  items.reserve(value.set().size());
  for (const std::string& raw : value.set()) {
    if (!is_valid_utf8(raw))
      return complaint(field, Code::invalid, "Enter text that is valid UTF-8.");
    const std::string_view item = trim(raw);
    if (item.empty()) continue;
    // The comma separates items wherever a set is written as text.
    const auto forbidden = [](char c) { return c == ',' || is_control(c, false); };
    if (std::any_of(item.begin(), item.end(), forbidden)) {
      return complaint(field, Code::invalid, "Enter items without commas, each on one line.");
    }
    if (utf8_length(item) > kTextLengthMax) {
      return complaint(field, Code::out_of_range,
                       "Enter items of at most " + std::to_string(kTextLengthMax) + " characters.");
    }
    const auto& options = field.options;
    if (!options.empty() && std::find(options.begin(), options.end(), item) == options.end()) {
      return complaint(field, Code::out_of_range, "Choose from the options.");
    }
    items.emplace_back(item);
  }
  TextSet set = make_text_set(std::move(items));
  if (set.size() > field.max_length) {
    return complaint(field, Code::out_of_range,
                     "Enter at most " + std::to_string(field.max_length) + " items.");
  }
  if (set.empty()) return Value();
  return Value(std::move(set));
}

Result<Value> changed_set(const FieldSpec& field, const Value& before, const FieldWrite& write) {
  if (field.type != FieldType::set) return wrong_type(field, "a whole value");
  // The items are judged first, so that both sides of the difference are trimmed alike.
  SYNC_ASSIGN(const Value change, validate_value(field, write.value));
  TextSet result = before.is_null() ? TextSet{} : before.set();
  const TextSet items = change.is_null() ? TextSet{} : change.set();
  if (write.kind == WriteKind::include) {
    result.insert(result.end(), items.begin(), items.end());
    result = make_text_set(std::move(result));
  } else {
    std::erase_if(result, [&items](const std::string& item) {
      return std::binary_search(items.begin(), items.end(), item);
    });
  }
  return validate_value(field, Value(std::move(result)));
}

Result<Value> incremented(const FieldSpec& field, const Value& before, const FieldWrite& write) {
  const bool decimal = field.type == FieldType::decimal;
  if (!decimal && field.type != FieldType::integer) return wrong_type(field, "a whole value");
  // The delta may leave the field's range; only the sum must lie in it.
  FieldSpec any_number = field;
  any_number.min = -kNumberMax;
  any_number.max = kNumberMax;
  SYNC_ASSIGN(const Value delta, validate_value(any_number, write.value));
  if (delta.is_null()) return wrong_type(field, "a number");
  // Both within 2^53: the sum is exact, and the range is checked below.
  if (!decimal) {
    const std::int64_t start = before.is_null() ? 0 : before.integer();
    const Result<Decimal> sum = add(Decimal{start, 0}, Decimal{delta.integer(), 0});
    if (!sum.ok()) return complaint(field, Code::overflow, sum.error().message);
    return validate_value(field, Value(sum->mantissa));
  }
  const Decimal start = before.is_null() ? Decimal{0, field.scale} : before.decimal();
  const Result<Decimal> sum = add(start, delta.decimal());
  if (!sum.ok()) return complaint(field, Code::overflow, sum.error().message);
  return validate_value(field, Value(*sum));
}

}  // namespace

bool is_in_calendar(base::Date date) {
  return date.days >= kFirstDay && date.days <= kLastDay;
}

bool is_in_calendar(base::Timestamp at) {
  constexpr std::int64_t kDayMs = 86'400'000;
  return at.ms >= kFirstDay * kDayMs && at.ms < (kLastDay + 1) * kDayMs;
}

Result<Value> validate_value(const FieldSpec& field, Value value) {
  if (value.is_null()) return value;
  switch (field.type) {
    case FieldType::boolean:
      if (value.kind() != Value::Kind::boolean) return wrong_type(field, "true or false");
      return value;
    case FieldType::integer:
      if (value.kind() != Value::Kind::integer) return wrong_type(field, "a whole number");
      return in_range(field, value.integer(), value);
    case FieldType::decimal: return validate_decimal(field, value);
    case FieldType::text:
    case FieldType::long_text: return validate_text(field, value);
    case FieldType::enumeration: return validate_option(field, value);
    case FieldType::set: return validate_set(field, value);
    case FieldType::reference:
      if (value.kind() != Value::Kind::id) return wrong_type(field, "the id of a record");
      return value.id().is_nil() ? Value() : value;
    case FieldType::timestamp:
      if (value.kind() != Value::Kind::timestamp) return wrong_type(field, "a time");
      if (is_in_calendar(value.timestamp())) return value;
      return complaint(field, Code::out_of_range, "Enter a time in the years 1 to 9999.");
    case FieldType::date:
      if (value.kind() != Value::Kind::date) return wrong_type(field, "a date");
      if (is_in_calendar(value.date())) return value;
      return complaint(field, Code::out_of_range, "Enter a date in the years 1 to 9999.");
  }
  return wrong_type(field, "another value");
}

base::Status validate_record(const Record& record) {
  if (record.bytes().size() > kRecordSizeMax) {
    return Error{Code::too_large, "The record is too large: shorten its long texts."};
  }
  Error error{Code::invalid, "Some fields need attention."};
  for (const Field& field : record.collection().fields()) {
    if (!field.spec.required) continue;
    const FieldId id = field.spec.id;
    const bool is_text =
        field.spec.type == FieldType::text || field.spec.type == FieldType::long_text;
    if (record.has(id) && !(is_text && record.text(id).empty())) continue;
    error.fields.push_back({std::string(field.spec.name), Code::required, "Enter a value."});
  }
  if (error.fields.empty()) return {};
  return error;
}

Result<Value> apply_write(const FieldSpec& field, const Value& before, const FieldWrite& write) {
  switch (write.kind) {
    case WriteKind::assign: return validate_value(field, write.value);
    case WriteKind::increment: return incremented(field, before, write);
    case WriteKind::include:
    case WriteKind::exclude: return changed_set(field, before, write);
  }
  // A kind from the wire that nobody knows.
  return complaint(field, Code::invalid, "Use assign, increment, include or exclude.");
}

}  // namespace syncline::model
