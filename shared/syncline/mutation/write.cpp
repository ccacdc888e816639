// The writing half of Transaction: validation, rules, references and rights.
#include <algorithm>
#include <utility>

#include "syncline/model/validate.hpp"
#include "syncline/mutation/complaints.hpp"
#include "syncline/mutation/transaction.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::mutation {
namespace {

model::FieldWrite assignment(model::FieldId field, model::Value value) {
  model::FieldWrite write;
  write.field = field;
  write.value = std::move(value);
  return write;
}

base::Error field_error(base::Code code, std::string message, const model::Field& field) {
  return {code, std::move(message), std::string(field.spec.name)};
}

// Validation's complaints about a whole record, with the code of the only one where there is only one.
base::Status check_fields(const model::Record& record) {
  const base::Status valid = model::validate_record(record);
  if (valid.ok()) return {};
  Complaints complaints;
  complaints.add(valid.error());
  return std::move(complaints).error();
}

// A required reference cannot be set null either.
bool restricts(const model::FieldSpec& field) {
  return field.on_delete == model::OnDelete::restrict ||
         (field.on_delete == model::OnDelete::set_null && field.required);
}

bool is_same_row(const model::Record& a, const model::Record& b) {
  return a.collection().id() == b.collection().id() && a.id() == b.id();
}

// Fields whose content is to be checked: what differs, or everything of a new record.
std::vector<model::FieldId> fields_to_check(const model::Record& before,
                                            const model::Record& after) {
  if (before) return model::changed_fields(before, after);
  std::vector<model::FieldId> fields;
  for (const model::Field& field : after.collection().fields()) {
    if (field.spec.id >= model::kFirstOwnField) fields.push_back(field.spec.id);
  }
  return fields;
}

}  // namespace

base::Result<base::Id> Transaction::insert(model::CollectionId collection_id,
                                           const model::Patch& fields, base::Id id) {
  const model::Collection& collection = domain_.schema.collection(collection_id);
  if (!trusted() && !domain_.access.may(context_.actor, collection_id, Right::create)) {
    return may_not_insert();
  }
  if (id.is_nil()) id = new_id();
  model::RecordBuilder draft(collection, id);
  for (const model::Field& field : collection.fields()) {
    if (!field.default_value.is_null()) draft.set(field.spec.id, field.default_value);
  }
  draft.set(model::kCreatedAtField, context_.now);
  draft.set(model::kUpdatedAtField, context_.now);
  if (!context_.actor.user.is_nil()) draft.set(model::kCreatedByField, context_.actor.user);
  SYNC_TRY(apply_patch(collection, fields, draft));
  SYNC_TRY(run_rules(collection_id, {}, draft));
  const model::Record after = draft.build();
  SYNC_TRY(check_record({}, after));
  if (!check_rows(after, Right::create).ok()) return may_not_insert();
  // Last, so that whatever else is wrong is said in the same words whether the id is taken or not. An id made here follows
  // from what the client sent, who can aim it at a row.
  SYNC_ASSIGN(const Lookup existing, lookup(collection_id, id));
  if (existing.state == Lookup::State::present) return may_not_insert();
  record({}, after);
  return id;
}

base::Status Transaction::update(model::CollectionId collection, const base::Id& id,
                                 const model::Patch& fields) {
  SYNC_ASSIGN(const model::Record before, changeable(collection, id, Right::update));
  note_written(collection, id, fields);
  return write(before, fields);
}

base::Status Transaction::remove(model::CollectionId collection, const base::Id& id) {
  SYNC_ASSIGN(const model::Record before, changeable(collection, id, Right::remove));
  const CollectionRules* rules = domain_.registry.rules(collection);
  if (rules != nullptr && rules->before_remove != nullptr) {
    SYNC_TRY(rules->before_remove(*this, before));
  }
  return erase(before);
}

base::Status Transaction::restore(model::CollectionId collection, const base::Id& id,
                                  const model::Patch& fields) {
  SYNC_ASSIGN(const Lookup there, lookup(collection, id));
  if (there.state == Lookup::State::present) return update(collection, id, fields);
  if (there.state == Lookup::State::unknown) return needs_server();
  SYNC_ASSIGN(const Lookup gone, below_.deleted(collection, id));
  if (gone.state == Lookup::State::unknown) return needs_server();
  const bool visible =
      gone.state == Lookup::State::present && check_rows(gone.record, Right::read).ok();
  if (!visible) return not_found();
  model::RecordBuilder draft(gone.record);
  SYNC_TRY(drop_lost_references(draft));
  SYNC_TRY(apply_patch(gone.record.collection(), fields, draft));
  // The changes are judged as of what was there: they, not the return, are the author's.
  SYNC_TRY(run_rules(collection, gone.record, draft));
  draft.set(model::kUpdatedAtField, context_.now);
  const model::Record after = draft.build();
  SYNC_TRY(check_record({}, after));
  SYNC_TRY(check_rows(after, Right::create));
  record({}, after);
  return {};
}

base::Status Transaction::drop_lost_references(model::RecordBuilder& draft) {
  const model::Record before = draft.build();
  for (const model::Field& field : before.collection().fields()) {
    const model::FieldSpec& spec = field.spec;
    const bool may_be_null = spec.on_delete == model::OnDelete::set_null && !spec.required;
    const bool refers = spec.type == model::FieldType::reference &&
                        spec.target != model::kNoCollection && field.slot != model::kNoSlot &&
                        before.has(spec.id);
    if (!refers || !may_be_null) continue;
    SYNC_ASSIGN(const Lookup target, lookup(spec.target, before.reference(spec.id)));
    if (target.state == Lookup::State::absent) draft.set(spec.id, {});
  }
  return {};
}

base::Result<model::Record> Transaction::changeable(model::CollectionId collection,
                                                    const base::Id& id, Right right) {
  SYNC_ASSIGN(model::Record row, get(collection, id));
  SYNC_TRY(check_rows(row, right));
  return row;
}

base::Status Transaction::apply_patch(const model::Collection& collection,
                                      const model::Patch& patch,
                                      model::RecordBuilder& draft) const {
  Complaints complaints;
  for (const model::FieldWrite& write : patch) {
    const model::Field* field = collection.find(write.field);
    if (field == nullptr) {
      complaints.add(
          {base::Code::unknown_field, "There is no such field.", std::to_string(write.field)});
      continue;
    }
    const bool engine_only = field->spec.id < model::kFirstOwnField || field->spec.read_only;
    if (field->slot == model::kNoSlot || (engine_only && !trusted())) {
      complaints.add(field_error(base::Code::read_only, "This cannot be changed by hand.", *field));
      continue;
    }
    base::Result<model::Value> value =
        model::apply_write(field->spec, draft.get(write.field), write);
    if (value.ok()) {
      draft.set(write.field, std::move(value).value());
    } else {
      complaints.add(value.error());
    }
  }
  if (complaints.empty()) return {};
  return std::move(complaints).error();
}

base::Status Transaction::run_rules(model::CollectionId collection, const model::Record& before,
                                    model::RecordBuilder& draft) {
  const CollectionRules* rules = domain_.registry.rules(collection);
  if (rules == nullptr || rules->before_write == nullptr) return {};
  return rules->before_write(*this, before, draft);
}

base::Status Transaction::write(const model::Record& before, const model::Patch& patch) {
  model::RecordBuilder draft(before);
  SYNC_TRY(apply_patch(before.collection(), patch, draft));
  if (model::changed_fields(before, draft.build()).empty()) return {};
  SYNC_TRY(run_rules(before.collection().id(), before, draft));
  const bool sets_time = std::any_of(patch.begin(), patch.end(), [](const auto& field_write) {
    return field_write.field == model::kUpdatedAtField;
  });
  if (!sets_time) draft.set(model::kUpdatedAtField, context_.now);
  const model::Record after = draft.build();
  SYNC_TRY(check_record(before, after));
  SYNC_TRY(check_rows(after, Right::update));
  record(before, after);
  return {};
}

base::Status Transaction::check_record(const model::Record& before, const model::Record& after) {
  SYNC_TRY(check_fields(after));
  for (const model::FieldId id : fields_to_check(before, after)) {
    const model::Field& field = after.collection().field(id);
    if (!after.has(id)) continue;
    if (field.spec.unique) SYNC_TRY(check_unique(after, field));
    if (field.spec.type == model::FieldType::reference) SYNC_TRY(check_reference(after, field));
  }
  return {};
}

// A partial replica that shows no other row lets it pass: the server decides.
base::Status Transaction::check_unique(const model::Record& after, const model::Field& field) {
  query::Query same;
  same.collection = after.collection().id();
  same.where = query::compare(field.spec.id, query::Op::eq, after.get(field.spec.id));
  same.limit = 2;
  SYNC_ASSIGN(const std::vector<model::Record> rows, find_rows(same, !context_.authoritative));
  const bool taken = std::any_of(rows.begin(), rows.end(), [&after](const model::Record& row) {
    return !(row.id() == after.id());
  });
  if (!taken) return {};
  return field_error(base::Code::not_unique, "Another record already has this value.", field);
}

// A record that this user may not see is as good as absent: a reference must not tell that it exists.
base::Status Transaction::check_reference(const model::Record& after, const model::Field& field) {
  if (field.spec.target == model::kNoCollection) return {};
  const base::Id target = after.reference(field.spec.id);
  const bool to_itself = field.spec.target == after.collection().id() && target == after.id();
  if (to_itself) return {};
  SYNC_ASSIGN(const Lookup found, lookup(field.spec.target, target));
  const bool visible = found.state == Lookup::State::present &&
                       (trusted() || domain_.access.may(context_.actor, found.record, Right::read));
  const bool benefit_of_doubt = found.state == Lookup::State::unknown && !context_.authoritative;
  if (visible || benefit_of_doubt) return {};
  return field_error(base::Code::bad_reference, "The record it refers to does not exist.", field);
}

base::Status Transaction::check_rows(const model::Record& row, Right right) {
  if (trusted() || domain_.access.may(context_.actor, row, right)) return {};
  return forbidden();
}

// The row goes first, then what refers to it, so that records that refer to each other end.
base::Status Transaction::erase(const model::Record& before) {
  SYNC_TRY(check_restrictions(before));
  record(before, {});
  return release_references(before);
}

base::Result<std::vector<model::Record>> Transaction::referring_rows(
    const model::Referrer& referrer, const base::Id& target, std::uint32_t limit) {
  query::Query refers;
  refers.collection = referrer.collection->id();
  refers.where = query::compare(referrer.field->spec.id, query::Op::eq, target);
  refers.limit = limit;
  return find_rows(refers, !context_.authoritative);
}

base::Status Transaction::check_restrictions(const model::Record& target) {
  for (const model::Referrer& referrer : domain_.schema.referrers(target.collection().id())) {
    if (!restricts(referrer.field->spec)) continue;
    SYNC_ASSIGN(const std::vector<model::Record> rows, referring_rows(referrer, target.id(), 2));
    const bool held = std::any_of(rows.begin(), rows.end(), [&target](const model::Record& row) {
      return !is_same_row(row, target);
    });
    if (held) {
      return base::Error{base::Code::still_referenced,
                         "It is still used by " + std::string(referrer.collection->name()) +
                             "; change those first."};
    }
  }
  return {};
}

base::Status Transaction::release_references(const model::Record& target) {
  const Privileged as_engine(*this);
  for (const model::Referrer& referrer : domain_.schema.referrers(target.collection().id())) {
    const model::FieldSpec& field = referrer.field->spec;
    if (restricts(field)) continue;
    SYNC_ASSIGN(const std::vector<model::Record> rows, referring_rows(referrer, target.id(), 0));
    for (const model::Record& row : rows) {
      // An earlier row's cascade may have taken or changed this one.
      SYNC_ASSIGN(const Lookup current, lookup(referrer.collection->id(), row.id()));
      if (current.state != Lookup::State::present ||
          !(current.record.reference(field.id) == target.id())) {
        continue;
      }
      if (field.on_delete == model::OnDelete::cascade) {
        SYNC_TRY(erase(current.record));
      } else {
        SYNC_TRY(write(current.record, {assignment(field.id, {})}));
      }
    }
  }
  return {};
}

}  // namespace syncline::mutation
