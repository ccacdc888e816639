#include "syncline/client/drafts.hpp"

#include <algorithm>
#include <utility>

#include "syncline/model/validate.hpp"

namespace syncline::client {

namespace {

base::Error unknown_draft() { return {base::Code::not_found, "There is no such draft."}; }

DraftField* find_field(Draft& draft, model::FieldId field) {
  for (DraftField& each : draft.fields) {
    if (each.field == field) return &each;
  }
  return nullptr;
}

void drop_field(Draft& draft, model::FieldId field) {
  std::erase_if(draft.fields, [field](const DraftField& each) { return each.field == field; });
}

}  // namespace

base::Result<DraftId> Drafts::open(const RowKey& key) {
  if (schema_.find(key.collection) == nullptr || !replica_.visible(key))
    return base::Error{base::Code::not_found, "The record is not here."};
  drafts_[++last_].key = key;
  return last_;
}

base::Result<Draft*> Drafts::of(DraftId draft) {
  const auto found = drafts_.find(draft);
  if (found == drafts_.end()) return unknown_draft();
  return &found->second;
}

const Draft* Drafts::find(DraftId draft) const {
  const auto found = drafts_.find(draft);
  return found == drafts_.end() ? nullptr : &found->second;
}

base::Status Drafts::set(DraftId id, model::FieldId field, const model::Value& value) {
  SYNC_ASSIGN(Draft* const draft, of(id));
  const model::Field* spec = schema_.collection(draft->key.collection).find(field);
  if (spec == nullptr || field < model::kFirstOwnField || spec->spec.read_only)
    return base::Error{base::Code::read_only, "This cannot be edited."};
  DraftField* edit = find_field(*draft, field);
  if (edit == nullptr) {
    const model::Record row = replica_.visible(draft->key);
    if (!row) return base::Error{base::Code::not_found, "The record is gone."};
    edit = &draft->fields.emplace_back();
    edit->field = field;
    edit->base = row.get(field);
    edit->version = row.version();
    const model::Record server = replica_.confirmed(draft->key);
    if (server) edit->server = server.get(field);
  }
  base::Result<model::Value> valid = model::validate_value(spec->spec, value);
  if (valid.ok() && spec->spec.required && valid->is_null())
    valid = base::Error{base::Code::required, "This is missing.", std::string(spec->spec.name)};
  edit->error = valid.ok() ? base::Error(base::Code::ok, "") : valid.error();
  edit->mine = valid.ok() ? std::move(valid).value() : value;
  if (!edit->conflict && edit->mine == edit->base) drop_field(*draft, field);
  draft->changed = true;
  look_at(*draft);
  return {};
}

base::Status Drafts::keep_mine(DraftId id, model::FieldId field) {
  SYNC_ASSIGN(Draft* const draft, of(id));
  DraftField* edit = find_field(*draft, field);
  const model::Record row = replica_.visible(draft->key);
  if (edit == nullptr || !edit->conflict || !row) return {};
  edit->base = row.get(field);
  edit->server = replica_.confirmed(draft->key).get(field);
  edit->version = row.version();
  edit->conflict = edit->unseen = false;
  draft->changed = true;
  return {};
}

base::Status Drafts::take_theirs(DraftId id, model::FieldId field) {
  SYNC_ASSIGN(Draft* const draft, of(id));
  drop_field(*draft, field);
  draft->changed = true;
  return {};
}

base::Result<model::Mutation> Drafts::update(DraftId id) {
  SYNC_ASSIGN(Draft* const draft, of(id));
  const model::Collection& collection = schema_.collection(draft->key.collection);
  model::Mutation mutation;
  mutation.arguments.set(model::kIdField, draft->key.id);
  base::Error invalid{base::Code::invalid, "Some values are not right yet."};
  base::Error conflict{base::Code::conflict, "Somebody else changed this in the meantime."};
  for (const DraftField& edit : draft->fields) {
    const std::string name(collection.field(edit.field).spec.name);
    if (edit.error.code != base::Code::ok)
      invalid.fields.push_back({name, edit.error.code, edit.error.message});
    if (edit.conflict) conflict.fields.push_back({name, conflict.code, conflict.message});
    mutation.arguments.set(edit.field, edit.mine);
    mutation.bases.push_back({collection.id(), draft->key.id, edit.field, edit.version});
  }
  if (draft->fields.empty()) return base::Error{base::Code::not_found, "Nothing was changed."};
  if (!invalid.fields.empty()) return invalid;
  if (draft->deleted || !conflict.fields.empty()) return conflict;
  return mutation;
}

void Drafts::committed(DraftId id) {
  Draft& draft = drafts_.find(id)->second;
  draft.fields.clear();
  draft.changed = true;
}

void Drafts::applied(const model::Arguments& update, model::Version version) {
  for (auto& [id, draft] : drafts_) {
    if (!(update.get(model::kIdField) == model::Value(draft.key.id))) continue;
    for (DraftField& edit : draft.fields) {
      if (edit.version >= version || !update.has(edit.field)) continue;
      edit.own = update.get(edit.field);
      edit.unseen = false;
    }
  }
}

void Drafts::look() {
  for (auto& [id, draft] : drafts_) look_at(draft);
}

void Drafts::look_at(Draft& draft) {
  const model::Record row = replica_.visible(draft.key);
  if (draft.deleted == static_cast<bool>(row)) {
    draft.deleted = !row;
    draft.changed = true;
  }
  const model::Record server = replica_.confirmed(draft.key);
  if (!row || !server) return;
  for (DraftField& edit : draft.fields) {
    model::Value now = row.get(edit.field);
    model::Value word = server.get(edit.field);
    // A value that is here before the server has said it is our own; somebody else's may come out from under it later.
    const bool is_own = !(now == word);
    if (!(word == edit.server) && edit.own != word) edit.unseen = true;
    if (!edit.conflict && (is_own || !edit.unseen)) edit.base = now;
    if (!is_own) edit.unseen = false;
    edit.server = std::move(word);
    const bool conflict = !(now == edit.base) && !(now == edit.mine);
    if (conflict == edit.conflict && (!conflict || now == edit.theirs)) continue;
    edit.conflict = conflict;
    edit.theirs = std::move(now);
    draft.changed = true;
  }
}

std::optional<std::pair<DraftId, Draft>> Drafts::poll() {
  for (auto& [id, draft] : drafts_) {
    if (std::exchange(draft.changed, false)) return std::pair(id, draft);
  }
  return std::nullopt;
}

}  // namespace syncline::client
