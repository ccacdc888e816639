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
  if (schema_.find(key.collection) == nullptr)
    return base::Error{base::Code::not_found, "There is no such collection."};
  Draft& draft = drafts_[++last_];
  draft.key = key;
  look_at(draft);
  return last_;
}

base::Result<Draft*> Drafts::of(DraftId draft) {
  const auto found = drafts_.find(draft);
  if (found == drafts_.end()) return unknown_draft();
  return &found->second;
}

DraftField& Drafts::add(Draft& draft, model::FieldId field, const model::Value& seen,
                        model::Version version) {
  DraftField& edit = draft.fields.emplace_back();
  edit.field = field;
  edit.mine = edit.base = edit.server = seen;
  see(draft, edit, version);
  return edit;
}

void Drafts::see(const Draft& draft, DraftField& edit, model::Version version) const {
  version = replica_.known_version(draft.key, version);
  // What lies under a waiting value of our own is not on the screen.
  const auto hidden = log_.hidden(draft.key, edit.field, version);
  edit.version = edit.judged = hidden ? hidden->since : version;
  if (hidden) {
    if (hidden->word) edit.server = *hidden->word;
    return;
  }
  const model::Record server = replica_.confirmed(draft.key);
  if (server && server.version() == version) edit.server = server.get(edit.field);
}

base::Status Drafts::begin(DraftId id, model::FieldId field, const model::Value& seen,
                           model::Version version) {
  SYNC_ASSIGN(Draft* const draft, of(id));
  const model::Field* spec = schema_.collection(draft->key.collection).find(field);
  if (spec == nullptr || spec->slot == model::kNoSlot || find_field(*draft, field) != nullptr)
    return {};
  add(*draft, field, seen, version).begun = true;
  draft->changed = true;
  look_at(*draft);
  return {};
}

base::Status Drafts::set(DraftId id, model::FieldId field, const model::Value& value) {
  SYNC_ASSIGN(Draft* const draft, of(id));
  const model::Field* spec = schema_.collection(draft->key.collection).find(field);
  if (spec == nullptr || field < model::kFirstOwnField || spec->spec.read_only)
    return base::Error{base::Code::read_only, "This cannot be edited."};
  DraftField* edit = find_field(*draft, field);
  if (edit == nullptr) {
    const model::Record row = replica_.visible(draft->key);
    if (!row) return base::Error{base::Code::not_found, "The record is not here."};
    edit = &add(*draft, field, row.get(field), row.version());
  }
  base::Result<model::Value> valid = model::validate_value(spec->spec, value);
  if (valid.ok() && spec->spec.required && valid->is_null())
    valid = base::Error{base::Code::required, "This is missing.", std::string(spec->spec.name)};
  edit->error = valid.ok() ? base::Error(base::Code::ok, "") : valid.error();
  edit->mine = valid.ok() ? std::move(valid).value() : value;
  edit->typed = edit->conflict || !(edit->mine == edit->base);
  if (!edit->typed && !edit->begun) drop_field(*draft, field);
  draft->changed = true;
  look_at(*draft);
  return {};
}

base::Status Drafts::keep_mine(DraftId id, model::FieldId field, const model::Value& theirs,
                               model::Version version) {
  SYNC_ASSIGN(Draft* const draft, of(id));
  draft->restores = draft->deleted;
  DraftField* edit = find_field(*draft, field);
  if (edit == nullptr || draft->deleted || version < edit->version) return {};
  edit->base = edit->server = theirs;
  const model::Version before = edit->version;
  see(*draft, *edit, version);
  edit->version = std::max(edit->version, before);
  edit->conflict = edit->unseen = edit->undecided = false;
  edit->typed = true;
  draft->changed = true;
  look_at(*draft);
  return {};
}

base::Status Drafts::take_theirs(DraftId id, model::FieldId field) {
  SYNC_ASSIGN(Draft* const draft, of(id));
  drop_field(*draft, field);
  draft->changed = true;
  return {};
}

base::Result<model::Mutation> Drafts::update(DraftId id, bool accepted) {
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
    if (!edit.conflict && edit.mine == edit.base) continue;
    mutation.arguments.set(edit.field, edit.mine);
    mutation.bases.push_back({collection.id(), draft->key.id, edit.field, edit.version});
  }
  if (mutation.bases.empty() && !draft->restores)
    return base::Error{base::Code::not_found, "Nothing was changed."};
  if (!accepted && !invalid.fields.empty()) return invalid;
  if (!accepted && !draft->restores && (draft->deleted || !conflict.fields.empty()))
    return conflict;
  using Generic = mutation::MutatorSpec::Generic;
  const Generic generic = draft->restores ? Generic::restore : Generic::update;
  mutation.name = registry_.find_generic(collection.id(), generic)->name;
  return mutation;
}

std::vector<Word> Drafts::known_words(DraftId id) const {
  std::vector<Word> words;
  const auto draft = drafts_.find(id);
  if (draft == drafts_.end()) return words;
  for (const DraftField& edit : draft->second.fields) {
    if (!edit.unseen && !edit.conflict && !edit.undecided)
      words.push_back({draft->second.key, edit.field, edit.server});
  }
  return words;
}

void Drafts::committed(DraftId id) {
  Draft& draft = drafts_.find(id)->second;
  draft.fields.clear();
  draft.changed = true;
}

void Drafts::applied(const model::Arguments& written, model::Version version) {
  for (auto& [id, draft] : drafts_) {
    if (!(written.get(model::kIdField) == model::Value(draft.key.id))) continue;
    for (DraftField& edit : draft.fields) {
      if (edit.version >= version || !written.has(edit.field)) continue;
      edit.own = written.get(edit.field);
      edit.own_version = version;
      edit.unseen = false;
    }
  }
}

void Drafts::look() {
  for (auto& [id, draft] : drafts_) look_at(draft);
}

void Drafts::look_at(Draft& draft) {
  const model::Record row = replica_.visible(draft.key);
  // A row that is merely not held is not gone.
  const auto there = replica_.get(draft.key.collection, draft.key.id);
  const bool deleted = there.ok() && there->state == mutation::Lookup::State::absent;
  if (draft.deleted != deleted) {
    draft.deleted = deleted;
    draft.restores = false;
    draft.changed = true;
  }
  const model::Record server = replica_.confirmed(draft.key);
  if (!row || !server) return;
  for (DraftField& edit : draft.fields) {
    if (server.version() < edit.version) continue;
    if (server.version() > edit.judged) {
      edit.judged = server.version();
      draft.changed = true;
    }
    if (row.collection().field(edit.field).spec.policy != model::Policy::reject) continue;
    model::Value now = row.get(edit.field);
    model::Value word = server.get(edit.field);
    // A value that is here before the server has said it is our own; somebody else's may come out from under it later.
    const bool is_own = !(now == word) || (edit.unseen && log_.has_written(draft.key, edit.field));
    // What comes after our own change differs from that, though it may be what was there before.
    const bool after_own = edit.own && server.version() >= edit.own_version;
    // The author may have been told before the edit began, and the row have come only since.
    const bool is_known = edit.own == word || (!after_own && word == edit.server) ||
                          log_.own_word(server, edit.field) > edit.version;
    // The server may tell of the record before it tells that it was we who wrote that.
    if (!is_known && !log_.may_have_written(draft.key, edit.field, word)) edit.unseen = true;
    if (after_own) edit.own.reset();
    if (!edit.conflict && (is_own || !edit.unseen)) {
      if (!edit.typed) edit.mine = now;
      edit.base = now;
    }
    if (!is_own) edit.unseen = false;
    edit.server = std::move(word);
    const bool conflict = !(now == edit.base) && !(now == edit.mine);
    edit.undecided = is_own ? edit.undecided || edit.conflict : conflict;
    if (conflict == edit.conflict && (!conflict || now == edit.theirs)) continue;
    edit.conflict = conflict;
    edit.theirs = std::move(now);
    edit.at = {row.integer(model::kUpdatedAtField)};
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
