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
  // Over what it was told last.
  void keep_mine(model::FieldId field) {
    model::Value theirs;
    model::Version version = 0;
    const client::Draft told = effects<DraftChanged>().back().draft;
    for (const client::DraftField& edit : told.fields) {
      if (edit.field != field) continue;
      theirs = edit.theirs;
      version = edit.judged;
    }
    keep_mine(field, theirs, version);
  }
  void keep_mine(model::FieldId field, const model::Value& theirs, model::Version version) {
    EXPECT_TRUE(core_->change_draft(Action::keep_mine, draft_, field, theirs, version).ok());
    drain();
  }
  // The edit of the name begins with what its author sees.
  void begin(const std::string& seen, model::Version version) {
    EXPECT_TRUE(core_->change_draft(Action::begin, draft_, Item::name, seen, version).ok());
    drain();
  }
  client::MutateAnswer commit(bool accepted = false) {
    auto answer = core_->commit(draft_, now_, accepted);
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
      text += edit.field == Item::name ? "name=" : edit.field == Item::code ? "code=" : "count=";
      text += show(edit.mine);
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
  keep_mine(Item::name);
  EXPECT_EQ(told(), "name=mine count=5 ");
  EXPECT_TRUE(commit().status.ok());
  const model::Mutation mutation = sent<protocol::Push>()[0].mutations[0];
  EXPECT_EQ(mutation.bases[0].version, 11u) << "theirs was seen";
  EXPECT_EQ(list(query_), "b:2,mine:5*");
}

TEST_F(Drafts, WhatIsKeptIsMineThoughItWasNotTyped) {
  begin("a", 5);
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  EXPECT_EQ(told(), "name=a/theirs ");
  keep_mine(Item::name);
  EXPECT_EQ(told(), "name=a ");
  EXPECT_TRUE(commit().status.ok());
  EXPECT_EQ(list(query_), "a:1*,b:2");
}

// The author's own change from elsewhere passes through the very value that he has typed here.
TEST_F(Drafts, WhatWasTypedStaysThoughForAWhileTheSameIsThere) {
  act(Action::set, Item::name, "mine");
  update(1, patch({{Item::name, "mine"}}));
  EXPECT_EQ(told(), "name=mine ");
  now_ = now_ + 5'000;
  update(1, patch({{Item::name, "other"}}));
  EXPECT_EQ(told(), "name=mine ");
  EXPECT_TRUE(commit().status.ok());
  EXPECT_EQ(list(query_), "mine:1*,b:2");
}

TEST_F(Drafts, TheirsMayBeTakenFieldByField) {
  act(Action::set, Item::name, "mine");
  act(Action::set, Item::code, "m");
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11, {{Item::code, "t"}})})});
  EXPECT_EQ(told(), "name=mine/theirs code=m/t ");
  act(Action::take_theirs, Item::name);
  keep_mine(Item::code);
  EXPECT_EQ(told(), "code=m ");
  EXPECT_TRUE(commit().status.ok());
  EXPECT_EQ(list(query_), "theirs:1*,b:2");
  EXPECT_EQ(core_->get(kItemsId, numbered_id(1)).text(Item::code), "m");
}

TEST_F(Drafts, AConflictSaysWhatWasSeenAndWhenTheOtherCame) {
  begin("a", 5);
  model::RecordBuilder theirs(item(1, "theirs", 1, 11));
  theirs.set(model::kUpdatedAtField, base::Timestamp{4'711});
  poke(11, {delta(wire_, {theirs.build()})});
  EXPECT_EQ(told(), "name=a/theirs ") << "before its author has typed anything";
  const client::DraftField field = effects<DraftChanged>().back().draft.fields.front();
  EXPECT_EQ(field.base, model::Value("a"));
  EXPECT_EQ(field.at.ms, 4'711);
}

TEST_F(Drafts, WhatPoliciesMergeIsNoConflict) {
  act(Action::set, Item::count, 5);
  poke(11, {delta(wire_, {item(1, "a", 9, 11)})});
  EXPECT_EQ(told(), "count=5 ");
  EXPECT_TRUE(commit().status.ok());
  EXPECT_EQ(sent<protocol::Push>()[0].mutations[0].bases[0].version, 5u);
}

// The screen shows an older state than the core has: the edit is of what its author saw.
TEST_F(Drafts, AnEditBeginsWithWhatItsAuthorSees) {
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  begin("a", 5);
  EXPECT_EQ(told(), "name=a/theirs ");
  act(Action::set, Item::name, "mine");
  EXPECT_EQ(told(), "name=mine/theirs ");
  EXPECT_EQ(commit().status.error().code, Code::conflict);
  act(Action::take_theirs, Item::name);
  begin("theirs", 11);
  poke(12, {delta(wire_, {item(1, "theirs", 7, 12)})});
  act(Action::set, Item::name, "mine");
  act(Action::set, Item::name, "theirs");
  EXPECT_EQ(commit().status.error().code, Code::not_found) << "nothing was changed";
  poke(13, {delta(wire_, {item(1, "again", 7, 13)})});
  EXPECT_EQ(told(), "name=theirs/again ") << "an edit that was begun goes on";
}

TEST_F(Drafts, AnEditThatBeganBeforeTheRowsCameWaitsForThem) {
  start(51);
  draft_ = *core_->edit(kItemsId, numbered_id(1));
  begin("b", 8);
  act(Action::set, Item::name, "mine");
  connect();
  query_ = subscribe(items_by_count());
  poke(7, {snapshot(wire(), {item(1, "a", 1, 7)})});
  EXPECT_EQ(told(), "name=mine ") << "the row is older than what its author saw";
  poke(8, {delta(wire(), {item(1, "b", 1, 8)})});
  EXPECT_EQ(told(), "name=mine ");
  poke(9, {delta(wire(), {item(1, "theirs", 1, 9)})});
  EXPECT_EQ(told(), "name=mine/theirs ");
  keep_mine(Item::name);
  EXPECT_TRUE(commit().status.ok());
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

// The simulator found it: what a commit says that its author saw is older than what is held, and of a draft that begins over it
// nobody knew any more what the server had said.
TEST_F(Drafts, WhatComesOutFromUnderAnEarlierCommitThatIsRefusedIsNobodyElses) {
  act(Action::set, Item::name, "first");
  poke(11, {delta(wire_, {item(1, "a", 1, 11, {{Item::position, 7}})})});
  EXPECT_TRUE(commit().status.ok());
  act(Action::set, Item::name, "second");
  poke(12, {delta(wire_, {item(1, "a", 1, 12, {{Item::position, 8}})})});
  poke(12, {}, {verdict(1, 12, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(list(query_), "a:1,b:2");
  EXPECT_EQ(told(), "name=second ");
}
// The simulator found it: of a record that was one's own and new, nobody knew any more what one had written into it.
TEST_F(Drafts, WhatWasWrittenIntoANewRecordIsNobodyElses) {
  EXPECT_TRUE(
      insert(patch({{model::kIdField, numbered_id(7)}, {Item::name, "new"}, {Item::count, 9}}))
          .status.ok());
  update(7, patch({{Item::name, "typed"}}));
  poke(11, {delta(wire_, {item(7, "new", 9, 11)})}, {verdict(1, 11)});
  draft_ = *core_->edit(kItemsId, numbered_id(7));
  act(Action::set, Item::name, "mine");
  poke(11, {}, {verdict(2, 11, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(list(query_), "a:1,b:2,new:9");
  EXPECT_EQ(told(), "name=mine ");
}
// The simulator found it: the same with a draft that began before the server had heard of the record at all.
TEST_F(Drafts, WhatANewRecordWasMadeWithIsNobodyElsesEither) {
  EXPECT_TRUE(
      insert(patch({{model::kIdField, numbered_id(7)}, {Item::name, "new"}, {Item::count, 9}}))
          .status.ok());
  update(7, patch({{Item::name, "typed"}}));
  draft_ = *core_->edit(kItemsId, numbered_id(7));
  act(Action::set, Item::name, "mine");
  poke(11, {delta(wire_, {item(7, "new", 9, 11)})},
       {verdict(1, 11), verdict(2, 11, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(list(query_), "a:1,b:2,new:9");
  EXPECT_EQ(told(), "name=mine ");
}
// The simulator found it: whoever answers a conflict has seen what it told, though by then something else was held.
TEST_F(Drafts, WhatAConflictToldWasSeenByWhoeverAnsweredIt) {
  update(1, patch({{Item::name, "first"}}));
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  auto refused = verdict(1, 11, model::Outcome::conflict, Code::conflict);
  refused.second.conflicts.push_back(
      {kItemsId, numbered_id(1), false, {{Item::name, "a", "first", "theirs", {}, {}}}});
  poke(12, {delta(wire_, {item(1, "later", 1, 12)})}, {refused});
  model::Arguments again(patch({{model::kIdField, numbered_id(1)}, {Item::name, "again"}}));
  const auto answered =
      core_->mutate("shop.items.update", again, {{kItemsId, numbered_id(1), Item::name, 11}}, now_);
  drain();
  core_->stored(answered.id, now_);
  drain();
  poke(13, {delta(wire_, {item(1, "theirs", 1, 13)})});
  act(Action::set, Item::name, "mine");
  poke(13, {}, {verdict(2, 13, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(list(query_), "theirs:1,b:2");
  EXPECT_EQ(told(), "name=mine ");
}
// The simulator found it: somebody else came to write what had been one's own word, before he had written another.
TEST_F(Drafts, AnOwnWordIsSomebodyElsesOnceAConflictHasToldOfAnother) {
  update(1, patch({{Item::name, "own"}}));
  poke(11, {delta(wire_, {item(1, "own", 1, 11)})}, {verdict(1, 11)});
  update(1, patch({{Item::name, "first"}}));
  auto refused = verdict(2, 12, model::Outcome::conflict, Code::conflict);
  refused.second.conflicts.push_back(
      {kItemsId, numbered_id(1), false, {{Item::name, "own", "first", "theirs", {}, {}}}});
  poke(12, {delta(wire_, {item(1, "theirs", 1, 12)})}, {refused});
  update(1, patch({{Item::name, "again"}}));
  poke(13, {delta(wire_, {item(1, "own", 1, 13)})});
  act(Action::set, Item::name, "mine");
  poke(13, {}, {verdict(3, 13, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(told(), "name=mine/own ");
}
TEST_F(Drafts, AnOwnWordIsSomebodyElsesOnceAnotherWasSeen) {
  update(1, patch({{Item::name, "own"}}));
  poke(11, {delta(wire_, {item(1, "own", 1, 11)})}, {verdict(1, 11)});
  poke(12, {delta(wire_, {item(1, "theirs", 1, 12)})});
  update(1, patch({{Item::name, "first"}}));
  poke(13, {delta(wire_, {item(1, "own", 1, 13)})});
  act(Action::set, Item::name, "mine");
  poke(13, {}, {verdict(2, 13, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(told(), "name=mine/own ");
}
TEST_F(Drafts, WhatSomebodyElseSaidUnderAnEarlierCommitThatIsRefusedIsMarked) {
  act(Action::set, Item::name, "first");
  poke(11, {delta(wire_, {item(1, "a", 1, 11, {{Item::position, 7}})})});
  EXPECT_TRUE(commit().status.ok());
  poke(12, {delta(wire_, {item(1, "theirs", 1, 12)})});
  act(Action::set, Item::name, "second");
  poke(12, {}, {verdict(1, 12, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(told(), "name=second/theirs ");
}

// The simulator found it: theirs went out of sight under a change of one's own, and was taken to be known from then on.
TEST_F(Drafts, WhatIsNotDecidedIsNotKnownOnceAnOwnChangeCoversIt) {
  update(1, patch({{Item::name, "first"}}));
  act(Action::set, Item::name, "mine");
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})},
       {verdict(1, 11, model::Outcome::conflict, Code::conflict)});
  EXPECT_EQ(told(), "name=mine/theirs ");
  update(1, patch({{Item::name, "first"}}));
  EXPECT_EQ(told(), "name=mine ");
  now_ = now_ + 5'000;
  EXPECT_TRUE(commit().status.ok());
  act(Action::set, Item::name, "later");
  poke(12, {},
       {verdict(2, 12, model::Outcome::rejected, Code::forbidden),
        verdict(3, 12, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(told(), "name=later/theirs ");
}

// The simulator found it: after a new connection verdicts come before the rows, and an edit that began in between.
TEST_F(Drafts, AnOwnValueWhoseVerdictCameBeforeTheEditIsNobodyElses) {
  update(1, patch({{Item::name, "own"}}));
  update(1, patch({{Item::name, "waits"}, {Item::count, 1}}));
  poke(10, {}, {verdict(1, 12)});
  act(Action::set, Item::name, "mine");
  poke(12, {delta(wire_, {item(1, "own", 1, 12)})},
       {verdict(2, 12, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(told(), "name=mine ");
  poke(13, {delta(wire_, {item(1, "theirs", 1, 13)})});
  EXPECT_EQ(told(), "name=mine/theirs ");
}

// The simulator found it: what is as before one's own change looked as if nothing had come after that.
TEST_F(Drafts, WhoeverChangesItBackAfterAnOwnChangeIsSomebodyElse) {
  act(Action::set, Item::name, "mine");
  update(1, patch({{Item::name, "other tab"}}));
  poke(12, {delta(wire_, {item(1, "a", 1, 12)})}, {verdict(1, 11)});
  EXPECT_EQ(told(), "name=mine/a ");
}

// The simulator found it: after a new connection the record comes before the word that it was we who wrote that.
TEST_F(Drafts, AnOwnValueThatIsHereBeforeItsVerdictIsNobodyElses) {
  act(Action::set, Item::name, "mine");
  update(1, patch({{Item::name, "first"}}));
  update(1, patch({{Item::name, "second"}, {Item::count, 1}}));
  poke(11, {delta(wire_, {item(1, "first", 1, 11)})});
  poke(11, {}, {verdict(1, 11), verdict(2, 11, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(told(), "name=mine ");
}

// The simulator found it: a row that has the later word already, before the verdicts, made the earlier one look like one's last.
TEST_F(Drafts, AnEarlierOwnWordIsSomebodyElsesAfterALaterOne) {
  update(1, patch({{Item::name, "first"}}));
  update(1, patch({{Item::name, "second"}, {Item::count, 1}}));
  act(Action::set, Item::name, "mine");
  poke(12, {delta(wire_, {item(1, "second", 1, 12)})});
  poke(12, {}, {verdict(1, 11)});
  poke(12, {}, {verdict(2, 12)});
  EXPECT_EQ(told(), "name=mine ");
  poke(13, {delta(wire_, {item(1, "first", 1, 13)})});
  EXPECT_EQ(told(), "name=mine/first ");
}

TEST_F(Drafts, ADeletedRecordIsSaidAndComesBackIfItsAuthorWants) {
  act(Action::set, Item::name, "mine");
  poke(11, {delta(wire_, {}, {numbered_id(1)})});
  EXPECT_EQ(told(), "deleted name=mine ");
  EXPECT_EQ(commit().status.error().code, Code::conflict);
  keep_mine(Item::name);
  const auto restored = commit();
  EXPECT_TRUE(restored.status.ok());
  EXPECT_FALSE(restored.certain) << "only the server remembers the rest of it";
  EXPECT_EQ(list(query_), "b:2");
  const model::Mutation mutation = sent<protocol::Push>()[0].mutations[0];
  EXPECT_EQ(mutation.name, "shop.items.restore");
  EXPECT_EQ(mutation.arguments.get(Item::name), model::Value("mine"));
  EXPECT_EQ(mutation.bases[0].version, 5u);
  poke(12, {delta(wire_, {item(1, "mine", 1, 12)})}, {verdict(1, 12)});
  EXPECT_EQ(told(), "");
  EXPECT_EQ(list(query_), "mine:1,b:2");
}

// The tab's core before this one had accepted it, and was gone before it was stored: the draft is closed, and nobody is left to
// decide. The server tells the conflict, and what was written is kept with it.
TEST_F(Drafts, WhatAnEarlierCoreAcceptedIsTheServersToJudge) {
  begin("a", 5);
  act(Action::set, Item::name, "mine");
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  EXPECT_EQ(commit().status.error().code, Code::conflict);
  EXPECT_TRUE(commit(true).status.ok());
  const model::Mutation mutation = sent<protocol::Push>()[0].mutations[0];
  EXPECT_EQ(mutation.arguments.get(Item::name), model::Value("mine"));
  EXPECT_EQ(mutation.bases[0].version, 5u);
}

TEST_F(Drafts, WhatAnEarlierCoreAcceptedIsSentThoughTheRecordIsGone) {
  begin("a", 5);
  act(Action::set, Item::name, "mine");
  poke(11, {delta(wire_, {}, {numbered_id(1)})});
  EXPECT_TRUE(commit(true).status.ok());
  EXPECT_EQ(list(query_), "b:2");
  EXPECT_EQ(sent<protocol::Push>()[0].mutations[0].name, "shop.items.update");
}

TEST_F(Drafts, WhatHasComeBackMeanwhileIsUpdated) {
  act(Action::set, Item::name, "mine");
  poke(11, {delta(wire_, {}, {numbered_id(1)})});
  keep_mine(Item::name);
  poke(12, {delta(wire_, {item(1, "theirs", 1, 12)})});
  EXPECT_EQ(told(), "name=mine/theirs ");
  EXPECT_EQ(commit().status.error().code, Code::conflict);
}

// What its author decided about is what was on the screen.
TEST_F(Drafts, WhatCameSinceTheDecisionIsAConflictOfItsOwn) {
  act(Action::set, Item::name, "mine");
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  poke(12, {delta(wire_, {item(1, "later", 1, 12)})});
  keep_mine(Item::name, "theirs", 11);
  EXPECT_EQ(told(), "name=mine/later ");
  keep_mine(Item::name, "later", 12);
  EXPECT_EQ(told(), "name=mine ");
  keep_mine(Item::name, "theirs", 11);
  EXPECT_EQ(told(), "name=mine ") << "the newer decision stands";
}

// The tab's core before this one had more of the log.
TEST_F(Drafts, ADecisionAboutWhatIsNotHereYetHoldsWhenItComes) {
  begin("a", 5);
  act(Action::set, Item::name, "mine");
  keep_mine(Item::name, "theirs", 11);
  EXPECT_EQ(told(), "name=mine ");
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  EXPECT_EQ(told(), "name=mine ");
  poke(12, {delta(wire_, {item(1, "later", 1, 12)})});
  EXPECT_EQ(told(), "name=mine/later ");
  keep_mine(Item::name);
  EXPECT_TRUE(commit().status.ok());
  EXPECT_EQ(sent<protocol::Push>()[0].mutations[0].bases[0].version, 12u);
}

TEST_F(Drafts, SayAsOfWhichVersionTheyHold) {
  const auto judged = [this] { return effects<DraftChanged>().back().draft.fields.front().judged; };
  begin("a", 5);
  EXPECT_EQ(judged(), 5u);
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  EXPECT_EQ(judged(), 11u);
  poke(12, {delta(wire_, {item(1, "a", 1, 12)})});
  EXPECT_EQ(told(), "name=a ");
  EXPECT_EQ(judged(), 12u);
}

TEST_F(Drafts, RefuseWhatIsNotThere) {
  const auto unknown = core_->edit(kItemsId, numbered_id(77));
  ASSERT_TRUE(unknown.ok()) << "it may still come";
  drain();
  EXPECT_EQ(told(), "deleted ");
  EXPECT_FALSE(core_->change_draft(Action::set, *unknown, Item::name, "A").ok());
  EXPECT_FALSE(core_->edit(60'000, numbered_id(1)).ok());
  EXPECT_FALSE(core_->change_draft(Action::set, draft_, 900, 1).ok());
  EXPECT_FALSE(core_->change_draft(Action::set, draft_, model::kIdField, numbered_id(3)).ok());
  act(Action::close, 0);
  EXPECT_FALSE(core_->change_draft(Action::set, draft_, Item::name, "A").ok());
  EXPECT_EQ(commit().status.error().code, Code::not_found);
}

}  // namespace
}  // namespace syncline::tests
