// DraftModel: a record that somebody edits, as it looks to one who knows the server's log: which of the fields that he has
// touched did somebody else change since he saw them? Own changes in other tabs, and their refusal, are nobody else's.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "tests/simulation/checker.hpp"

namespace syncline::simulation {

class DraftModel {
 public:
  // `own`: the names under which the author writes; it outlives the model.
  DraftModel(Checker& checker, const std::set<base::Id>& own, client::DraftId id,
             const base::Id& item)
      : checker_(checker), own_(&own), id_(id), item_(item) {}

  [[nodiscard]] client::DraftId id() const { return id_; }
  [[nodiscard]] const base::Id& item() const { return item_; }
  [[nodiscard]] bool is_deleted() const { return deleted_; }
  // Fields that somebody else changed.
  [[nodiscard]] std::vector<model::FieldId> conflicts() const;
  // The field as the core has told of it; null: it is not edited.
  [[nodiscard]] const client::DraftField* told_of(model::FieldId field) const;

  // ---- what its author does; the core as it is after it
  // `hidden_from`: under waiting changes of the author's own lies what came after this version, if there are such of the field.
  void typed(const client::ClientCore& core, model::FieldId field, const model::Value& value,
             std::optional<model::Version> hidden_from);
  void kept_mine(const client::ClientCore& core, const client::DraftField& over,
                 std::optional<model::Version> hidden_from);
  void took_theirs(model::FieldId field);
  void saved(const client::MutateAnswer& answer, const std::optional<model::Mutation>& made);

  // ---- after everything that happens
  void told(client::Draft draft) { told_ = std::move(draft); }
  // `outstanding`: the author's own mutations that have not been judged.
  void look(const client::ClientCore& core, const std::vector<model::Mutation>& outstanding);

 private:
  // What waits is not on the screen: whose word is there depends on what the waiting ones did one after another.
  [[nodiscard]] bool hides_nothing(const client::ClientCore& core, model::FieldId field) const;
  struct Edit {
    model::FieldId field = model::kNoField;
    model::Value mine;
    model::Value seen;             // as it was on the screen
    model::Version version = 0;    // of the record then
    model::Version looked_at = 0;  // up to which the log is known
    bool unseen = false;           // somebody else's value is there, under one of the author's own
    bool conflict = false;
    // It began over a change of the author's own that waits. What the server had said under that may be forgotten (of very many
    // changes, or by a new core): then he is asked once more than he need be.
    bool over_waiting = false;
  };
  [[nodiscard]] Edit* find(model::FieldId field);
  void look_at(Edit& edit, const model::Record& shown, const model::Record& server,
               const std::vector<model::Mutation>& outstanding);
  // Between the version that was seen and this one: if nobody did, one is as good as the other.
  [[nodiscard]] bool others_wrote(const Edit& edit, model::Version version) const;
  void compare();
  [[nodiscard]] bool asks_once_more(const std::vector<model::FieldId>& told) const;
  [[nodiscard]] std::string describe() const;

  std::reference_wrapper<Checker> checker_;
  const std::set<base::Id>* own_;
  client::DraftId id_;
  base::Id item_;
  std::vector<Edit> edits_;
  bool deleted_ = false;
  bool changed_as_a_whole_ = false;  // removed and restored: no longer a question of fields
  // Somebody else wrote just what a mutation on its way writes: no browser can tell whose word that is.
  bool is_unclear_ = false;
  client::Draft told_;
};

}  // namespace syncline::simulation
