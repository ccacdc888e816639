// FieldSpec and CollectionSpec: the one declaration per collection, as constexpr data. Schema, SQL, REST, OpenAPI,
// TypeScript and forms are all derived from these (SEMANTICS 29). Ids are stable for ever: never renumber or reuse.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace syncline::model {

using FieldId = std::uint16_t;
using CollectionId = std::uint16_t;
using Version = std::uint64_t;  // a commit number (SEMANTICS 1); 0 = not committed yet

// Fields that every collection has. A collection's own fields start at kFirstOwnField.
inline constexpr FieldId kIdField = 0;         // reference-like, in the record's header
inline constexpr FieldId kCreatedAtField = 1;  // timestamp
inline constexpr FieldId kUpdatedAtField = 2;  // timestamp
inline constexpr FieldId kCreatedByField = 3;  // reference → users
inline constexpr FieldId kVersionField = 4;    // integer, in the record's header
inline constexpr FieldId kFirstOwnField = 8;
inline constexpr FieldId kFirstRuntimeField = 1024;
inline constexpr FieldId kNoField = 0xffff;
inline constexpr CollectionId kNoCollection = 0xffff;

enum class FieldType : std::uint8_t {
  boolean,
  integer,
  decimal,      // Value::decimal with the field's scale
  text,         // one line, max_length characters (code points)
  long_text,    // several lines
  enumeration,  // Value::integer, an index into options; ordered as declared
  set,          // Value::set; of options where given, free text otherwise
  reference,    // Value::id of a record of `target`
  timestamp,
  date,
};
enum class TextFormat : std::uint8_t { plain, email, url, phone, color, currency };
enum class OnDelete : std::uint8_t { set_null, cascade, restrict };
// What happens when somebody else changed the field since the author's base (SEMANTICS 5).
enum class Policy : std::uint8_t { reject, last_writer_wins, add, set_union, merge_text };

struct FieldSpec {
  FieldId id = kNoField;
  std::string_view name;  // camelCase: REST, TypeScript; the SQL column is the same name
  FieldType type = FieldType::text;
  TextFormat format = TextFormat::plain;
  bool required = false;  // may not be null (nor empty text)
  bool unique = false;    // among present values, byte equality
  bool read_only = false; // written by the engine or by the collection's rules, never by a client's patch
  std::uint8_t scale = 0;            // decimal digits after the point
  std::uint32_t max_length = 0;      // text: code points; set: items
  std::int64_t min = std::numeric_limits<std::int64_t>::min();  // integer; decimal: as mantissa
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::span<const std::string_view> options{};  // enumeration, set
  CollectionId target = kNoCollection;          // reference
  OnDelete on_delete = OnDelete::set_null;
  Policy policy = Policy::reject;
  std::string_view default_text{};  // as REST would write it; empty = none

  // Fluent modifiers for declarations: text(8, "name").require().with_policy(…)
  constexpr FieldSpec require() const { auto f = *this; f.required = true; return f; }
  constexpr FieldSpec make_unique() const { auto f = *this; f.unique = true; return f; }
  constexpr FieldSpec make_read_only() const { auto f = *this; f.read_only = true; return f; }
  constexpr FieldSpec with_policy(Policy p) const { auto f = *this; f.policy = p; return f; }
  constexpr FieldSpec with_format(TextFormat t) const { auto f = *this; f.format = t; return f; }
  constexpr FieldSpec with_default(std::string_view d) const { auto f = *this; f.default_text = d; return f; }
  constexpr FieldSpec when_target_deleted(OnDelete o) const { auto f = *this; f.on_delete = o; return f; }
  constexpr FieldSpec between(std::int64_t low, std::int64_t high) const {
    auto f = *this; f.min = low; f.max = high; return f;
  }
  constexpr FieldSpec at_least(std::int64_t low) const { auto f = *this; f.min = low; return f; }
};

inline constexpr std::uint32_t kTextLengthMax = 200;
inline constexpr std::uint32_t kLongTextLengthMax = 20'000;
inline constexpr std::uint32_t kSetItemsMax = 64;

constexpr FieldSpec make_field(FieldId id, std::string_view name, FieldType type) {
  FieldSpec f;
  f.id = id;
  f.name = name;
  f.type = type;
  return f;
}
constexpr FieldSpec boolean(FieldId id, std::string_view name) { return make_field(id, name, FieldType::boolean); }
constexpr FieldSpec integer(FieldId id, std::string_view name) { return make_field(id, name, FieldType::integer); }
constexpr FieldSpec timestamp(FieldId id, std::string_view name) { return make_field(id, name, FieldType::timestamp); }
constexpr FieldSpec date(FieldId id, std::string_view name) { return make_field(id, name, FieldType::date); }
constexpr FieldSpec text(FieldId id, std::string_view name) {
  auto f = make_field(id, name, FieldType::text);
  f.max_length = kTextLengthMax;
  return f;
}
constexpr FieldSpec long_text(FieldId id, std::string_view name) {
  auto f = make_field(id, name, FieldType::long_text);
  f.max_length = kLongTextLengthMax;
  return f;
}
constexpr FieldSpec decimal(FieldId id, std::string_view name, std::uint8_t scale) {
  auto f = make_field(id, name, FieldType::decimal);
  f.scale = scale;
  return f;
}
constexpr FieldSpec money(FieldId id, std::string_view name) { return decimal(id, name, 2); }
constexpr FieldSpec enumeration(FieldId id, std::string_view name, std::span<const std::string_view> options) {
  auto f = make_field(id, name, FieldType::enumeration);
  f.options = options;
  return f;
}
constexpr FieldSpec text_set(FieldId id, std::string_view name, std::span<const std::string_view> options = {}) {
  auto f = make_field(id, name, FieldType::set);
  f.options = options;
  f.max_length = kSetItemsMax;
  f.policy = Policy::set_union;
  return f;
}
constexpr FieldSpec reference(FieldId id, std::string_view name, CollectionId target) {
  auto f = make_field(id, name, FieldType::reference);
  f.target = target;
  return f;
}

struct CollectionSpec {
  CollectionId id = kNoCollection;
  std::string_view module;     // "crm"
  std::string_view name;       // "lead_sources": room, event collection; SQL table is module_name
  std::string_view singular;   // "lead_source": event type prefix
  std::string_view type_name;  // "LeadSource": TypeScript, OpenAPI
  std::string_view api_path;   // "/api/lead-sources"
  FieldId title_field = kNoField;  // what a person calls the record
  std::span<const FieldSpec> fields{};
};

// The id of the field with this name; a wrong name does not compile (it is not a constant expression then).
consteval FieldId field_id(std::span<const FieldSpec> fields, std::string_view name) {
  for (const auto& f : fields) {
    if (f.name == name) return f.id;
  }
  throw "no field of this name";
}
// The index of an option of an enumeration; a wrong name does not compile.
consteval std::int64_t option_index(std::span<const FieldSpec> fields, std::string_view field, std::string_view option) {
  for (const auto& f : fields) {
    if (f.name != field) continue;
    for (std::size_t i = 0; i < f.options.size(); ++i) {
      if (f.options[i] == option) return static_cast<std::int64_t>(i);
    }
  }
  throw "no option of this name";
}

}  // namespace syncline::model
