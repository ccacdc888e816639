#include "server/api/write_routes.hpp"

#include <nlohmann/json.hpp>

#include "server/api/json.hpp"
#include "server/api/preconditions.hpp"
#include "server/api/problem.hpp"
#include "server/api/read_routes.hpp"
#include "server/api/record_body.hpp"
#include "server/api/write_plan.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Generic = mutation::MutatorSpec::Generic;

constexpr std::size_t kMutationsMax = 1'000;

void submit_or_refuse(const ServicePtr& service, const CallPtr& call, Result<WritePlan> plan) {
  if (!plan.ok()) return call->respond(problem(plan.error()));
  submit_write(service, call, std::move(plan).value());
}

void add_base(model::Mutation& mutation, const model::Collection& collection, const base::Id& id,
              std::optional<model::Version> version) {
  if (!version) return;
  model::BaseVersion base;
  base.collection = collection.id();
  base.record = id;
  base.version = *version;
  mutation.bases.push_back(base);
}

model::Mutation make_mutation(const Service& service, const mutation::MutatorSpec& spec,
                              model::Arguments arguments) {
  model::Mutation mutation;
  mutation.name = spec.name;
  mutation.arguments = std::move(arguments);
  mutation.created_at = service.options.now();
  return mutation;
}

const mutation::MutatorSpec& generic(const Service& service, const model::Collection& collection,
                                     Generic kind) {
  return *service.domain.registry.find_generic(collection.id(), kind);
}

base::Status check_no_parameters(const Call& call) {
  if (call.target.parameters.empty()) return {};
  const std::string& name = call.target.parameters.front().first;
  return Error(Code::unknown_parameter, "There is no parameter named " + name + " here.", name);
}

// The base of a check may come in If-Match or in the body; two that differ are a mistake nobody should have to find.
Result<std::optional<model::Version>> one_base(const Precondition& match,
                                               std::optional<model::Version> in_body) {
  if (match.version && in_body && *match.version != *in_body) {
    return Error(Code::malformed, "If-Match and version in the body name different versions.",
                 "version");
  }
  return match.version ? match.version : in_body;
}

// If-None-Match: * asks that there be nothing to change.
base::Status check_absent(const Service& service, const Call& call,
                          const model::Collection& collection, const base::Id& id) {
  SYNC_ASSIGN(const Precondition absent,
              parse_precondition(call.request.header("if-none-match"), "If-None-Match"));
  if (!absent.any) return {};
  SYNC_TRY(check_visible(service, call, collection, id));
  return Error(Code::precondition_failed, "There is such a record already.");
}

Result<WritePlan> plan_create(const Service& service, const Call& call,
                              const model::Collection& collection, model::FieldId parent,
                              const base::Id& parent_id) {
  SYNC_TRY(check_no_parameters(call));
  SYNC_ASSIGN(const ParsedJson json, parse_object(call.request.body));
  SYNC_ASSIGN(RecordBody body, parse_record_body(collection, BodyForm::create, {}, json));
  if (parent != model::kNoField) {
    const std::string name(collection.field(parent).spec.name);
    if (body.arguments.has(parent) && !(body.arguments.get(parent) == model::Value(parent_id))) {
      return Error(Code::invalid, "This is not the record in the address.", name);
    }
    body.arguments.set(parent, parent_id);
  }
  SYNC_ASSIGN(const Precondition absent,
              parse_precondition(call.request.header("if-none-match"), "If-None-Match"));
  WritePlan plan;
  plan.answer = WritePlan::Answer::created;
  plan.collection = &collection;
  plan.must_be_absent = absent.any && service.domain.access.may(call.actor(), collection.id(),
                                                                mutation::Right::create);
  plan.password = body.password;
  plan.mutations.push_back(make_mutation(service, generic(service, collection, Generic::insert),
                                         std::move(body.arguments)));
  return plan;
}

Result<WritePlan> plan_change(const Service& service, const Call& call,
                              const model::Collection& collection, const base::Id& id,
                              BodyForm form) {
  SYNC_TRY(check_no_parameters(call));
  SYNC_TRY(check_absent(service, call, collection, id));
  SYNC_ASSIGN(const Precondition match,
              parse_precondition(call.request.header("if-match"), "If-Match"));
  SYNC_ASSIGN(const ParsedJson json, parse_object(call.request.body));
  SYNC_ASSIGN(RecordBody body, parse_record_body(collection, form, id, json));
  SYNC_ASSIGN(const std::optional<model::Version> base, one_base(match, body.version));
  WritePlan plan;
  plan.answer = WritePlan::Answer::record;
  plan.collection = &collection;
  plan.record = id;
  plan.must_exist = match.any;
  plan.password = body.password;
  plan.mutations.push_back(make_mutation(service, generic(service, collection, Generic::update),
                                         std::move(body.arguments)));
  add_base(plan.mutations.front(), collection, id, base);
  return plan;
}

Result<WritePlan> plan_remove(const Service& service, const Call& call,
                              const model::Collection& collection, const base::Id& id) {
  SYNC_TRY(check_no_parameters(call));
  SYNC_TRY(check_absent(service, call, collection, id));
  SYNC_ASSIGN(const Precondition match,
              parse_precondition(call.request.header("if-match"), "If-Match"));
  WritePlan plan;
  plan.answer = WritePlan::Answer::removed;
  plan.collection = &collection;
  plan.record = id;
  plan.must_exist = match.any;
  plan.version_must_match = match.version.has_value();
  model::Arguments arguments;
  arguments.set(model::kIdField, id);
  plan.mutations.push_back(
      make_mutation(service, generic(service, collection, Generic::remove), std::move(arguments)));
  add_base(plan.mutations.front(), collection, id, match.version);
  return plan;
}

// Takes `version` out of a body: the base of an action.
Result<std::optional<model::Version>> take_version(ParsedJson& body) {
  const auto found = body.find("version");
  if (found == body.end()) return std::optional<model::Version>();
  if (!found->is_number_unsigned()) {
    return Error(Code::wrong_type, "This needs to be a whole number.", "version");
  }
  const auto version = found->get<model::Version>();
  body.erase(found);
  return std::optional(version);
}

Result<WritePlan> plan_action(const Service& service, const Call& call,
                              const mutation::MutatorSpec& mutator, const base::Id& id) {
  SYNC_TRY(check_no_parameters(call));
  SYNC_ASSIGN(ParsedJson body, parse_object(call.request.body));
  SYNC_ASSIGN(const Precondition match,
              parse_precondition(call.request.header("if-match"), "If-Match"));
  SYNC_ASSIGN(const std::optional<model::Version> in_body, take_version(body));
  SYNC_ASSIGN(const std::optional<model::Version> base, one_base(match, in_body));
  SYNC_ASSIGN(model::Arguments arguments, parse_arguments(mutator, id, body));
  WritePlan plan;
  plan.must_exist = match.any;
  plan.mutations.push_back(make_mutation(service, mutator, std::move(arguments)));
  add_base(plan.mutations.front(), service.domain.schema.collection(mutator.collection), id, base);
  return plan;
}

// One item of POST /api/mutate.
Result<model::Mutation> mutation_from_json(const Service& service, const ParsedJson& item) {
  if (!item.is_object()) return Error(Code::malformed, "A mutation is {\"name\", \"args\"}.");
  for (const auto& entry : item.items()) {
    if (entry.key() == "name" || entry.key() == "args" || entry.key() == "version") continue;
    return Error(Code::unknown_parameter, "A mutation has no " + entry.key() + ".", entry.key());
  }
  const auto name = item.find("name");
  if (name == item.end() || !name->is_string())
    return Error(Code::malformed, "The mutation's name is missing.", "name");
  const mutation::MutatorSpec* mutator =
      service.domain.registry.find(name->get_ref<const std::string&>());
  if (mutator == nullptr) {
    return Error(Code::unknown_mutator,
                 "There is no action named " + name->get<std::string>() + ".", "name");
  }
  const ParsedJson args = item.value("args", ParsedJson::object());
  if (!args.is_object()) return Error(Code::malformed, "args is a JSON object.", "args");
  SYNC_ASSIGN(model::Arguments arguments, parse_arguments(*mutator, {}, args));
  ParsedJson head = item;
  SYNC_ASSIGN(const std::optional<model::Version> version, take_version(head));
  const model::Value id = arguments.get(model::kIdField);
  model::Mutation mutation = make_mutation(service, *mutator, std::move(arguments));
  if (id.kind() == model::Value::Kind::id) {
    add_base(mutation, service.domain.schema.collection(mutator->collection), id.id(), version);
  } else if (version) {
    return Error(Code::malformed, "This names no record that the version could be of.", "version");
  }
  return mutation;
}

Result<WritePlan> plan_mutations(const Service& service, const Call& call) {
  SYNC_TRY(check_no_parameters(call));
  SYNC_ASSIGN(const ParsedJson body, parse_json(call.request.body));
  WritePlan plan;
  if (!body.is_array()) {
    SYNC_ASSIGN(model::Mutation mutation, mutation_from_json(service, body));
    plan.mutations.push_back(std::move(mutation));
    return plan;
  }
  if (body.empty()) return Error(Code::malformed, "The list of mutations is empty.");
  if (body.size() > kMutationsMax)
    return Error(Code::too_large, "At most 1,000 mutations succeed or fail together.");
  plan.answer = WritePlan::Answer::results;
  for (const ParsedJson& item : body) {
    SYNC_ASSIGN(model::Mutation mutation, mutation_from_json(service, item));
    plan.mutations.push_back(std::move(mutation));
  }
  return plan;
}

}  // namespace

void create_record(const ServicePtr& service, const CallPtr& call,
                   const model::Collection& collection, model::FieldId parent,
                   const base::Id& parent_id) {
  submit_or_refuse(service, call, plan_create(*service, *call, collection, parent, parent_id));
}

void patch_record(const ServicePtr& service, const CallPtr& call,
                  const model::Collection& collection, const base::Id& id) {
  submit_or_refuse(service, call, plan_change(*service, *call, collection, id, BodyForm::patch));
}

void replace_record(const ServicePtr& service, const CallPtr& call,
                    const model::Collection& collection, const base::Id& id) {
  submit_or_refuse(service, call, plan_change(*service, *call, collection, id, BodyForm::replace));
}

void remove_record(const ServicePtr& service, const CallPtr& call,
                   const model::Collection& collection, const base::Id& id) {
  submit_or_refuse(service, call, plan_remove(*service, *call, collection, id));
}

void run_action(const ServicePtr& service, const CallPtr& call,
                const mutation::MutatorSpec& mutator, const base::Id& id) {
  submit_or_refuse(service, call, plan_action(*service, *call, mutator, id));
}

void run_mutations(const ServicePtr& service, const CallPtr& call) {
  submit_or_refuse(service, call, plan_mutations(*service, *call));
}

}  // namespace syncline::server::api
