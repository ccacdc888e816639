#include "server/api/schema_metadata.hpp"

#include <iterator>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "server/api/names.hpp"

namespace syncline::server::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<mutation::Right, std::string_view> kRightNames[] = {
    {mutation::Right::read, "read"},     {mutation::Right::create, "create"},
    {mutation::Right::update, "update"}, {mutation::Right::remove, "remove"},
    {mutation::Right::act, "act"},
};
static_assert(std::size(kRightNames) == mutation::kRightCount);

Json bound(std::int64_t value) {
  const bool open = value == std::numeric_limits<std::int64_t>::min() ||
                    value == std::numeric_limits<std::int64_t>::max();
  return open ? Json(nullptr) : Json(value);
}

Json options_of(const model::FieldSpec& field) {
  Json options = Json::array();
  for (const std::string_view option : field.options) options.push_back(option);
  return options;
}

// What becomes of a record when the one it refers to is deleted; a required reference cannot be emptied, so it holds too.
std::string_view fate_of(const model::FieldSpec& reference) {
  if (reference.on_delete == model::OnDelete::cascade) return "deleted";
  const bool emptied = reference.on_delete == model::OnDelete::set_null && !reference.required;
  return emptied ? "emptied" : "refused";
}

Json field_metadata(const model::Schema& schema, const model::FieldSpec& field, int slot) {
  const model::Collection* target =
      field.type == model::FieldType::reference ? schema.find(field.target) : nullptr;
  return Json{
      {"id", field.id},
      {"name", field.name},
      {"type", to_string(field.type)},
      {"slot", slot},
      {"format", to_string(field.format)},
      {"required", field.required},
      {"unique", field.unique},
      {"readOnly", field.read_only || field.id < model::kFirstOwnField},
      {"scale", field.scale},
      {"maxLength", field.max_length},
      {"min", bound(field.min)},
      {"max", bound(field.max)},
      {"options", options_of(field)},
      {"target", target == nullptr ? Json(nullptr) : Json(target->name())},
      {"whenTargetDeleted", target == nullptr ? Json(nullptr) : Json(fate_of(field))},
      {"policy", to_string(field.policy)},
      {"defaultText", field.default_text.empty() ? Json(nullptr) : Json(field.default_text)}};
}

// By role: what it may do here at all. Which rows that holds for, the engine decides.
Json rights_metadata(const mutation::AccessRules& access, model::CollectionId collection) {
  Json rights = Json::object();
  for (std::size_t i = 0; i + 1 < mutation::kRoleCount; ++i) {
    const auto role = static_cast<mutation::Role>(i);
    Json allowed = Json::array();
    for (const auto& [right, name] : kRightNames) {
      if (access.may({{}, role}, collection, right)) allowed.push_back(name);
    }
    rights[std::string(mutation::to_string(role))] = std::move(allowed);
  }
  return rights;
}

Json collection_metadata(const mutation::Domain& domain, const model::Collection& collection) {
  const model::Schema& schema = domain.schema;
  const model::CollectionSpec& spec = collection.spec();
  Json fields = Json::array();
  for (const model::Field& field : collection.fields()) {
    const int slot = field.slot == model::kNoSlot ? -1 : field.slot;
    fields.push_back(field_metadata(schema, field.spec, slot));
  }
  return Json{{"id", spec.id},
              {"module", spec.module},
              {"name", spec.name},
              {"key", camel_case(spec.name)},
              {"singular", spec.singular},
              {"typeName", spec.type_name},
              {"apiPath", spec.api_path},
              {"titleField", collection.field(spec.title_field).spec.name},
              {"slotCount", collection.slot_count()},
              {"rights", rights_metadata(domain.access, spec.id)},
              {"fields", std::move(fields)}};
}

Json mutator_metadata(const model::Schema& schema, const mutation::MutatorSpec& mutator) {
  Json arguments = Json::array();
  for (const model::FieldSpec& argument : mutator.arguments) {
    arguments.push_back(field_metadata(schema, argument, -1));
  }
  return Json{{"name", mutator.name},
              {"collection", schema.collection(mutator.collection).name()},
              {"action", mutator.action},
              {"onRecord", mutator.on_record},
              {"onlineOnly", mutator.online_only},
              {"arguments", std::move(arguments)}};
}

}  // namespace

Json schema_metadata(const mutation::Domain& domain) {
  const model::Schema& schema = domain.schema;
  Json collections = Json::array();
  for (const model::Collection& collection : schema.collections()) {
    collections.push_back(collection_metadata(domain, collection));
  }
  Json mutators = Json::array();
  for (const mutation::MutatorSpec& mutator : domain.registry.mutators()) {
    mutators.push_back(mutator_metadata(schema, mutator));
  }
  Json roles = Json::array();
  for (std::size_t i = 0; i + 1 < mutation::kRoleCount; ++i) {
    roles.push_back(mutation::to_string(static_cast<mutation::Role>(i)));
  }
  Json codes = Json::array();
#define X(name, status, meaning) codes.push_back(#name);
  SYNCLINE_ERROR_CODES(X)
#undef X
  return Json{{"hash", std::to_string(schema.hash())},
              {"collections", std::move(collections)},
              {"mutators", std::move(mutators)},
              {"roles", std::move(roles)},
              {"errorCodes", std::move(codes)}};
}

}  // namespace syncline::server::api
