// Editor: how somebody edits at one browser: typing into a field, drafts of records that others change meanwhile, undo and
// redo, answers to conflicts, several edits of one record before the server has said a word. It remembers what the person
// saw, and compares with it what the browser says next.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/draft_model.hpp"
#include "tests/simulation/history_model.hpp"
#include "tests/simulation/world.hpp"

namespace syncline::simulation {

class Browser;

class Editor {
 public:
  Editor(World& world, Browser& browser);

  // The person does something of the above.
  void act();

  // ---- as single steps
  void type(const base::Id& item, const std::string& text, std::int64_t key_ms);
  void rename(const base::Id& item, const std::string& name);
  [[nodiscard]] bool open_draft(const base::Id& item);
  void edit_draft(std::size_t draft, model::FieldId field, const model::Value& value);
  void decide(std::size_t draft, model::FieldId field, bool keep_mine);
  base::Status save_draft(std::size_t draft);
  void close_draft(std::size_t draft);
  base::Status undo(bool redo);
  [[nodiscard]] const std::vector<DraftModel>& drafts() const { return drafts_; }

  // ---- the browser tells what goes on in it
  client::MutateAnswer mutate(client::ClientCore& core, const std::string& name,
                              const model::Patch& writes,
                              const std::vector<model::BaseVersion>& bases, base::Timestamp now);
  void made(const model::Mutation& mutation);
  void settled(const client::Settled& settled);
  void told(const client::DraftChanged& news);
  // After everything that happened in the core. `all_answered`: Browser::all_answered().
  void look(const client::ClientCore& core, bool all_answered);
  // The core is gone, and with it what was only there.
  void forget();
  void starts_with(const base::Id& client, const std::vector<model::Mutation>& outbox);

 private:
  struct Typing {
    base::Id item;
    std::string text;
    std::size_t length = 0;
    std::int64_t key_ms = 0;
    std::set<std::uint64_t> mutations;  // sequences of the core's client
    base::Timestamp began;
    std::uint64_t others = 0;  // changes_ when it began: nothing else may come in between
  };

  void act_on_draft();
  void edit_several_times(const base::Id& item);
  void press_key(std::uint64_t typing);
  void check_typed(base::Timestamp last_key, const model::MutationId& last);
  void answer(const client::Settled& settled);
  [[nodiscard]] std::optional<model::Version> hidden_from(const base::Id& item,
                                                          model::FieldId field) const;
  void note_known(const model::Mutation& mutation);
  void check_overlay(const client::ClientCore& core);
  [[nodiscard]] HistoryModel::Deed deed(const client::ClientCore& core, const std::string& name,
                                        const model::Patch& writes) const;
  [[nodiscard]] base::Id hot_item();
  [[nodiscard]] std::string fresh_name();

  World& world_;
  Browser& browser_;
  std::set<base::Id>
      own_;  // clients whose writes are this person's: the core's, and those of its outbox
  HistoryModel history_;
  std::vector<DraftModel> drafts_;
  std::vector<model::Mutation> outstanding_;  // in the order in which they were made
  std::map<std::pair<base::Id, std::uint64_t>, model::Version>
      known_as_;  // the record of an outstanding one, when it was made
  Typing typing_;
  std::uint64_t typings_ = 0;
  std::uint64_t changes_ = 0;  // made by other means than typing
  std::uint64_t life_ = 0;
};

}  // namespace syncline::simulation
