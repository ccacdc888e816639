#include "server/storage/columns.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace syncline::server::storage {

namespace {

using model::FieldSpec;
using model::FieldType;
using model::Value;

std::string set_to_json(const model::TextSet& set) {
  nlohmann::json array = nlohmann::json::array();
  for (const std::string& item : set) array.push_back(item);
  return array.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Value set_from_json(std::string_view text) {
  const auto array = nlohmann::json::parse(text, nullptr, false);
  if (!array.is_array()) return {};
  std::vector<std::string> items;
  for (const auto& item : array) {
    if (item.is_string()) items.push_back(item.get<std::string>());
  }
  return model::make_text_set(std::move(items));
}

}  // namespace

SqlValue to_sql(const FieldSpec& field, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null: return std::monostate{};
    case Value::Kind::boolean: return std::int64_t{value.boolean() ? 1 : 0};
    case Value::Kind::integer: return value.integer();
    case Value::Kind::decimal:
      SYNC_CHECK(value.decimal().scale == field.scale, "a decimal of another scale than its field");
      return value.decimal().mantissa;
    case Value::Kind::text: return value.text();
    case Value::Kind::id: return sql_value(value.id());
    case Value::Kind::timestamp: return value.timestamp().ms;
    case Value::Kind::date: return std::int64_t{value.date().days};
    case Value::Kind::set: return set_to_json(value.set());
  }
  return std::monostate{};
}

bool same_content(const model::Record& a, const model::Record& b, const FieldSpec& field) {
  if (a.has(field.id) != b.has(field.id)) return false;
  switch (field.type) {
    case FieldType::text:
    case FieldType::long_text: return a.text(field.id) == b.text(field.id);
    case FieldType::reference: return a.reference(field.id) == b.reference(field.id);
    case FieldType::set: return a.get(field.id) == b.get(field.id);
    default: return a.integer(field.id) == b.integer(field.id);
  }
}

// As to_sql(), without making a Value of the most frequent.
void bind_field(Statement& statement, const FieldSpec& field, const model::Record& row) {
  if (!row.has(field.id)) {
    statement.bind_null();
    return;
  }
  switch (field.type) {
    case FieldType::text:
    case FieldType::long_text: statement.bind_in_place(row.text(field.id)); return;
    case FieldType::reference: statement.bind(row.reference(field.id)); return;
    case FieldType::set: statement.bind(to_sql(field, row.get(field.id))); return;
    default: statement.bind(row.integer(field.id)); return;
  }
}

Value from_sql(const FieldSpec& field, const Statement& row, int column) {
  if (row.is_null(column)) return {};
  switch (field.type) {
    case FieldType::boolean: return row.integer(column) != 0;
    case FieldType::integer: return row.integer(column);
    case FieldType::decimal: return model::Decimal{row.integer(column), field.scale};
    case FieldType::text:
    case FieldType::long_text: return row.text(column);
    case FieldType::enumeration: {
      const std::int64_t option = row.integer(column);
      if (option < 0 || option >= static_cast<std::int64_t>(field.options.size())) return {};
      return option;
    }
    case FieldType::set: return set_from_json(row.text(column));
    case FieldType::reference: return row.id(column);
    case FieldType::timestamp: return base::Timestamp{row.integer(column)};
    case FieldType::date: return base::Date{static_cast<std::int32_t>(row.integer(column))};
  }
  return {};
}

model::Record read_record(const model::Collection& collection, const Statement& row) {
  model::RecordBuilder builder(collection, row.id(0));
  builder.set_version(row.natural(1));
  for (std::uint16_t slot = 0; slot < collection.slot_count(); ++slot) {
    const FieldSpec& field = collection.field_at_slot(slot).spec;
    builder.set(field.id, from_sql(field, row, slot + 2));
  }
  return builder.build();
}

}  // namespace syncline::server::storage
