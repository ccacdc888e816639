// A mapping file (docs/import/README.md): which CSV becomes which collection, column by column. JSON checked against the
// schema, so that the planner meets no surprise. Immutable after parsing; refers to the schema, which outlives it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/app/import/formats.hpp"
#include "server/app/import/text_template.hpp"
#include "syncline/model/change.hpp"
#include "syncline/model/schema.hpp"

namespace syncline::server::app::import {

// What is done about a value that is missing, or that does not fit its field.
enum class Otherwise : std::uint8_t {
  null,  // the field is left empty
  warn,  // the same, and the report says so
  skip,  // the row is refused
  fail,  // the import ends
};

using Words = std::map<std::string, std::string, std::less<>>;

// The value names a record of the field's target.
struct Lookup {
  const model::Collection* target = nullptr;
  const model::FieldSpec* by = nullptr;
  bool create = false;     // one that is missing
  model::Patch constants;  // of a created one, beside `by`
};

struct FieldRule {
  const model::FieldSpec* field = nullptr;
  TextTemplate text;
  std::optional<DatePattern> date;
  std::optional<NumberFormat> number;
  std::optional<Words> values;  // every text it may have, and what that means here
  std::optional<Lookup> lookup;
  bool keep = false;  // a record that is there already keeps what it has
  Otherwise on_empty = Otherwise::null;
  Otherwise on_misfit = Otherwise::skip;  // never null: what is lost is reported
};

struct Step {
  std::string title;
  std::string file;  // the CSV's name without folder; empty: every file given
  char delimiter = ',';
  const model::Collection* collection = nullptr;
  const model::FieldSpec* key = nullptr;     // the natural key; one of `fields`
  bool distinct = false;                     // only the first row of each key
  std::set<std::string, std::less<>> nulls;  // cells that mean nothing: "NULL"
  std::map<std::string, Words, std::less<>>
      corrections;  // by column: misspellings, each use a warning
  std::vector<FieldRule> fields;

  // Every column it reads.
  [[nodiscard]] std::vector<std::string> columns() const;
};

struct Mapping {
  std::vector<Step> steps;
};

// Errors: malformed, unknown_collection, unknown_field, invalid: with the place, "steps[2].fields.value: …".
[[nodiscard]] base::Result<Mapping> parse_mapping(const model::Schema& schema,
                                                  std::string_view json);

}  // namespace syncline::server::app::import
