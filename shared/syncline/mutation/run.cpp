#include <algorithm>
#include <utility>

#include "syncline/model/validate.hpp"
#include "syncline/mutation/complaints.hpp"
#include "syncline/mutation/transaction.hpp"

namespace syncline::mutation {
namespace {

using Generic = MutatorSpec::Generic;

// The record acted on; nil when there is none.
base::Result<base::Id> record_argument(const MutatorSpec& spec, const Arguments& arguments) {
  const model::Value& id = arguments.get(model::kIdField);
  if (id.kind() == model::Value::Kind::id && !id.id().is_nil()) return id.id();
  if (!id.is_null()) return base::Error{base::Code::wrong_type, "The id is no UUID.", "id"};
  if (spec.on_record) return base::Error{base::Code::required, "The id is missing.", "id"};
  return base::Id{};
}

model::Patch fields_of(const Arguments& arguments) {
  model::Patch patch = arguments.writes();
  std::erase_if(patch, [](const auto& write) { return write.field == model::kIdField; });
  return patch;
}

const model::FieldSpec* find_argument(const MutatorSpec& spec, model::FieldId field) {
  const auto found =
      std::find_if(spec.arguments.begin(), spec.arguments.end(),
                   [field](const model::FieldSpec& argument) { return argument.id == field; });
  return found == spec.arguments.end() ? nullptr : &*found;
}

bool named_twice(const model::Patch& writes) {
  for (auto a = writes.begin(); a != writes.end(); ++a) {
    for (auto b = a + 1; b != writes.end(); ++b) {
      if (a->field == b->field) return true;
    }
  }
  return false;
}

// A domain mutator's arguments, validated and with defaults. A generic one's are validated by the transaction.
base::Result<Arguments> checked_arguments(const MutatorSpec& spec, const Arguments& given) {
  Complaints complaints;
  Arguments checked;
  for (const model::FieldWrite& write : given.writes()) {
    if (write.field == model::kIdField) {
      checked.set(write.field, write.value);
      continue;
    }
    const model::FieldSpec* argument = find_argument(spec, write.field);
    if (argument == nullptr) {
      complaints.add(
          {base::Code::unknown_field, "There is no such argument.", std::to_string(write.field)});
    } else if (write.kind != model::WriteKind::assign) {
      complaints.add(
          {base::Code::wrong_type, "An argument is a plain value.", std::string(argument->name)});
    } else {
      base::Result<model::Value> value = model::validate_value(*argument, write.value);
      if (value.ok()) {
        checked.set(write.field, std::move(value).value());
      } else {
        complaints.add(value.error());
      }
    }
  }
  for (const model::FieldSpec& argument : spec.arguments) {
    if (!given.has(argument.id) && !argument.default_text.empty()) {
      SYNC_ASSIGN(model::Value value, model::parse_value(argument, argument.default_text));
      checked.set(argument.id, std::move(value));
      continue;
    }
    // What was refused above has its complaint; blank text has become null.
    const bool refused = given.has(argument.id) && !checked.has(argument.id);
    if (argument.required && !refused && checked.get(argument.id).is_null()) {
      complaints.add({base::Code::required, "This is missing.", std::string(argument.name)});
    }
  }
  if (!complaints.empty()) return std::move(complaints).error();
  return checked;
}

base::Result<MutatorResult> run_generic(Transaction& tx, const MutatorSpec& spec,
                                        const Arguments& arguments, const base::Id& id) {
  MutatorResult result;
  switch (spec.generic) {
    case Generic::insert: {
      SYNC_ASSIGN(const base::Id created, tx.insert(spec.collection, fields_of(arguments), id));
      result.emplace_back("id", created);
      break;
    }
    case Generic::update: SYNC_TRY(tx.update(spec.collection, id, fields_of(arguments))); break;
    case Generic::remove: SYNC_TRY(tx.remove(spec.collection, id)); break;
    case Generic::restore: SYNC_TRY(tx.restore(spec.collection, id, fields_of(arguments))); break;
    case Generic::none: SYNC_CHECK(false, "no generic mutator");
  }
  return result;
}

base::Result<MutatorResult> run_mutator(Transaction& tx, const MutatorSpec& spec,
                                        const Arguments& arguments) {
  const AccessRules& access = tx.domain().access;
  if (!access.may(tx.actor(), spec.collection, spec.right)) {
    return spec.generic == Generic::insert ? may_not_insert() : forbidden();
  }
  if (named_twice(arguments.writes())) {
    return base::Error{base::Code::malformed, "A field is named twice."};
  }
  SYNC_ASSIGN(const base::Id id, record_argument(spec, arguments));
  if (spec.generic != Generic::none) return run_generic(tx, spec, arguments, id);
  SYNC_ASSIGN(const Arguments checked, checked_arguments(spec, arguments));
  if (spec.on_record) {
    SYNC_ASSIGN(const model::Record row, tx.get(spec.collection, id));
    if (!access.may(tx.actor(), row, spec.right)) return forbidden();
  }
  return spec.run(tx, checked);
}

}  // namespace

RunOutcome run(const Domain& domain, Reader& below, const Mutation& mutation,
               const Context& context) {
  RunOutcome outcome;
  const MutatorSpec* spec = domain.registry.find(mutation.name);
  if (spec == nullptr) {
    outcome.status =
        base::Error{base::Code::unknown_mutator, "There is no action named " + mutation.name + "."};
    return outcome;
  }
  Transaction tx(domain, below, context);
  tx.mutator_ = spec->name;
  base::Result<MutatorResult> result = run_mutator(tx, *spec, mutation.arguments);
  if (result.ok()) {
    outcome.result = std::move(result).value();
    outcome.changes = tx.take_changes();
  } else {
    outcome.status = result.error();
    if (result.error().code == base::Code::needs_server) outcome.changes = tx.take_changes();
  }
  outcome.read_set = tx.read_set();
  outcome.written = tx.written();
  outcome.requirements = tx.requirements();
  return outcome;
}

}  // namespace syncline::mutation
