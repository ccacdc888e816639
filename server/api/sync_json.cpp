#include "server/api/sync_json.hpp"

#include <array>
#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>
#include <variant>

#include <nlohmann/json.hpp>

#include "server/api/json.hpp"
#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/version.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using model::Value;

// Thrown inside the reader only: the archive's recursion has no other way out.
struct Misfit {
  std::string what;
};

// ---- names

constexpr std::array<std::string_view, 6> kClientTypes = {
    "hello", "reauthenticate", "subscribe", "unsubscribe", "push", "ping"};
constexpr std::array<std::string_view, 6> kServerTypes = {"welcome", "poke",    "queryFailed",
                                                          "pong",    "failure", "signatures"};
static_assert(kClientTypes.size() == std::variant_size_v<protocol::ClientMessage>);
static_assert(kServerTypes.size() == std::variant_size_v<protocol::ServerMessage>);

// The names of an enumeration that travels, by number.
template <class E>
struct EnumNames;
template <>
struct EnumNames<model::WriteKind> {
  static constexpr std::array<std::string_view, 4> kNames = {"assign", "increment", "include",
                                                             "exclude"};
};
template <>
struct EnumNames<model::Outcome> {
  static constexpr std::array<std::string_view, 4> kNames = {"applied", "merged", "conflict",
                                                             "rejected"};
};
template <>
struct EnumNames<query::Predicate::Kind> {
  static constexpr std::array<std::string_view, 7> kNames = {
      "always", "never", "compare", "all_of", "any_of", "negation", "exists"};
};
template <>
struct EnumNames<query::Predicate::Parameter> {
  static constexpr std::array<std::string_view, 2> kNames = {"none", "user_id"};
};
template <>
struct EnumNames<query::Op> {
  static constexpr std::array<std::string_view, 10> kNames = {
      "eq", "ne", "lt", "lte", "gt", "gte", "in", "like", "null", "contains"};
};
template <>
struct EnumNames<query::Aggregator> {
  static constexpr std::array<std::string_view, 6> kNames = {"count", "sum", "count_distinct",
                                                             "avg",   "min", "max"};
};
template <>
struct EnumNames<query::Period> {
  static constexpr std::array<std::string_view, 6> kNames = {"none",  "day",     "week",
                                                             "month", "quarter", "year"};
};
template <>
struct EnumNames<model::Nulls> {
  static constexpr std::array<std::string_view, 3> kNames = {"natural", "first", "last"};
};
template <>
struct EnumNames<protocol::Segment::Kind> {
  static constexpr std::array<std::string_view, 2> kNames = {"delta", "snapshot"};
};

template <class T>
concept Listed = requires {
  T::kFieldNames;
};

// Takes the next name off "first, second_one": in camelCase.
std::string next_name(std::string_view& names) {
  const std::size_t comma = std::min(names.find(','), names.size());
  std::string name;
  bool upper = false;
  for (const char c : names.substr(0, comma)) {
    if (c == ' ') continue;
    if (c == '_') {
      upper = !name.empty();
      continue;
    }
    name.push_back(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    upper = false;
  }
  names.remove_prefix(std::min(names.size(), comma + 1));
  return name;
}

// ---- writing

class Writer {
 public:
  explicit Writer(const model::Schema& schema) : schema_(schema) {}

  OutJson write(bool value) const { return value; }
  template <std::integral T>
  OutJson write(T value) const {
    return value;
  }
  OutJson write(const std::string& value) const { return value; }
  OutJson write(const base::Id& value) const { return base::to_string(value); }
  OutJson write(base::Timestamp value) const { return base::to_string(value); }
  OutJson write(base::Code value) const { return base::to_string(value); }
  template <class E>
  requires std::is_enum_v<E> OutJson write(E value)
  const { return EnumNames<E>::kNames.at(static_cast<std::size_t>(value)); }
  OutJson write(const Value& value) const {
    switch (value.kind()) {
      case Value::Kind::decimal: return {{"decimal", value_to_json(value)}};
      case Value::Kind::id: return {{"id", value_to_json(value)}};
      case Value::Kind::timestamp: return {{"timestamp", value_to_json(value)}};
      case Value::Kind::date: return {{"date", value_to_json(value)}};
      case Value::Kind::set: return {{"set", value_to_json(value)}};
      default: return value_to_json(value);
    }
  }
  // A packed record, as far as this schema can read it.
  OutJson write(const base::Bytes& packed) const {
    const auto record = model::Record::from_bytes(schema_, packed);
    if (!record.ok()) return {{"unreadable", record.error().message}};
    return {{"collection", record->collection().name()}, {"record", record_to_json(*record, {})}};
  }
  OutJson write(const protocol::Segment& segment) const {
    OutJson out{{"queryId", segment.query_id},
                {"kind", write(segment.kind)},
                {"kept", write(segment.kept)}};
    const auto body = protocol::decode_segment_body(segment.body);
    if (body.ok()) out.update(write(*body));
    return out;
  }
  template <class T>
  OutJson write(const std::vector<T>& items) const {
    OutJson out = OutJson::array();
    for (const T& item : items) out.push_back(write(item));
    return out;
  }
  template <class T>
  OutJson write(const std::optional<T>& value) const {
    return value ? write(*value) : OutJson(nullptr);
  }
  template <class A, class B>
  OutJson write(const std::pair<A, B>& pair) const {
    return OutJson::array({write(pair.first), write(pair.second)});
  }
  template <Listed T>
  OutJson write(const T& value) const {
    Members members{*this, T::kFieldNames, OutJson::object()};
    const_cast<T&>(value).serialize(members);  // reads only: one serialize() serves both directions
    return std::move(members.out);
  }

 private:
  struct Members {
    const Writer& writer;
    std::string_view names;
    OutJson out;
    template <class... T>
    void operator()(const T&... member) {
      ((out[next_name(names)] = writer.write(member)), ...);
    }
  };

  const model::Schema& schema_;
};

// ---- reading

class Reader {
 public:
  void read(const ParsedJson& json, bool& value) const {
    if (!json.is_boolean()) throw Misfit{"true or false is expected"};
    value = json.get<bool>();
  }
  template <std::integral T>
  void read(const ParsedJson& json, T& value) const {
    if (!json.is_number_integer()) throw Misfit{"a whole number is expected"};
    const bool fits =
        json.is_number_unsigned()
            ? json.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())
            : std::is_signed_v<T> && json.get<std::int64_t>() >=
                                         static_cast<std::int64_t>(std::numeric_limits<T>::min());
    if (!fits) throw Misfit{"a number does not fit"};
    value = json.get<T>();
  }
  void read(const ParsedJson& json, std::string& value) const { value = text(json); }
  void read(const ParsedJson& json, base::Id& value) const {
    const auto id = base::parse_id(text(json));
    if (!id) throw Misfit{"an id is expected"};
    value = *id;
  }
  void read(const ParsedJson& json, base::Timestamp& value) const {
    const auto time = base::parse_timestamp(text(json));
    if (!time) throw Misfit{"a time is expected"};
    value = *time;
  }
  template <class E>
  requires std::is_enum_v<E>
  void read(const ParsedJson& json, E& value) const {
    const std::string name = text(json);
    for (std::size_t i = 0; i < EnumNames<E>::kNames.size(); ++i) {
      if (EnumNames<E>::kNames[i] != name) continue;
      value = static_cast<E>(i);
      return;
    }
    throw Misfit{"there is no \"" + name + "\" here"};
  }
  void read(const ParsedJson& json, Value& value) const;
  template <class T>
  void read(const ParsedJson& json, std::vector<T>& items) const {
    if (!json.is_array()) throw Misfit{"a list is expected"};
    items.clear();
    for (const ParsedJson& item : json) read(item, items.emplace_back());
  }
  template <class T>
  void read(const ParsedJson& json, std::optional<T>& value) const {
    value.reset();
    if (!json.is_null()) read(json, value.emplace());
  }
  // Its only member is a list: it is written as that list.
  void read(const ParsedJson& json, model::Arguments& arguments) const {
    model::Patch writes;
    read(json, writes);
    arguments = model::Arguments(std::move(writes));
  }
  template <Listed T>
  void read(const ParsedJson& json, T& value) const {
    read_members(json, value, {});
  }
  template <Listed T>
  void read_members(const ParsedJson& json, T& value, std::string_view besides) const {
    if (!json.is_object()) throw Misfit{"an object is expected"};
    Members members{*this, json, T::kFieldNames, besides.empty() ? 0u : 1u};
    value.serialize(members);
    if (members.found != json.size()) throw Misfit{"an object has a member that nobody knows"};
  }

 private:
  struct Members {
    const Reader& reader;
    const ParsedJson& json;
    std::string_view names;
    std::size_t found;
    template <class... T>
    void operator()(T&... member) {
      (take(member), ...);
    }
    template <class T>
    void take(T& member) {
      const auto entry = json.find(next_name(names));
      if (entry == json.end()) return;  // stays at its default
      ++found;
      reader.read(*entry, member);
    }
  };

  static std::string text(const ParsedJson& json) {
    if (!json.is_string()) throw Misfit{"a string is expected"};
    return json.get<std::string>();
  }
};

void Reader::read(const ParsedJson& json, Value& value) const {
  if (json.is_null()) {
    value = {};
  } else if (json.is_boolean()) {
    value = json.get<bool>();
  } else if (json.is_string()) {
    value = text(json);
  } else if (json.is_number_integer()) {
    std::int64_t number = 0;
    read(json, number);
    value = number;
  } else if (!json.is_object() || json.size() != 1) {
    throw Misfit{"a value is expected"};
  } else if (json.contains("decimal")) {
    const std::string digits = text(json["decimal"]);
    const std::size_t point = digits.find('.');
    const std::size_t scale = point == std::string::npos ? 0 : digits.size() - point - 1;
    if (scale > model::kScaleMax) throw Misfit{"a decimal has too many digits"};
    const auto decimal = model::parse_decimal(digits, static_cast<std::uint8_t>(scale));
    if (!decimal.ok()) throw Misfit{decimal.error().message};
    value = *decimal;
  } else if (json.contains("id")) {
    base::Id id;
    read(json["id"], id);
    value = id;
  } else if (json.contains("timestamp")) {
    base::Timestamp time;
    read(json["timestamp"], time);
    value = time;
  } else if (json.contains("date")) {
    const auto date = base::parse_date(text(json["date"]));
    if (!date) throw Misfit{"a date is expected"};
    value = *date;
  } else if (json.contains("set")) {
    std::vector<std::string> items;
    read(json["set"], items);
    value = model::make_text_set(std::move(items));
  } else {
    throw Misfit{"a value is expected"};
  }
}

template <std::size_t kIndex = 0>
protocol::ClientMessage read_message(const ParsedJson& json, std::size_t index,
                                     const model::Schema& schema) {
  if constexpr (kIndex < kClientTypes.size()) {
    if (index != kIndex) return read_message<kIndex + 1>(json, index, schema);
    using Message = std::variant_alternative_t<kIndex, protocol::ClientMessage>;
    Message message;
    if constexpr (std::is_same_v<Message, protocol::Hello>) {
      message.protocol = protocol::kProtocolVersion;
      message.schema_hash = schema.hash();
    }
    Reader().read_members(json, message, "type");
    return message;
  } else {
    throw Misfit{"there is no message of this type"};
  }
}

}  // namespace

base::Result<protocol::ClientMessage> client_message_from_json(const model::Schema& schema,
                                                               std::string_view text) {
  SYNC_ASSIGN(const ParsedJson json, parse_object(text));
  const auto type = json.find("type");
  if (type == json.end() || !type->is_string())
    return Error(Code::malformed, "A message has a type.", "type");
  const auto& name = type->get_ref<const std::string&>();
  std::size_t index = 0;
  while (index < kClientTypes.size() && kClientTypes[index] != name) ++index;
  try {
    return read_message(json, index, schema);
  } catch (const Misfit& misfit) {
    return Error(Code::malformed, "In the message " + name + ": " + misfit.what + ".");
  }
}

base::Result<query::Query> query_from_json(std::string_view text) {
  SYNC_ASSIGN(const ParsedJson json, parse_object(text));
  query::Query query;
  try {
    Reader().read(json, query);
  } catch (const Misfit& misfit) {
    return Error(Code::malformed, "In the query: " + misfit.what + ".");
  }
  return query;
}

std::string server_message_to_json(const model::Schema& schema,
                                   const protocol::ServerMessage& message) {
  OutJson out{{"type", kServerTypes[message.index()]}};
  const Writer writer(schema);
  std::visit([&](const auto& which) { out.update(writer.write(which)); }, message);
  return dump(out);
}

}  // namespace syncline::server::api
