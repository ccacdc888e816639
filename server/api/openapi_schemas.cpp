#include "server/api/openapi_schemas.hpp"

#include <limits>

#include <nlohmann/json.hpp>

#include "domain/collections.hpp"
#include "server/api/names.hpp"

namespace syncline::server::api {
namespace {

using model::FieldSpec;
using model::FieldType;

constexpr std::int64_t kNoMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNoMax = std::numeric_limits<std::int64_t>::max();

OutJson options_of(const FieldSpec& field, bool nullable) {
  OutJson options = OutJson::array();
  for (const std::string_view option : field.options) options.push_back(option);
  if (nullable) options.push_back(nullptr);
  return options;
}

OutJson type_of(std::string_view type, bool nullable) {
  return nullable ? OutJson::array({type, "null"}) : OutJson(type);
}

std::string_view string_format(const FieldSpec& field) {
  switch (field.type) {
    case FieldType::reference: return "uuid";
    case FieldType::timestamp: return "date-time";
    case FieldType::date: return "date";
    default: break;
  }
  switch (field.format) {
    case model::TextFormat::email: return "email";
    case model::TextFormat::url: return "uri";
    default: return {};
  }
}

std::string description_of(const FieldSpec& field) {
  std::string text = label_of(field.name) + ".";
  if (field.unique) text += " Unique.";
  if (field.read_only) text += " Written by Syncline.";
  if (field.type == FieldType::decimal)
    text += " Decimal with " + std::to_string(field.scale) + " places.";
  if (field.policy != model::Policy::reject)
    text += " Concurrent changes: " + std::string(to_string(field.policy)) + ".";
  return text;
}

OutJson object_schema(OutJson properties, OutJson required) {
  OutJson schema{
      {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

bool is_present(const FieldSpec& field) {
  return field.required || field.id == model::kIdField || field.id == model::kVersionField ||
         field.id == model::kCreatedAtField || field.id == model::kUpdatedAtField;
}

OutJson record_schema(const model::Schema& schema, const model::Collection& collection) {
  OutJson properties = OutJson::object();
  for (const model::Field& field : collection.fields()) {
    properties[std::string(field.spec.name)] = field_schema(field.spec, !is_present(field.spec));
  }
  for (const model::Field& field : collection.fields()) {
    const std::string_view include = include_name(field.spec);
    if (include.empty()) continue;
    OutJson target = schema_reference(schema.collection(field.spec.target).spec().type_name);
    properties[std::string(include)] =
        OutJson{{"description", "With ?include=" + std::string(include) +
                                    "; null where there is none to be seen."},
                {"anyOf", OutJson::array({std::move(target), OutJson{{"type", "null"}}})}};
  }
  return object_schema(std::move(properties), OutJson::array({"id", "version"}));
}

OutJson input_schema(const model::Collection& collection, bool create) {
  OutJson properties = OutJson::object();
  OutJson required = OutJson::array();
  if (create) {
    properties["id"] = OutJson{
        {"type", "string"}, {"format", "uuid"}, {"description", "Chosen by the caller: a UUIDv7."}};
  } else {
    properties["version"] =
        OutJson{{"type", "integer"}, {"description", "The version this change is based on."}};
  }
  for (const model::Field& field : collection.fields()) {
    if (field.spec.id < model::kFirstOwnField || field.spec.read_only) continue;
    properties[std::string(field.spec.name)] = field_schema(field.spec, !field.spec.required);
    const bool must = create && field.spec.required && field.spec.default_text.empty();
    if (must) required.push_back(field.spec.name);
  }
  if (collection.id() == domain::kUsersId) {
    properties["password"] = OutJson{{"type", "string"}, {"minLength", 10}, {"writeOnly", true}};
  }
  return object_schema(std::move(properties), std::move(required));
}

OutJson page_schema(std::string_view type_name) {
  return object_schema(
      OutJson{{"data", OutJson{{"type", "array"}, {"items", schema_reference(type_name)}}},
              {"nextCursor", OutJson{{"type", OutJson::array({"string", "null"})}}},
              {"total", OutJson{{"type", "integer"}, {"description", "With count=true."}}}},
      OutJson::array({"data", "nextCursor"}));
}

OutJson text(std::string_view description) {
  return OutJson{{"type", "string"}, {"description", description}};
}

OutJson problem_schema() {
  OutJson codes = OutJson::array();
  std::string meanings;
#define X(name, status, meaning)                            \
  if (std::string_view(#name) != "ok") {                    \
    codes.push_back(#name);                                 \
    meanings += "`" #name "` (" #status "): " meaning "\n"; \
  }
  SYNCLINE_ERROR_CODES(X)
#undef X
  OutJson complaint = OutJson{{"type", "object"},
                              {"properties", OutJson{{"field", text("The field concerned.")},
                                                     {"code", text("As the problem's.")},
                                                     {"message", text("A sentence for people.")}}}};
  return OutJson{
      {"type", "object"},
      {"description", "RFC 9457."},
      {"required", OutJson::array({"type", "title", "status", "detail", "code", "errors"})},
      {"properties",
       OutJson{{"type", OutJson{{"type", "string"}, {"format", "uri"}}},
               {"title", text("What kind of error this is.")},
               {"status", OutJson{{"type", "integer"}}},
               {"detail", text("What happened and what to do.")},
               {"code",
                OutJson{{"type", "string"}, {"enum", std::move(codes)}, {"description", meanings}}},
               {"errors", OutJson{{"type", "array"}, {"items", std::move(complaint)}}},
               {"conflict", OutJson{{"type", "object"},
                                    {"description",
                                     "409: {collection, id, deleted, fields: {name: {base, mine, "
                                     "theirs, by, at}}}"}}}}}};
}

OutJson token_schema() {
  return OutJson{{"type", "object"},
                 {"required", OutJson::array({"accessToken", "expiresIn", "user"})},
                 {"properties",
                  OutJson{{"accessToken", text("A JWT, for Authorization: Bearer.")},
                          {"refreshToken", text("Absent in the cookie form.")},
                          {"expiresIn", OutJson{{"type", "integer"}, {"description", "Seconds."}}},
                          {"user", schema_reference("User")}}}};
}

OutJson mutation_schema(const mutation::Domain& domain) {
  OutJson names = OutJson::array();
  for (const mutation::MutatorSpec& mutator : domain.registry.mutators())
    names.push_back(mutator.name);
  return OutJson{
      {"type", "object"},
      {"additionalProperties", false},
      {"required", OutJson::array({"name"})},
      {"properties",
       OutJson{{"name", OutJson{{"type", "string"}, {"enum", std::move(names)}}},
               {"args", OutJson{{"type", "object"}}},
               {"version", OutJson{{"type", "integer"}, {"description", "The base."}}}}}};
}

OutJson result_schema() {
  return OutJson{
      {"type", "object"},
      {"required", OutJson::array({"version", "result"})},
      {"properties", OutJson{{"version", OutJson{{"type", "integer"}}},
                             {"result", OutJson{{"type", OutJson::array({"object", "array"})}}}}}};
}

OutJson event_schema() {
  OutJson properties = OutJson::object();
  for (const char* name : {"type", "module", "collection", "action"})
    properties[name] = OutJson{{"type", "string"}};
  properties["recordId"] = OutJson{{"type", "string"}, {"format", "uuid"}};
  properties["data"] = OutJson{{"type", "object"}, {"description", "The changed fields."}};
  properties["userId"] = OutJson{{"type", OutJson::array({"string", "null"})}, {"format", "uuid"}};
  properties["timestamp"] = OutJson{{"type", "string"}, {"format", "date-time"}};
  properties["version"] = OutJson{{"type", "integer"}};
  OutJson required = OutJson::array();
  for (const auto& entry : properties.items()) required.push_back(entry.key());
  return OutJson{
      {"type", "object"}, {"required", std::move(required)}, {"properties", std::move(properties)}};
}

}  // namespace

OutJson schema_reference(std::string_view name) {
  return OutJson{{"$ref", "#/components/schemas/" + std::string(name)}};
}

OutJson field_schema(const FieldSpec& field, bool nullable) {
  OutJson schema = OutJson::object();
  switch (field.type) {
    case FieldType::boolean: schema["type"] = type_of("boolean", nullable); break;
    case FieldType::integer:
      schema["type"] = type_of("integer", nullable);
      if (field.min != kNoMin) schema["minimum"] = field.min;
      if (field.max != kNoMax) schema["maximum"] = field.max;
      break;
    case FieldType::enumeration:
      schema["type"] = type_of("string", nullable);
      schema["enum"] = options_of(field, nullable);
      break;
    case FieldType::set: {
      OutJson item{{"type", "string"}};
      if (!field.options.empty()) item["enum"] = options_of(field, false);
      schema["type"] = type_of("array", nullable);
      schema["items"] = std::move(item);
      schema["uniqueItems"] = true;
      if (field.max_length != 0) schema["maxItems"] = field.max_length;
      break;
    }
    case FieldType::decimal:
      schema["type"] = type_of("string", nullable);
      schema["pattern"] = "^-?[0-9]+(\\.[0-9]+)?$";
      break;
    default:
      schema["type"] = type_of("string", nullable);
      if (!string_format(field).empty()) schema["format"] = string_format(field);
      if (field.max_length != 0) schema["maxLength"] = field.max_length;
  }
  schema["description"] = description_of(field);
  return schema;
}

OutJson arguments_schema(const std::vector<FieldSpec>& arguments) {
  OutJson properties{
      {"version", OutJson{{"type", "integer"}, {"description", "The version this is based on."}}}};
  OutJson required = OutJson::array();
  for (const FieldSpec& argument : arguments) {
    properties[std::string(argument.name)] = field_schema(argument, !argument.required);
    if (argument.required && argument.default_text.empty()) required.push_back(argument.name);
  }
  return object_schema(std::move(properties), std::move(required));
}

OutJson openapi_schemas(const mutation::Domain& domain) {
  OutJson schemas = OutJson::object();
  for (const model::Collection& collection : domain.schema.collections()) {
    const std::string name(collection.spec().type_name);
    schemas[name] = record_schema(domain.schema, collection);
    schemas[name + "Insert"] = input_schema(collection, true);
    schemas[name + "Patch"] = input_schema(collection, false);
    schemas[name + "Page"] = page_schema(name);
  }
  schemas["Problem"] = problem_schema();
  schemas["Tokens"] = token_schema();
  schemas["Mutation"] = mutation_schema(domain);
  schemas["MutationResult"] = result_schema();
  schemas["Event"] = event_schema();
  return schemas;
}

}  // namespace syncline::server::api
