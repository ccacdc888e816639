#include "server/app/import/mapping.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "syncline/model/validate.hpp"

namespace syncline::server::app::import {
namespace {

using Json = nlohmann::json;

base::Error at_place(const std::string& place, const base::Error& error) {
  return {error.code, place + ": " + error.message};
}
base::Error broken(const std::string& place, std::string_view why) {
  return {base::Code::malformed, place + ": " + std::string(why) + "."};
}

// One JSON object being read: every key must be asked for, what nobody asked for is an error.
class Object {
 public:
  Object(const Json& json, std::string place) : json_(json), place_(std::move(place)) {}

  [[nodiscard]] const std::string& place() const { return place_; }
  [[nodiscard]] std::string place_of(const char* key) const { return place_ + "." + key; }

  const Json* find(const char* key) {
    asked_.insert(key);
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  base::Result<std::string> text(const char* key) {
    const Json* value = find(key);
    if (value == nullptr) return std::string();
    if (!value->is_string()) return broken(place_of(key), "text is expected");
    return value->get<std::string>();
  }
  base::Result<std::string> required_text(const char* key) {
    SYNC_ASSIGN(std::string value, text(key));
    if (value.empty()) return broken(place_of(key), "this is missing");
    return value;
  }
  base::Result<bool> flag(const char* key) {
    const Json* value = find(key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) return broken(place_of(key), "true or false is expected");
    return value->get<bool>();
  }
  base::Result<char> character(const char* key, char otherwise) {
    SYNC_ASSIGN(const std::string value, text(key));
    if (value.size() > 1) return broken(place_of(key), "one character is expected");
    return value.empty() ? otherwise : value.front();
  }
  base::Result<Words> words(const char* key) {
    Words words;
    const Json* value = find(key);
    if (value == nullptr) return words;
    if (!value->is_object()) return broken(place_of(key), "an object of texts is expected");
    for (const auto& [from, to] : value->items()) {
      if (!to.is_string()) return broken(place_of(key) + "." + from, "text is expected");
      words.emplace(from, to.get<std::string>());
    }
    return words;
  }
  base::Status end() const {
    for (const auto& [key, value] : json_.items()) {
      if (asked_.count(key) == 0) return broken(place_ + "." + key, "nobody knows this");
    }
    return {};
  }

 private:
  const Json& json_;
  const std::string place_;
  std::set<std::string, std::less<>> asked_;
};

base::Result<const model::FieldSpec*> find_field(const model::Collection& collection,
                                                 const std::string& name,
                                                 const std::string& place) {
  const model::Field* field = collection.find(name);
  if (field == nullptr || field->slot == model::kNoSlot) {
    return base::Error{base::Code::unknown_field, place + ": " + std::string(collection.name()) +
                                                      " has no field " + name + "."};
  }
  return &field->spec;
}

base::Result<Otherwise> read_otherwise(Object& object, const char* key, Otherwise otherwise) {
  SYNC_ASSIGN(const std::string word, object.text(key));
  const bool on_misfit = std::string_view(key) == "onMisfit";
  if (word.empty()) return otherwise;
  if (word == "null" && !on_misfit) return Otherwise::null;
  if (word == "warn") return Otherwise::warn;
  if (word == "skip") return Otherwise::skip;
  if (word == "fail") return Otherwise::fail;
  return broken(object.place_of(key), on_misfit ? "warn, skip or fail is expected"
                                                : "null, warn, skip or fail is expected");
}

base::Result<std::optional<NumberFormat>> read_number(Object& rule) {
  const Json* json = rule.find("number");
  if (json == nullptr) return std::optional<NumberFormat>();
  if (!json->is_object()) return broken(rule.place_of("number"), "an object is expected");
  Object object(*json, rule.place_of("number"));
  NumberFormat format;
  SYNC_ASSIGN(format.decimal_point, object.character("decimal", '.'));
  SYNC_ASSIGN(format.group, object.text("group"));
  if (const Json* times = object.find("times")) {
    if (!times->is_number_integer()) {
      return broken(object.place_of("times"), "a whole number is expected");
    }
    format.times = times->get<std::int64_t>();
  }
  SYNC_TRY(object.end());
  return std::optional(format);
}

base::Result<model::Patch> read_constants(const model::Collection& collection, Object& lookup) {
  SYNC_ASSIGN(const Words constants, lookup.words("createWith"));
  model::Patch patch;
  for (const auto& [name, text] : constants) {
    const std::string place = lookup.place_of("createWith") + "." + name;
    SYNC_ASSIGN(const model::FieldSpec* field, find_field(collection, name, place));
    auto value = model::parse_value(*field, text);
    if (!value.ok()) return at_place(place, value.error());
    patch.push_back({field->id, model::WriteKind::assign, std::move(value).value()});
  }
  return patch;
}

base::Result<std::optional<Lookup>> read_lookup(const model::Schema& schema,
                                                const model::FieldSpec& field, Object& rule) {
  const Json* json = rule.find("lookup");
  if (json == nullptr) return std::optional<Lookup>();
  if (field.type != model::FieldType::reference || field.target == model::kNoCollection) {
    return broken(rule.place_of("lookup"), "only a field that refers to a record has one");
  }
  if (!json->is_object()) return broken(rule.place_of("lookup"), "an object is expected");
  Object object(*json, rule.place_of("lookup"));
  Lookup lookup;
  lookup.target = &schema.collection(field.target);
  SYNC_ASSIGN(const std::string by, object.required_text("by"));
  SYNC_ASSIGN(lookup.by, find_field(*lookup.target, by, object.place_of("by")));
  SYNC_ASSIGN(lookup.create, object.flag("create"));
  SYNC_ASSIGN(lookup.constants, read_constants(*lookup.target, object));
  SYNC_TRY(object.end());
  return std::optional(std::move(lookup));
}

// Exactly one of column, text and constant says where the value comes from.
base::Result<TextTemplate> read_source(Object& rule) {
  SYNC_ASSIGN(std::string column, rule.text("column"));
  SYNC_ASSIGN(const std::string text, rule.text("text"));
  SYNC_ASSIGN(std::string constant, rule.text("constant"));
  const int given = (column.empty() ? 0 : 1) + (text.empty() ? 0 : 1) + (constant.empty() ? 0 : 1);
  if (given != 1) return broken(rule.place(), "one of column, text and constant is expected");
  if (!column.empty()) return TextTemplate::of_column(std::move(column));
  if (!constant.empty()) return TextTemplate::of_constant(std::move(constant));
  auto parsed = TextTemplate::parse(text);
  if (!parsed.ok()) return at_place(rule.place_of("text"), parsed.error());
  return parsed;
}

base::Result<FieldRule> read_rule(const model::Schema& schema, const model::FieldSpec& field,
                                  const Json& json, const std::string& place) {
  FieldRule rule;
  rule.field = &field;
  if (json.is_string() && !json.get_ref<const std::string&>().empty()) {
    rule.text = TextTemplate::of_column(json.get<std::string>());
    return rule;
  }
  if (!json.is_object()) return broken(place, "a column's name or an object is expected");
  Object object(json, place);
  SYNC_ASSIGN(rule.text, read_source(object));
  SYNC_ASSIGN(const std::string format, object.text("date"));
  if (!format.empty()) {
    auto pattern = DatePattern::parse(format);
    if (!pattern.ok()) return at_place(object.place_of("date"), pattern.error());
    rule.date = std::move(pattern).value();
  }
  SYNC_ASSIGN(rule.number, read_number(object));
  if (object.find("values") != nullptr) {
    SYNC_ASSIGN(rule.values, object.words("values"));
  }
  SYNC_ASSIGN(rule.lookup, read_lookup(schema, field, object));
  SYNC_ASSIGN(rule.keep, object.flag("keep"));
  SYNC_ASSIGN(rule.on_empty, read_otherwise(object, "onEmpty", rule.on_empty));
  SYNC_ASSIGN(rule.on_misfit, read_otherwise(object, "onMisfit", rule.on_misfit));
  SYNC_TRY(object.end());
  return rule;
}

base::Status read_fields(const model::Schema& schema, Object& object, Step& step) {
  const Json* fields = object.find("fields");
  const std::string place = object.place_of("fields");
  if (fields == nullptr || !fields->is_object()) return broken(place, "an object is expected");
  for (const auto& [name, json] : fields->items()) {
    std::string here = place;
    here.append(".").append(name);
    SYNC_ASSIGN(const model::FieldSpec* field, find_field(*step.collection, name, here));
    SYNC_ASSIGN(FieldRule rule, read_rule(schema, *field, json, here));
    step.fields.push_back(std::move(rule));
  }
  return {};
}

base::Status read_corrections(Object& object, Step& step) {
  const Json* columns = object.find("corrections");
  if (columns == nullptr) return {};
  const std::string place = object.place_of("corrections");
  if (!columns->is_object()) return broken(place, "an object of columns is expected");
  Object by_column(*columns, place);
  for (const auto& [column, json] : columns->items()) {
    SYNC_ASSIGN(step.corrections[column], by_column.words(column.c_str()));
  }
  return {};
}

base::Status read_nulls(Object& object, Step& step) {
  const Json* nulls = object.find("nulls");
  if (nulls == nullptr) return {};
  const std::string place = object.place_of("nulls");
  if (!nulls->is_array()) return broken(place, "a list of texts is expected");
  for (const Json& text : *nulls) {
    if (!text.is_string()) return broken(place, "a list of texts is expected");
    step.nulls.insert(text.get<std::string>());
  }
  return {};
}

base::Status read_key(Object& object, Step& step) {
  SYNC_ASSIGN(const std::string name, object.required_text("key"));
  SYNC_ASSIGN(step.key, find_field(*step.collection, name, object.place_of("key")));
  const bool mapped = std::any_of(step.fields.begin(), step.fields.end(),
                                  [&](const auto& rule) { return rule.field == step.key; });
  if (!mapped) return broken(object.place_of("key"), "the key is one of the fields");
  return {};
}

base::Result<Step> read_step(const model::Schema& schema, const Json& json,
                             const std::string& place) {
  if (!json.is_object()) return broken(place, "an object is expected");
  Object object(json, place);
  Step step;
  SYNC_ASSIGN(step.title, object.text("title"));
  SYNC_ASSIGN(step.file, object.text("file"));
  SYNC_ASSIGN(step.delimiter, object.character("delimiter", ','));
  SYNC_ASSIGN(const std::string collection, object.required_text("collection"));
  step.collection = schema.find(collection);
  if (step.collection == nullptr) {
    return base::Error{base::Code::unknown_collection,
                       object.place_of("collection") + ": there is no " + collection + "."};
  }
  SYNC_TRY(read_fields(schema, object, step));
  SYNC_TRY(read_key(object, step));
  SYNC_ASSIGN(step.distinct, object.flag("distinct"));
  SYNC_TRY(read_nulls(object, step));
  SYNC_TRY(read_corrections(object, step));
  SYNC_TRY(object.end());
  if (step.title.empty()) {
    step.title =
        (step.file.empty() ? "" : step.file + " → ") + std::string(step.collection->name());
  }
  return step;
}

}  // namespace

std::vector<std::string> Step::columns() const {
  std::vector<std::string> names;
  for (const FieldRule& rule : fields) {
    for (std::string& column : rule.text.columns()) names.push_back(std::move(column));
  }
  for (const auto& [column, words] : corrections) names.push_back(column);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

base::Result<Mapping> parse_mapping(const model::Schema& schema, std::string_view json) {
  Json root;
  try {
    root = Json::parse(json);
  } catch (const Json::exception& error) {
    return base::Error{base::Code::malformed,
                       "The mapping is no JSON: " + std::string(error.what())};
  }
  if (!root.is_object()) return broken("the mapping", "an object is expected");
  Object object(root, "the mapping");
  const Json* steps = object.find("steps");
  if (steps == nullptr || !steps->is_array() || steps->empty()) {
    return broken("steps", "a list with at least one step is expected");
  }
  SYNC_TRY(object.end());
  Mapping mapping;
  for (std::size_t i = 0; i < steps->size(); ++i) {
    SYNC_ASSIGN(Step step, read_step(schema, (*steps)[i], "steps[" + std::to_string(i) + "]"));
    mapping.steps.push_back(std::move(step));
  }
  return mapping;
}

}  // namespace syncline::server::app::import
