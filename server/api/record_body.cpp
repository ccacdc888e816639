#include "server/api/record_body.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "domain/collections.hpp"
#include "syncline/model/utf8.hpp"
#include "syncline/mutation/complaints.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Status;

constexpr std::size_t kPasswordLengthMin = 10;
constexpr std::size_t kPasswordBytesMax = 1'000;

// Ids are ordered by their time of creation, so callers who bring their own bring that kind (API.md).
Status check_new_id(const base::Id& id) {
  if (base::is_id_v7(id)) return {};
  return Error(Code::invalid, "The id of a new record needs to be a UUIDv7.", "id");
}

class BodyParser {
 public:
  BodyParser(const model::Collection& collection, BodyForm form, const base::Id& id)
      : collection_(collection), form_(form), id_(id) {}

  Status take(const std::string& name, const ParsedJson& json) {
    if (name == "id") return take_id(json);
    if (name == "version" && form_ != BodyForm::create) return take_version(json);
    if (name == "password" && collection_.id() == domain::kUsersId) return take_password(json);
    const model::Field* field = collection_.find(name);
    if (field == nullptr) {
      return Error(Code::unknown_field, "There is no field named " + name + ".", name);
    }
    const bool engine_owned = field->spec.read_only || field->spec.id < model::kFirstOwnField;
    if (engine_owned && form_ == BodyForm::replace) return {};
    if (engine_owned)
      return Error(Code::read_only, "This field is written by Syncline itself.", name);
    SYNC_ASSIGN(model::Value value, value_from_json(field->spec, json));
    body_.arguments.set(field->spec.id, std::move(value));
    return {};
  }

  RecordBody finish() && {
    if (form_ == BodyForm::create) return std::move(body_);
    if (form_ == BodyForm::replace) fill_defaults();
    body_.arguments.set(model::kIdField, id_);
    return std::move(body_);
  }

 private:
  Status take_id(const ParsedJson& json) {
    const auto id =
        json.is_string() ? base::parse_id(json.get_ref<const std::string&>()) : std::nullopt;
    if (!id || id->is_nil()) return Error(Code::wrong_type, "This needs to be a UUID.", "id");
    if (form_ == BodyForm::create) {
      SYNC_TRY(check_new_id(*id));
      body_.arguments.set(model::kIdField, *id);
    } else if (!(*id == id_)) {
      return Error(Code::invalid, "This is not the id in the address.", "id");
    }
    return {};
  }

  Status take_version(const ParsedJson& json) {
    if (!json.is_number_unsigned())
      return Error(Code::wrong_type, "This needs to be a whole number.", "version");
    body_.version = json.get<model::Version>();
    return {};
  }

  Status take_password(const ParsedJson& json) {
    if (!json.is_string()) return Error(Code::wrong_type, "This needs to be a string.", "password");
    const std::string& text = json.get_ref<const std::string&>();
    if (model::utf8_length(text) < kPasswordLengthMin || text.size() > kPasswordBytesMax) {
      return Error(Code::out_of_range, "A password has at least 10 characters.", "password");
    }
    body_.password = text;
    return {};
  }

  void fill_defaults() {
    for (const model::Field& field : collection_.fields()) {
      const model::FieldId id = field.spec.id;
      if (id < model::kFirstOwnField || field.spec.read_only || body_.arguments.has(id)) continue;
      body_.arguments.set(id, field.default_value);
    }
  }

  const model::Collection& collection_;
  BodyForm form_;
  base::Id id_;
  RecordBody body_;
};

}  // namespace

Result<RecordBody> parse_record_body(const model::Collection& collection, BodyForm form,
                                     const base::Id& id, const ParsedJson& body) {
  BodyParser parser(collection, form, id);
  mutation::Complaints complaints;
  for (const auto& entry : body.items()) {
    const Status taken = parser.take(entry.key(), entry.value());
    if (!taken.ok()) complaints.add(taken.error());
  }
  if (!complaints.empty()) return std::move(complaints).error();
  return std::move(parser).finish();
}

Result<model::Arguments> parse_arguments(const mutation::MutatorSpec& mutator, const base::Id& id,
                                         const ParsedJson& body) {
  model::Arguments arguments;
  mutation::Complaints complaints;
  if (!id.is_nil()) arguments.set(model::kIdField, id);
  for (const auto& entry : body.items()) {
    const std::string& name = entry.key();
    if (name == "id" && id.is_nil()) {
      const auto given = entry.value().is_string()
                             ? base::parse_id(entry.value().get_ref<const std::string&>())
                             : std::nullopt;
      if (!given) {
        complaints.add(Error(Code::wrong_type, "This needs to be a UUID.", name));
        continue;
      }
      const bool is_new = mutator.generic == mutation::MutatorSpec::Generic::insert;
      const Status fits = is_new ? check_new_id(*given) : Status();
      if (!fits.ok()) complaints.add(fits.error());
      arguments.set(model::kIdField, *given);
      continue;
    }
    const auto spec =
        std::find_if(mutator.arguments.begin(), mutator.arguments.end(),
                     [&name](const model::FieldSpec& argument) { return argument.name == name; });
    if (spec == mutator.arguments.end()) {
      complaints.add(
          Error(Code::unknown_field, mutator.name + " has no argument named " + name + ".", name));
      continue;
    }
    auto value = value_from_json(*spec, entry.value());
    if (value.ok()) {
      arguments.set(spec->id, std::move(value).value());
    } else {
      complaints.add(value.error());
    }
  }
  if (!complaints.empty()) return std::move(complaints).error();
  return arguments;
}

}  // namespace syncline::server::api
