// The one total order (SEMANTICS 31): used by both stores, registered into SQLite, and by every operator. Nulls first;
// text by collation (case and accents folded, CJK by code point), ties by bytes; enumerations as declared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "syncline/base/fields.hpp"
#include "syncline/model/record.hpp"

namespace syncline::model {

inline constexpr std::uint32_t kCollationVersion = 1;

// By the collation only: 0 for "Ä" and "a".
[[nodiscard]] int collate(std::string_view a, std::string_view b);
// Collation, ties by bytes: a total order on texts.
[[nodiscard]] int compare_text(std::string_view a, std::string_view b);
// Folded text as collate() sees it (search, LIKE, matching by name).
[[nodiscard]] std::string fold(std::string_view text);
// SQL LIKE over folded text: % any run, _ one code point, \ escapes.
[[nodiscard]] bool like(std::string_view text, std::string_view pattern);
[[nodiscard]] bool is_valid_utf8(std::string_view text);
// Code points. REQUIRES: valid UTF-8.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

// REQUIRES: both values fit the field's type or are null.
[[nodiscard]] int compare_values(const FieldSpec& field, const Value& a, const Value& b);
// Field of two records of the same collection, without building Values.
[[nodiscard]] int compare_field(const Field& field, const Record& a, const Record& b);
[[nodiscard]] int compare_field(const Field& field, const Record& a, const Value& b);

// natural: first ascending, last descending.
enum class Nulls : std::uint8_t { natural, first, last };
struct OrderTerm {
  FieldId field = kIdField;
  bool descending = false;
  Nulls nulls = Nulls::natural;
  bool operator==(const OrderTerm&) const = default;
  SYNCLINE_FIELDS(field, descending, nulls)
};
[[nodiscard]] inline bool nulls_come_first(const OrderTerm& term) {
  return term.nulls == Nulls::natural ? !term.descending : term.nulls == Nulls::first;
}
// Rows by these terms, ties by id ascending: total.
using Order = std::vector<OrderTerm>;
[[nodiscard]] int compare_records(const Collection& collection, const Order& order, const Record& a, const Record& b);

// A position between rows: the order terms' values of a row and its id.
struct OrderKey {
  std::vector<Value> values;  // one per order term
  base::Id id;
  bool operator==(const OrderKey&) const = default;
  SYNCLINE_FIELDS(values, id)
};
[[nodiscard]] OrderKey key_of(const Order& order, const Record& record);
[[nodiscard]] int compare_record_to_key(const Collection& collection, const Order& order, const Record& record,
                                        const OrderKey& key);

}  // namespace syncline::model
