// Drafts: values with their errors, what their author saw, and who was there meanwhile.
#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

using client::DraftChanged;
using Action = ClientCore::DraftAction;

class Drafts : public Bench {
 protected:
  void SetUp() override {
    connect();
    query_ = subscribe(items_by_count());
    wire_ = wire();
    poke(10, {snapshot(wire_, {item(1, "a", 1, 5), item(2, "b", 2, 6)})});
    const auto opened = core_->edit(kItemsId, numbered_id(1));
    ASSERT_TRUE(opened.ok());
    draft_ = *opened;
    drain();
    forget_outputs();
  }
  void act(Action action, model::FieldId field, const model::Value& value = {}) {
    const base::Status status = core_->change_draft(action, draft_, field, value);
    EXPECT_TRUE(status.ok());
    drain();
  }
  client::MutateAnswer commit() {
    auto answer = core_->commit(draft_, now_);
    drain();
    if (answer.status.ok()) {
      core_->stored(answer.id, now_);
      drain();
    }
    return answer;
  }
  // "field=mine", "!" for an error, "/theirs" for a conflict, as it was told last.
  std::string told() const {
    const auto changes = effects<DraftChanged>();
    if (changes.empty()) return "nothing";
    const client::Draft& draft = changes.back().draft;
    std::string text = draft.deleted ? "deleted " : "";
    for (const client::DraftField& edit : draft.fields) {
      const auto show = [](const model::Value& value) {
        if (value.is_null()) return std::string("null");
        return value.kind() == model::Value::Kind::text ? value.text()
                                                        : std::to_string(value.integer());
      };
      text += (edit.field == Item::name ? "name=" : "count=") + show(edit.mine);
      if (edit.error.code != Code::ok) text += "!";
      if (edit.conflict) text += "/" + show(edit.theirs);
      text += " ";
    }
    return text;
  }
  QueryId query_ = 0;
  std::uint32_t wire_ = 0;
  client::DraftId draft_ = 0;
};

TEST_F(Drafts, HoldValuesAndErrorsUntilTheyAreCommitted) {
  act(Action::set, Item::name, "A");
  EXPECT_EQ(told(), "name=A ");
  EXPECT_EQ(list(query_), "a:1,b:2") << "nobody else sees a draft";
  act(Action::set, Item::name, "");
  EXPECT_EQ(told(), "name=! ") << "what was typed stays, with its error";
  EXPECT_EQ(commit().status.error().code, Code::invalid);
  act(Action::set, Item::name, "a");
  EXPECT_EQ(told(), "") << "as it was: no edit";
  EXPECT_EQ(commit().status.error().code, Code::not_found);
  act(Action::set, Item::name, "A");
  EXPECT_TRUE(commit().status.ok());
  EXPECT_EQ(told(), "");
  EXPECT_EQ(list(query_), "A:1*,b:2");
}

TEST_F(Drafts, EveryFieldHasTheVersionThatItsAuthorSaw) {
  act(Action::set, Item::name, "A");
  poke(11, {delta(wire_, {item(1, "a", 1, 11, {{Item::position, 7}})})});
  act(Action::set, Item::count, 5);
  EXPECT_TRUE(commit().status.ok());
  const model::Mutation mutation = sent<protocol::Push>()[0].mutations[0];
  ASSERT_EQ(mutation.bases.size(), 2u);
  EXPECT_EQ(mutation.bases[0].field, Item::name);
  EXPECT_EQ(mutation.bases[0].version, 5u);
  EXPECT_EQ(mutation.bases[1].field, Item::count);
  EXPECT_EQ(mutation.bases[1].version, 11u);
}

TEST_F(Drafts, ARemoteChangeOfAnEditedFieldMarksItAtOnce) {
  act(Action::set, Item::name, "mine");
  act(Action::set, Item::count, 5);
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  EXPECT_EQ(told(), "name=mine/theirs count=5 ");
  const auto refused = commit();
  EXPECT_EQ(refused.status.error().code, Code::conflict);
  EXPECT_EQ(refused.status.error().fields.front().field, "name");
  act(Action::keep_mine, Item::name);
  EXPECT_EQ(told(), "name=mine count=5 ");
  EXPECT_TRUE(commit().status.ok());
  const model::Mutation mutation = sent<protocol::Push>()[0].mutations[0];
  EXPECT_EQ(mutation.bases[0].version, 11u) << "theirs was seen";
  EXPECT_EQ(list(query_), "b:2,mine:5*");
}

TEST_F(Drafts, TheirsMayBeTakenFieldByField) {
  act(Action::set, Item::name, "mine");
  act(Action::set, Item::count, 5);
  poke(11, {delta(wire_, {item(1, "theirs", 9, 11)})});
  EXPECT_EQ(told(), "name=mine/theirs count=5/9 ");
  act(Action::take_theirs, Item::name);
  act(Action::keep_mine, Item::count);
  EXPECT_EQ(told(), "count=5 ");
  EXPECT_TRUE(commit().status.ok());
  EXPECT_EQ(list(query_), "b:2,theirs:5*");
}

TEST_F(Drafts, AConflictIsOverWhenBothAgree) {
  act(Action::set, Item::name, "mine");
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  poke(12, {delta(wire_, {item(1, "again", 1, 12)})});
  EXPECT_EQ(told(), "name=mine/again ");
  act(Action::set, Item::name, "again");
  EXPECT_EQ(told(), "name=again ");
  poke(13, {delta(wire_, {item(1, "a", 1, 13)})});
  EXPECT_EQ(told(), "name=again ") << "theirs is what it was when the edit began";
}

TEST_F(Drafts, OwnChangesElsewhereAreNoConflict) {
  act(Action::set, Item::name, "mine");
  update(1, patch({{Item::name, "other tab"}}));
  EXPECT_EQ(told(), "name=mine ");
  poke(11, {delta(wire_, {item(1, "other tab", 1, 11)})}, {verdict(1, 11)});
  EXPECT_EQ(told(), "name=mine ");
  EXPECT_TRUE(commit().status.ok());
}

// The simulator found it: what somebody else wrote came out from under a change of our own, unmarked.
TEST_F(Drafts, WhatLayUnderAnOwnChangeThatIsRefusedIsSomebodyElses) {
  act(Action::set, Item::name, "mine");
  update(1, patch({{Item::name, "other tab"}}));
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  EXPECT_EQ(told(), "name=mine ") << "it is not on the screen yet";
  poke(11, {}, {verdict(1, 11, model::Outcome::conflict, Code::conflict)});
  EXPECT_EQ(told(), "name=mine/theirs ");
}

TEST_F(Drafts, AnOwnChangeUnderALaterOneIsNobodyElses) {
  act(Action::set, Item::name, "mine");
  update(1, patch({{Item::name, "first"}}));
  update(1, patch({{Item::name, "second"}, {Item::count, 1}}));
  poke(11, {delta(wire_, {item(1, "first", 1, 11)})}, {verdict(1, 11)});
  poke(11, {}, {verdict(2, 11, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(told(), "name=mine ");
  poke(12, {delta(wire_, {item(1, "theirs", 1, 12)})});
  EXPECT_EQ(told(), "name=mine/theirs ");
}

TEST_F(Drafts, ADeletedRecordIsSaid) {
  act(Action::set, Item::name, "mine");
  poke(11, {delta(wire_, {}, {numbered_id(1)})});
  EXPECT_EQ(told(), "deleted name=mine ");
  EXPECT_EQ(commit().status.error().code, Code::conflict);
}

TEST_F(Drafts, RefuseWhatIsNotThere) {
  EXPECT_FALSE(core_->edit(kItemsId, numbered_id(77)).ok());
  EXPECT_FALSE(core_->edit(60'000, numbered_id(1)).ok());
  EXPECT_FALSE(core_->change_draft(Action::set, draft_, 900, 1).ok());
  EXPECT_FALSE(core_->change_draft(Action::set, draft_, model::kIdField, numbered_id(3)).ok());
  act(Action::close, 0);
  EXPECT_FALSE(core_->change_draft(Action::set, draft_, Item::name, "A").ok());
  EXPECT_EQ(commit().status.error().code, Code::not_found);
}

}  // namespace
}  // namespace syncline::tests
