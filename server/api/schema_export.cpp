#include "server/api/schema_export.hpp"

#include <nlohmann/json.hpp>

#include "server/api/names.hpp"
#include "server/api/schema_metadata.hpp"

namespace syncline::server::api {
namespace {

using Json = nlohmann::ordered_json;
using model::FieldSpec;
using model::FieldType;

// Names and options are plain words: nothing to escape.
std::string literal(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string option_union(const FieldSpec& field) {
  std::string out;
  for (const std::string_view option : field.options) {
    if (!out.empty()) out += " | ";
    out += literal(option);
  }
  return out;
}

// The type of a value that is there.
std::string type_of(const FieldSpec& field) {
  switch (field.type) {
    case FieldType::boolean: return "boolean";
    case FieldType::integer:
    case FieldType::decimal:
    case FieldType::timestamp: return "number";
    case FieldType::enumeration: return option_union(field);
    case FieldType::set:
      return field.options.empty() ? "readonly string[]"
                                   : "readonly (" + option_union(field) + ")[]";
    case FieldType::text:
    case FieldType::long_text:
    case FieldType::reference:
    case FieldType::date: break;
  }
  return "string";
}

bool always_there(const FieldSpec& field) {
  return field.required || field.id == model::kIdField || field.id == model::kVersionField ||
         field.id == model::kCreatedAtField || field.id == model::kUpdatedAtField;
}

void write_row(std::string& out, const model::Schema& schema, const model::Collection& collection) {
  out += "export interface " + std::string(collection.spec().type_name) + " {\n";
  for (const model::Field& field : collection.fields()) {
    out += "  readonly " + std::string(field.spec.name) + ": " + type_of(field.spec) +
           (always_there(field.spec) ? ";\n" : " | null;\n");
  }
  out += "  /** Carries a change that the server has not confirmed yet. */\n";
  out += "  readonly $pending: boolean;\n";
  for (const model::Field& field : collection.fields()) {
    const std::string_view include = include_name(field.spec);
    if (include.empty()) continue;
    out += "  readonly " + std::string(include) +
           "?: " + std::string(schema.collection(field.spec.target).spec().type_name) +
           " | null;\n";
  }
  out += "}\n";
}

// One writable field: `?` unless it must be given.
std::string field_of(const FieldSpec& field, bool must) {
  return "readonly " + std::string(field.name) + (must ? ": " : "?: ") + type_of(field) +
         (field.required ? ";" : " | null;");
}

void write_inputs(std::string& out, const model::Collection& collection) {
  const std::string name(collection.spec().type_name);
  std::string insert = "export interface " + name + "Insert {\n  readonly id?: string;\n";
  std::string patch = "export interface " + name + "Patch {\n";
  for (const model::Field& field : collection.fields()) {
    if (field.spec.id < model::kFirstOwnField || field.spec.read_only) continue;
    const bool must = field.spec.required && field.spec.default_text.empty();
    insert += "  " + field_of(field.spec, must) + "\n";
    patch += "  " + field_of(field.spec, false) + "\n";
  }
  out += insert + "}\n" + patch + "}\n\n";
}

std::string include_union(const model::Collection& collection) {
  std::string out;
  for (const model::Field& field : collection.fields()) {
    const std::string_view include = include_name(field.spec);
    if (include.empty()) continue;
    if (!out.empty()) out += " | ";
    out += literal(include);
  }
  return out.empty() ? "never" : out;
}

void write_collection_map(std::string& out, const model::Schema& schema) {
  out += "/** By the key under which the database offers a collection: db.leadSources. */\n";
  out += "export interface Collections {\n";
  for (const model::Collection& collection : schema.collections()) {
    const std::string name(collection.spec().type_name);
    out.append("  readonly ").append(camel_case(collection.name()));
    out.append(": { readonly row: ").append(name);
    out.append("; readonly insert: ").append(name);
    out.append("Insert; readonly patch: ").append(name);
    out.append("Patch; readonly include: ").append(include_union(collection)).append(" };\n");
  }
  out += "}\n\n";
}

void write_actions(std::string& out, const mutation::Domain& domain) {
  out += "/** Domain actions by name. */\n";
  out += "export interface Mutators {\n";
  for (const mutation::MutatorSpec& mutator : domain.registry.mutators()) {
    if (mutator.generic != mutation::MutatorSpec::Generic::none) continue;
    std::string fields = mutator.on_record ? "readonly id: string; " : "";
    for (const FieldSpec& argument : mutator.arguments) {
      fields += field_of(argument, argument.required && argument.default_text.empty()) + " ";
    }
    out += "  readonly " + literal(mutator.name) + ": { readonly args: { " + fields + "} };\n";
  }
  out += "}\n\n";
}

}  // namespace

std::string schema_json(const mutation::Domain& domain) {
  return schema_metadata(domain).dump(2) + "\n";
}

std::string schema_typescript(const mutation::Domain& domain) {
  std::string out =
      "// Generated from the C++ declarations by `syncline schema --format typescript`; not edited "
      "by hand.\n"
      "// Ids are strings, timestamps epoch milliseconds, dates 'YYYY-MM-DD', decimals numbers, "
      "absent values null.\n"
      "import type { SchemaMeta } from '../schema_types.ts';\n\n";
  for (const model::Collection& collection : domain.schema.collections()) {
    write_row(out, domain.schema, collection);
    write_inputs(out, collection);
  }
  write_collection_map(out, domain.schema);
  write_actions(out, domain);
  out += "export const schema: SchemaMeta = " + schema_metadata(domain).dump(2) + ";\n";
  return out;
}

}  // namespace syncline::server::api
