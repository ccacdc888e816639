#include "server/api/query_parameters.hpp"

#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "server/api/json.hpp"
#include "server/api/where_json.hpp"
#include "syncline/query/canonical.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Status;
using model::Collection;
using model::Field;

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (comma != 0) items.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return items;
}

Error unknown(std::string_view what, std::string_view name) {
  return {Code::unknown_parameter,
          "There is no " + std::string(what) + " named " + std::string(name) + ".",
          std::string(name)};
}

Result<const Field*> find_field(const Collection& collection, std::string_view name) {
  const Field* field = collection.find(name);
  if (field != nullptr) return field;
  return unknown("field", name);
}

class ListParser {
 public:
  ListParser(const model::Schema& schema, const Collection& collection)
      : schema_(schema), collection_(collection) {
    list_.query.collection = collection.id();
    list_.query.limit = kPageRowsDefault;
  }

  Status parse_parameter(const std::string& name, const std::string& value) {
    if (name == "sort") return parse_sort(value);
    if (name == "limit") return parse_limit(value);
    if (name == "count") return parse_count(value);
    if (name == "where") return parse_where(value);
    if (name == "cursor") {
      cursor_ = value;
      return {};
    }
    if (name == "fields" || name == "include") return parse_view_parameter(name, value);
    return parse_filter(name, value);
  }

  Status parse_view_parameter(const std::string& name, const std::string& value) {
    if (name == "fields") return parse_fields(value);
    if (name == "include") return parse_include(value);
    return unknown("parameter", name);
  }

  Result<ListRequest> finish(const query::Predicate& scope) && {
    if (scope.kind != query::Predicate::Kind::always) conditions_.push_back(scope);
    if (!conditions_.empty()) list_.query.where = query::all_of(std::move(conditions_));
    SYNC_TRY(check());
    query::Query identity = list_.query;
    identity.limit = 0;
    identity.includes.clear();
    list_.hash = query::hash(query::canonical(schema_, std::move(identity)));
    if (cursor_) {
      SYNC_TRY(parse_cursor(*cursor_));
      SYNC_TRY(check());
    }
    return std::move(list_);
  }

 private:
  // A parameter that does not fit is the caller's mistake in the address, not in a record: 400.
  Status check() {
    auto checked = query::check(schema_, std::move(list_.query));
    if (!checked.ok()) {
      Error error = checked.error();
      if (error.code == Code::wrong_type || error.code == Code::unknown_field)
        error.code = Code::malformed;
      return error;
    }
    list_.query = std::move(checked).value();
    return {};
  }

  // "value[gte]" → value, gte; "status" → status, eq
  Status parse_filter(const std::string& name, const std::string& text) {
    const std::size_t bracket = name.find('[');
    if (bracket == std::string::npos && collection_.find(name) == nullptr)
      return unknown("parameter", name);
    SYNC_ASSIGN(const Field* field,
                find_field(collection_, std::string_view(name).substr(0, bracket)));
    std::string_view op = "eq";
    if (bracket != std::string::npos) {
      op = std::string_view(name).substr(bracket + 1);
      if (op.empty() || op.back() != ']') return unknown("parameter", name);
      op.remove_suffix(1);
    }
    ParsedJson operand = text;
    if (op == "in") {
      operand = ParsedJson::array();
      for (const std::string_view item : split_list(text)) operand.push_back(item);
    } else if (op == "null") {
      if (text != "true" && text != "false")
        return Error(Code::malformed, "null takes true or false.", name);
      operand = text == "true";
    }
    SYNC_ASSIGN(query::Predicate condition, make_condition(*field, op, operand));
    conditions_.push_back(std::move(condition));
    return {};
  }

  Status parse_where(const std::string& text) {
    auto json = parse_json(text);
    if (!json.ok()) return Error(Code::malformed, "where is no valid JSON.", "where");
    SYNC_ASSIGN(query::Predicate condition, where_from_json(schema_, collection_, *json));
    conditions_.push_back(std::move(condition));
    return {};
  }

  Status parse_sort(const std::string& text) {
    for (std::string_view name : split_list(text)) {
      model::OrderTerm term;
      term.descending = name.front() == '-';
      if (term.descending) name.remove_prefix(1);
      if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
        const std::string_view nulls = name.substr(colon + 1);
        if (nulls != "nulls_first" && nulls != "nulls_last") return unknown("place", nulls);
        term.nulls = nulls == "nulls_first" ? model::Nulls::first : model::Nulls::last;
        name = name.substr(0, colon);
      }
      SYNC_ASSIGN(const Field* field, find_field(collection_, name));
      term.field = field->spec.id;
      list_.query.order.push_back(term);
    }
    if (list_.query.order.empty()) return Error(Code::malformed, "sort names no field.", "sort");
    return {};
  }

  Status parse_limit(const std::string& text) {
    SYNC_ASSIGN(list_.query.limit,
                number_parameter({{"limit", text}}, "limit", kPageRowsDefault, kPageRowsMax));
    return {};
  }

  Status parse_count(const std::string& text) {
    if (text != "true" && text != "false")
      return Error(Code::malformed, "count takes true or false.", "count");
    list_.count = text == "true";
    return {};
  }

  Status parse_fields(const std::string& text) {
    for (const std::string_view name : split_list(text)) {
      SYNC_ASSIGN(const Field* field, find_field(collection_, name));
      list_.selected.push_back(field->spec.id);
    }
    if (list_.selected.empty()) return Error(Code::malformed, "fields names no field.", "fields");
    return {};
  }

  Status parse_include(const std::string& text) {
    for (const std::string_view name : split_list(text)) {
      const Field* field = collection_.find(std::string(name) + "Id");
      if (field == nullptr || field->spec.type != model::FieldType::reference)
        return unknown("reference", name);
      query::Include include;
      include.via = field->spec.id;
      list_.query.includes.push_back(include);
    }
    if (list_.query.includes.empty())
      return Error(Code::malformed, "include names no reference.", "include");
    return {};
  }

  Status parse_cursor(const std::string& text) {
    const Error broken(Code::malformed,
                       "This cursor belongs to another list. Start again without it.", "cursor");
    auto bytes = base64url_decode(text);
    if (!bytes.ok()) return broken;
    const auto json = parse_json(*bytes);
    const model::Order& order = list_.query.order;
    const bool shaped = json.ok() && json->is_array() && json->size() == order.size() + 2 &&
                        (*json)[0].is_number_unsigned() && (*json)[1].is_string();
    if (!shaped || (*json)[0].get<std::uint64_t>() != list_.hash) return broken;
    const auto id = base::parse_id((*json)[1].get_ref<const std::string&>());
    if (!id) return broken;
    model::OrderKey key;
    key.id = *id;
    for (std::size_t i = 0; i < order.size(); ++i) {
      auto value = value_from_json(collection_.field(order[i].field).spec, (*json)[i + 2]);
      if (!value.ok()) return broken;
      key.values.push_back(std::move(value).value());
    }
    list_.query.after = std::move(key);
    return {};
  }

  const model::Schema& schema_;
  const Collection& collection_;
  ListRequest list_;
  std::vector<query::Predicate> conditions_;
  std::optional<std::string> cursor_;
};

}  // namespace

Result<ListRequest> parse_list(const model::Schema& schema, const Collection& collection,
                               const Parameters& parameters, const query::Predicate& scope) {
  ListParser parser(schema, collection);
  for (const auto& parameter : parameters)
    SYNC_TRY(parser.parse_parameter(parameter.first, parameter.second));
  return std::move(parser).finish(scope);
}

Result<ListRequest> parse_view(const model::Schema& schema, const Collection& collection,
                               const Parameters& parameters) {
  ListParser parser(schema, collection);
  for (const auto& parameter : parameters)
    SYNC_TRY(parser.parse_view_parameter(parameter.first, parameter.second));
  return std::move(parser).finish(query::always());
}

std::string make_cursor(const ListRequest& list, const model::Record& last) {
  const model::OrderKey key = model::key_of(list.query.order, last);
  OutJson json = OutJson::array({list.hash, base::to_string(key.id)});
  for (std::size_t i = 0; i < key.values.size(); ++i) {
    json.push_back(
        value_to_json(last.collection().field(list.query.order[i].field).spec, key.values[i]));
  }
  return base64url_encode(dump(json));
}

Result<std::uint32_t> number_parameter(const Parameters& parameters, std::string_view name,
                                       std::uint32_t fallback, std::uint32_t most) {
  for (const auto& [key, text] : parameters) {
    if (key != name) continue;
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || number == 0 || number > most) {
      return Error(Code::malformed,
                   key + " takes a whole number from 1 to " + std::to_string(most) + ".", key);
    }
    return number;
  }
  return fallback;
}

}  // namespace syncline::server::api
