#include "tests/simulation/draft_model.hpp"

#include <algorithm>
#include <utility>

#include "tests/support/describe.hpp"
#include "tests/support/shop_domain.hpp"

namespace syncline::simulation {

using base::Code;
using tests::kItemsId;

DraftModel::Edit* DraftModel::find(model::FieldId field) {
  for (Edit& edit : edits_) {
    if (edit.field == field) return &edit;
  }
  return nullptr;
}

std::vector<model::FieldId> DraftModel::conflicts() const {
  std::vector<model::FieldId> fields;
  for (const Edit& edit : edits_) {
    if (edit.conflict) fields.push_back(edit.field);
  }
  return fields;
}

void DraftModel::typed(const client::ClientCore& core, model::FieldId field,
                       const model::Value& value, std::optional<model::Version> hidden_from) {
  Edit* edit = find(field);
  if (edit == nullptr) {
    const model::Record shown = core.get(kItemsId, item_);
    edit = &edits_.emplace_back();
    edit->field = field;
    edit->seen = shown.get(field);
    edit->version = shown.version();
    // His own that waits has none, though he may have brought back what was there.
    const model::Record server = core.confirmed(kItemsId, item_);
    if (edit->version == 0 && server) edit->version = server.version();
    if (hidden_from && *hidden_from < edit->version) {
      if (hides_nothing(core, field)) is_unclear_ = true;
      edit->version = *hidden_from;
      edit->over_waiting = true;
    }
    edit->looked_at = edit->version;
  }
  edit->mine = value;
  if (!edit->conflict && edit->mine == edit->seen) took_theirs(field);
}

const client::DraftField* DraftModel::told_of(model::FieldId field) const {
  for (const client::DraftField& each : told_.fields) {
    if (each.field == field) return &each;
  }
  return nullptr;
}

bool DraftModel::hides_nothing(const client::ClientCore& core, model::FieldId field) const {
  const model::Record shown = core.get(kItemsId, item_);
  const model::Record server = core.confirmed(kItemsId, item_);
  return !shown || (server && shown.get(field) == server.get(field));
}

void DraftModel::kept_mine(const client::ClientCore& core, const client::DraftField& over,
                           std::optional<model::Version> hidden_from) {
  Edit* edit = find(over.field);
  if (edit == nullptr || !edit->conflict) return;
  if (hidden_from && *hidden_from < over.judged && hides_nothing(core, over.field))
    is_unclear_ = true;
  edit->conflict = edit->unseen = false;
  edit->seen = over.theirs;
  edit->version = std::max(edit->version, std::min(over.judged, hidden_from.value_or(over.judged)));
  edit->looked_at = edit->version;
}

void DraftModel::took_theirs(model::FieldId field) {
  std::erase_if(edits_, [field](const Edit& edit) { return edit.field == field; });
}

void DraftModel::saved(const client::MutateAnswer& answer,
                       const std::optional<model::Mutation>& made) {
  const bool decided = conflicts().empty() && !deleted_;
  if (!answer.status.ok()) {
    const Code code = answer.status.error().code;
    if (code == Code::conflict && decided && !edits_.empty() && !changed_as_a_whole_ &&
        !is_unclear_)
      checker_.get().violated("a draft without conflicts is refused as one with");
    return;
  }
  if (!decided && !changed_as_a_whole_ && !is_unclear_)
    checker_.get().violated("a draft in conflict is saved");
  if (!made) return checker_.get().violated("a draft is saved, and nothing comes of it");
  if (made->arguments.writes().size() != edits_.size() + 1)
    checker_.get().violated("a draft is saved with other fields than were edited");
  for (const Edit& edit : edits_) {
    if (!(made->arguments.get(edit.field) == edit.mine))
      checker_.get().violated("a draft is saved with another value than was typed");
    const auto base = std::find_if(made->bases.begin(), made->bases.end(), [&](const auto& each) {
      return each.record == item_ && each.field == edit.field;
    });
    const bool is_clear = !is_unclear_ && !changed_as_a_whole_;
    if (is_clear && (base == made->bases.end() || others_wrote(edit, base->version)))
      checker_.get().violated("a draft is saved with another base than its author saw: " +
                              std::to_string(base == made->bases.end() ? 0 : base->version) +
                              describe());
  }
  edits_.clear();
}

bool DraftModel::others_wrote(const Edit& edit, model::Version version) const {
  const model::Version from = std::min(edit.version, version);
  const model::Version to = std::max(edit.version, version);
  const auto& writes = checker_.get().writes(item_, edit.field);
  return std::any_of(writes.begin(), writes.end(), [&](const Checker::Write& write) {
    return write.version > from && write.version <= to && !own_->contains(write.client);
  });
}

void DraftModel::look(const client::ClientCore& core,
                      const std::vector<model::Mutation>& outstanding) {
  const model::Record shown = core.get(kItemsId, item_);
  const model::Record server = core.confirmed(kItemsId, item_);
  // That it is gone a browser can only know where one of its queries would show it.
  deleted_ = !shown && told_.deleted;
  if (shown && server) {
    for (Edit& edit : edits_) look_at(edit, shown, server, outstanding);
  }
  if (!changed_as_a_whole_ && !is_unclear_) compare();
}

void DraftModel::look_at(Edit& edit, const model::Record& shown, const model::Record& server,
                         const std::vector<model::Mutation>& outstanding) {
  // What others write into such a field is merged: there is nothing to decide.
  if (shown.collection().field(edit.field).spec.policy != model::Policy::reject) return;
  if (checker_.get().was_restored(item_, edit.looked_at)) changed_as_a_whole_ = true;
  // What others made of it in the end, after the author's own last write.
  std::optional<model::Value> before_others;
  bool news = false;
  for (const Checker::Write& write : checker_.get().writes(item_, edit.field)) {
    if (write.version <= edit.looked_at || write.version > server.version()) continue;
    if (own_->contains(write.client)) {
      before_others.reset();
      news = edit.unseen = false;
      continue;
    }
    if (!before_others) before_others = write.before;
    news = !(*before_others == write.after);
  }
  const model::Value word = server.get(edit.field);
  for (const model::Mutation& mutation : outstanding) {
    const bool same = mutation.arguments.get(model::kIdField) == model::Value(item_) &&
                      mutation.arguments.has(edit.field) &&
                      mutation.arguments.get(edit.field) == word;
    if ((news || edit.unseen) && same) is_unclear_ = true;
  }
  edit.unseen = edit.unseen || news;
  edit.looked_at = std::max(edit.looked_at, server.version());
  const model::Value now = shown.get(edit.field);
  const bool is_own = !(now == word);
  // The server has said that it took one's own, and not yet shown it: what is on the screen is neither.
  for (const Checker::Write& write : checker_.get().writes(item_, edit.field)) {
    if (!is_own && write.version > server.version() && own_->contains(write.client))
      is_unclear_ = true;
  }
  if (!edit.conflict && (!edit.unseen || is_own)) {
    edit.seen = now;
    return;
  }
  edit.conflict = !(now == edit.seen) && !(now == edit.mine);
  if (!is_own) edit.unseen = false;
}

std::string DraftModel::describe() const {
  std::string text;
  for (const Edit& edit : edits_)
    text += "; field " + std::to_string(edit.field) + " of version " +
            std::to_string(edit.version) + " was " + tests::describe(edit.seen) + ", mine " +
            tests::describe(edit.mine);
  for (const client::DraftField& field : told_.fields)
    text += "; told theirs " + tests::describe(field.theirs) + ", base " +
            tests::describe(field.base) + ", server " + tests::describe(field.server);
  return text;
}

// More than is needed, but not less.
bool DraftModel::asks_once_more(const std::vector<model::FieldId>& told) const {
  return std::all_of(edits_.begin(), edits_.end(), [&told](const Edit& edit) {
    const bool is_told = std::find(told.begin(), told.end(), edit.field) != told.end();
    return is_told == edit.conflict || (is_told && edit.over_waiting);
  });
}

void DraftModel::compare() {
  std::vector<model::FieldId> told;
  for (const client::DraftField& field : told_.fields) {
    if (field.conflict) told.push_back(field.field);
  }
  const std::string which = "a draft of " + base::to_string(item_);
  if (told_.deleted != deleted_) checker_.get().violated(which + " does not say that it is gone");
  if (told_.fields.size() != edits_.size()) checker_.get().violated(which + " has other fields");
  if (told == conflicts()) return;
  if (asks_once_more(told)) {
    is_unclear_ = true;
  } else {
    checker_.get().violated(which + " marks " + std::to_string(told.size()) + " conflicts, not " +
                            std::to_string(conflicts().size()) + describe());
  }
}

}  // namespace syncline::simulation
