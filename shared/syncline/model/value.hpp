// Value: one field's content outside a packed record. A closed sum. An enumeration is its option's index (integer); the
// FieldSpec knows the names. Comparison needs the field's type and lives in order.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "syncline/base/id.hpp"
#include "syncline/base/time.hpp"
#include "syncline/model/decimal.hpp"

namespace syncline::model {

// Invariant: sorted by bytes, no duplicates. Build with make_text_set().
using TextSet = std::vector<std::string>;
[[nodiscard]] TextSet make_text_set(std::vector<std::string> items);

struct Null {
  bool operator==(const Null&) const = default;
};

class Value {
 public:
  using Storage = std::variant<Null, bool, std::int64_t, Decimal, std::string, base::Id,
                               base::Timestamp, base::Date, TextSet>;
  // The index in Storage; also the tag on the wire. Never reorder.
  enum class Kind : std::uint8_t { null, boolean, integer, decimal, text, id, timestamp, date, set };

  Value() = default;
  Value(bool v) : storage_(v) {}
  Value(int v) : storage_(static_cast<std::int64_t>(v)) {}
  Value(std::int64_t v) : storage_(v) {}
  Value(Decimal v) : storage_(v) {}
  Value(std::string v) : storage_(std::move(v)) {}
  Value(std::string_view v) : storage_(std::string(v)) {}
  Value(const char* v) : storage_(std::string(v)) {}
  Value(base::Id v) : storage_(v) {}
  Value(base::Timestamp v) : storage_(v) {}
  Value(base::Date v) : storage_(v) {}
  Value(TextSet v) : storage_(std::move(v)) {}

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(storage_.index()); }
  [[nodiscard]] bool is_null() const { return kind() == Kind::null; }

  // REQUIRES: the value has that kind (checked).
  [[nodiscard]] bool boolean() const { return get<bool>(); }
  [[nodiscard]] std::int64_t integer() const { return get<std::int64_t>(); }
  [[nodiscard]] Decimal decimal() const { return get<Decimal>(); }
  [[nodiscard]] const std::string& text() const { return get<std::string>(); }
  [[nodiscard]] base::Id id() const { return get<base::Id>(); }
  [[nodiscard]] base::Timestamp timestamp() const { return get<base::Timestamp>(); }
  [[nodiscard]] base::Date date() const { return get<base::Date>(); }
  [[nodiscard]] const TextSet& set() const { return get<TextSet>(); }

  // Byte equality (SEMANTICS 31): same kind and same content. Null equals null here; predicates are three-valued.
  friend bool operator==(const Value& a, const Value& b) { return a.storage_ == b.storage_; }

  template <class Archive>
  void save(Archive& ar) const {
    ar(static_cast<std::uint8_t>(storage_.index()));
    std::visit(
        [&ar](const auto& v) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(v)>, Null>) ar(v);
        },
        storage_);
  }
  template <class Archive>
  void load(Archive& ar) {
    std::uint8_t tag = 0;
    ar(tag);
    switch (static_cast<Kind>(tag)) {
      case Kind::null: storage_ = Null{}; return;
      case Kind::boolean: load_as<bool>(ar); return;
      case Kind::integer: load_as<std::int64_t>(ar); return;
      case Kind::decimal: load_as<Decimal>(ar); return;
      case Kind::text: load_as<std::string>(ar); return;
      case Kind::id: load_as<base::Id>(ar); return;
      case Kind::timestamp: load_as<base::Timestamp>(ar); return;
      case Kind::date: load_as<base::Date>(ar); return;
      case Kind::set: load_as<TextSet>(ar); return;
    }
    ar.fail("value tag");  // every archive of ours has fail(); it does not return
  }

 private:
  template <class T>
  const T& get() const {
    const T* found = std::get_if<T>(&storage_);
    SYNC_CHECK(found != nullptr, "Value has another kind");
    return *found;
  }
  template <class T, class Archive>
  void load_as(Archive& ar) {
    T v{};
    ar(v);
    if constexpr (std::is_same_v<T, TextSet>) v = make_text_set(std::move(v));
    storage_ = std::move(v);
  }

  Storage storage_;
};

}  // namespace syncline::model
