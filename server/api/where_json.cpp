#include "server/api/where_json.hpp"

#include <optional>

#include <nlohmann/json.hpp>

#include "syncline/model/validate.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;
using model::FieldType;
using model::Value;
using query::Op;
using query::Predicate;

struct NamedOp {
  std::string_view name;
  Op op;
};
constexpr NamedOp kOps[] = {{"eq", Op::eq},        {"ne", Op::ne},
                            {"lt", Op::lt},        {"lte", Op::lte},
                            {"gt", Op::gt},        {"gte", Op::gte},
                            {"in", Op::in},        {"like", Op::like},
                            {"null", Op::is_null}, {"contains", Op::contains}};

std::optional<Op> find_op(std::string_view name) {
  for (const NamedOp& known : kOps) {
    if (known.name == name) return known.op;
  }
  return std::nullopt;
}

// Text stays text: query::check() gives it the field's type. A day stands for its start where a time is asked for.
Result<Value> operand_from_json(const model::FieldSpec& field, const ParsedJson& json) {
  if (json.is_string()) {
    const std::string& text = json.get_ref<const std::string&>();
    if (field.type == FieldType::timestamp) {
      if (const auto date = base::parse_date(text)) return Value(base::start_of(*date));
    }
    return Value(text);
  }
  if (json.is_boolean()) return Value(json.get<bool>());
  if (json.is_number()) {
    const auto number = model::parse_decimal(json.dump(), model::kScaleMax);
    if (json.is_number_integer() || !number.ok()) return Value(json.dump());
    return Value(*number);
  }
  return Error(Code::malformed, "The condition on " + std::string(field.name) + " needs a value.",
               std::string(field.name));
}

Result<Predicate> set_condition(const model::Field& field, Op op,
                                const std::vector<Value>& values) {
  std::vector<Predicate> any;
  any.reserve(values.size());
  for (const Value& value : values)
    any.push_back(query::compare(field.spec.id, Op::contains, value));
  Predicate found = any.size() == 1 ? std::move(any.front()) : query::any_of(std::move(any));
  return op == Op::ne ? query::negate(std::move(found)) : found;
}

Result<std::vector<Predicate>> children_from_json(const model::Schema& schema,
                                                  const model::Collection& collection,
                                                  const ParsedJson& json) {
  if (!json.is_array())
    return Error(Code::malformed, "A group of conditions is an array.", "where");
  std::vector<Predicate> children;
  for (const ParsedJson& child : json) {
    SYNC_ASSIGN(Predicate condition, where_from_json(schema, collection, child));
    children.push_back(std::move(condition));
  }
  return children;
}

// {"field": "companyId", "where": {…}} or {"collection": "crm.deals", "field": "companyId", "where": {…}}
Result<Predicate> exists_from_json(const model::Schema& schema, const model::Collection& collection,
                                   const ParsedJson& json) {
  const auto text = [&json](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!json.is_object() || text("field").empty()) {
    return Error(Code::malformed, "exists is {\"field\", \"collection\", \"where\"}.", "where");
  }
  for (const auto& entry : json.items()) {
    if (entry.key() != "field" && entry.key() != "collection" && entry.key() != "where")
      return Error(Code::unknown_parameter, "exists knows no " + entry.key() + ".", "where");
  }
  const model::Collection* holder = &collection;
  if (json.contains("collection")) {
    holder = schema.find(text("collection"));
    if (holder == nullptr) {
      return Error(Code::unknown_parameter,
                   "There is no collection named " + text("collection") + ".", "where");
    }
  }
  const model::Field* field = holder->find(text("field"));
  if (field == nullptr || field->spec.type != FieldType::reference) {
    return Error(Code::unknown_parameter, "There is no reference named " + text("field") + ".",
                 text("field"));
  }
  const bool backward = json.contains("collection");
  Predicate inner = query::always();
  if (json.contains("where")) {
    SYNC_ASSIGN(inner,
                where_from_json(schema, backward ? *holder : schema.collection(field->spec.target),
                                json["where"]));
  }
  return query::exists_in(backward ? holder->id() : model::kNoCollection, field->spec.id,
                          std::move(inner));
}

Result<Predicate> comparison_from_json(const model::Collection& collection,
                                       const ParsedJson& json) {
  for (const auto& entry : json.items()) {
    if (entry.key() != "field" && entry.key() != "op" && entry.key() != "value") {
      return Error(Code::unknown_parameter, "where knows no " + entry.key() + ".", "where");
    }
  }
  const auto name = json.find("field");
  const auto op = json.find("op");
  const auto value = json.find("value");
  if (name == json.end() || !name->is_string() || value == json.end() ||
      (op != json.end() && !op->is_string())) {
    return Error(Code::malformed, "A condition is {\"field\", \"op\", \"value\"}.", "where");
  }
  const model::Field* field = collection.find(name->get_ref<const std::string&>());
  if (field == nullptr) {
    const std::string text = name->get<std::string>();
    return Error(Code::unknown_parameter, "There is no field named " + text + ".", text);
  }
  return make_condition(*field, op == json.end() ? "eq" : op->get_ref<const std::string&>(),
                        *value);
}

}  // namespace

Result<Predicate> make_condition(const model::Field& field, std::string_view name,
                                 const ParsedJson& operand) {
  const std::optional<Op> op = find_op(name);
  if (!op) {
    return Error(Code::unknown_parameter, "There is no comparison named " + std::string(name) + ".",
                 std::string(field.spec.name));
  }
  if (*op == Op::is_null) {
    if (!operand.is_boolean())
      return Error(Code::malformed, "null takes true or false.", std::string(field.spec.name));
    return query::is_null(field.spec.id, operand.get<bool>());
  }
  std::vector<Value> values;
  const bool is_list = *op == Op::in;
  if (is_list && !operand.is_array()) {
    return Error(Code::malformed, "in takes a list.", std::string(field.spec.name));
  }
  for (const ParsedJson& item : is_list ? operand : ParsedJson::array({operand})) {
    SYNC_ASSIGN(Value value, operand_from_json(field.spec, item));
    values.push_back(std::move(value));
  }
  const bool of_items = *op == Op::eq || *op == Op::ne || *op == Op::in;
  if (field.spec.type == FieldType::set && of_items) return set_condition(field, *op, values);
  if (is_list) return query::in(field.spec.id, std::move(values));
  return query::compare(field.spec.id, *op, std::move(values.front()));
}

Result<Predicate> where_from_json(const model::Schema& schema, const model::Collection& collection,
                                  const ParsedJson& json) {
  if (!json.is_object()) return Error(Code::malformed, "A condition is a JSON object.", "where");
  if (json.size() == 1 && json.contains("not")) {
    SYNC_ASSIGN(Predicate child, where_from_json(schema, collection, json["not"]));
    return query::negate(std::move(child));
  }
  if (json.size() == 1 && json.contains("exists"))
    return exists_from_json(schema, collection, json["exists"]);
  if (json.size() == 1 && (json.contains("all_of") || json.contains("any_of"))) {
    const bool all = json.contains("all_of");
    SYNC_ASSIGN(std::vector<Predicate> children,
                children_from_json(schema, collection, json[all ? "all_of" : "any_of"]));
    return all ? query::all_of(std::move(children)) : query::any_of(std::move(children));
  }
  return comparison_from_json(collection, json);
}

}  // namespace syncline::server::api
