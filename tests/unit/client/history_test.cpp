// Undo and redo of own changes: online, offline, across rebase, and when somebody else was there since.
#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

using client::HistoryChanged;
using model::Outcome;

class History : public Bench {
 protected:
  void SetUp() override {
    connect();
    query_ = subscribe(items_by_count());
    wire_ = wire();
    poke(10, {snapshot(wire_, {item(1, "a", 1, 5), item(2, "b", 2, 6)})});
    forget_outputs();
  }
  void rename(const std::string& name, std::uint8_t id = 1) {
    now_ = now_ + 5'000;
    EXPECT_TRUE(update(id, patch({{Item::name, name}})).status.ok());
  }
  client::MutateAnswer undo(bool redo = false) {
    auto answer = core_->undo(redo, now_);
    drain();
    if (answer.status.ok()) {
      core_->stored(answer.id, now_);
      drain();
    }
    return answer;
  }
  client::MutateAnswer redo() { return undo(true); }
  // "undoable/redoable", as it was told last.
  std::string told() const {
    const auto changes = effects<HistoryChanged>();
    if (changes.empty()) return "";
    return std::to_string(changes.back().undoable) + "/" + std::to_string(changes.back().redoable);
  }
  QueryId query_ = 0;
  std::uint32_t wire_ = 0;
};

TEST_F(History, TakesBackStepByStepAndDoesAgain) {
  rename("A");
  rename("B", 2);
  EXPECT_EQ(told(), "2/0");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "A:1*,b:2*");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "a:1*,b:2*");
  EXPECT_EQ(told(), "0/2");
  EXPECT_EQ(undo().status.error().code, Code::not_found);
  EXPECT_TRUE(redo().status.ok());
  EXPECT_TRUE(redo().status.ok());
  EXPECT_EQ(list(query_), "A:1*,B:2*");
  EXPECT_EQ(told(), "2/0");
  EXPECT_EQ(redo().status.error().code, Code::not_found);
}

// The core that made it was gone before it was stored: its author was told that it is done.
TEST_F(History, WhatAnEarlierCoreMadeOfAnUndoIsTheServersToJudgeAndNoStep) {
  rename("A");
  EXPECT_EQ(told(), "1/0");
  const auto undone = undo();
  ASSERT_TRUE(undone.made.has_value());
  EXPECT_EQ(undone.made->name, "shop.items.update");
  EXPECT_EQ(undone.made->arguments.get(Item::name), model::Value("a"));
  const auto again = [&](bool accepted) {
    model::Mutation made = *undone.made;
    made.arguments.set(Item::name, "");  // as if the rules had changed since
    return core_->mutate(made.name, made.arguments, made.bases, now_, accepted, accepted);
  };
  EXPECT_EQ(again(false).status.error().code, Code::required);
  const std::string before = told();
  EXPECT_TRUE(again(true).status.ok());
  drain();
  EXPECT_EQ(told(), before);
}

// The simulator found it: over a removal that was taken back the server's row was taken for one that it did not know.
TEST_F(History, KnowsWhatWasSeenOfARecordThatWasRemovedAndBroughtBack) {
  model::Arguments one(patch({{model::kIdField, numbered_id(1)}}));
  const auto removed = core_->mutate("shop.items.remove", one, {}, now_);
  ASSERT_TRUE(removed.status.ok());
  drain();
  core_->stored(removed.id, now_);
  drain();
  ASSERT_TRUE(undo().status.ok());
  rename("A");
  const auto undone = undo();
  ASSERT_TRUE(undone.status.ok());
  ASSERT_EQ(undone.made->bases.size(), 2u);
  EXPECT_EQ(undone.made->bases[0].version, 5u);
}

TEST_F(History, IsAnOrdinaryMutationWithWhatItsAuthorSaw) {
  rename("A");
  poke(11, {delta(wire_, {item(1, "A", 1, 11)})}, {verdict(1, 11)});
  forget_outputs();
  EXPECT_TRUE(undo().status.ok());
  ASSERT_EQ(sent<protocol::Push>().size(), 1u);
  const model::Mutation mutation = sent<protocol::Push>()[0].mutations[0];
  EXPECT_EQ(mutation.name, "shop.items.update");
  EXPECT_EQ(mutation.id.sequence, 2u);
  EXPECT_EQ(mutation.arguments.get(Item::name), model::Value("a"));
  ASSERT_EQ(mutation.bases.size(), 1u);
  EXPECT_EQ(mutation.bases[0].version, 11u);
}

// The server is to know what it takes back, for as long as nobody has heard whether that was done at all.
TEST_F(History, SaysWhatItTakesBackWhileThatWaits) {
  const auto taken_back = [](const client::MutateAnswer& undone) {
    return undone.made->bases.back();
  };
  rename("A");
  const model::BaseVersion base = taken_back(undo());
  EXPECT_EQ(base, (model::BaseVersion{model::kNoCollection, numbered_id(50), model::kNoField, 1}));
  EXPECT_EQ(taken_back(redo()).version, 2u);
  rename("B", 2);
  EXPECT_TRUE(undo().status.ok());
  forget_outputs();
  // The server does not know these numbers: all go on under others, and what they say of one another with them.
  receive(protocol::Failure{{Code::out_of_order, "Missing."}});
  std::vector<model::Mutation> anew;
  for (const client::StoreMutation& each : effects<client::StoreMutation>())
    anew.push_back(*protocol::decode_mutation(each.mutation));
  ASSERT_EQ(anew.size(), 5u);
  for (const std::size_t undo : {1, 2, 4}) {
    EXPECT_EQ(anew[undo].bases.back().record, anew[0].id.client) << undo;
    EXPECT_EQ(anew[undo].bases.back().version, undo) << undo;
  }
  EXPECT_EQ(taken_back(redo()).record, anew[0].id.client) << "by the name that the server knows";
}

// The simulator found it: typing went on into what somebody else had written just then, and the step was gone.
TEST_F(History, WhatSomebodyElseWroteTheSameIsAStepAllTheSame) {
  const auto type = [this](const std::string& text) {
    now_ = now_ + 100;
    EXPECT_TRUE(update(1, patch({{Item::name, text}})).status.ok());
  };
  rename("A", 2);
  rename("x");
  poke(12, {delta(wire_, {item(2, "A", 2, 11), item(1, "x", 1, 12)})},
       {verdict(1, 11), verdict(2, 12)});
  type("xy");
  EXPECT_EQ(told(), "3/0");
  poke(13, {delta(wire_, {item(1, "xyz", 1, 13)})});
  type("xyz");
  EXPECT_EQ(told(), "3/0");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "x:1*,A:2");
}
TEST_F(History, WhatEndsWhereItBeganIsNoStep) {
  rename("x");
  poke(11, {delta(wire_, {item(1, "x", 1, 11)})}, {verdict(1, 11)});
  for (const char* text : {"xy", "x"}) {
    now_ = now_ + 100;
    EXPECT_TRUE(update(1, patch({{Item::name, text}})).status.ok());
  }
  EXPECT_EQ(told(), "1/0");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "a:1*,b:2");
}
TEST_F(History, WhatGoesOnFromWhereItBeganIsTakenBackToThere) {
  rename("x");
  for (const char* text : {"xy", "x", "xz"}) {
    now_ = now_ + 100;
    EXPECT_TRUE(update(1, patch({{Item::name, text}})).status.ok());
    poke(12, {delta(wire_, {item(1, "theirs", 1, 12)})}, {verdict(1, 11)});
  }
  EXPECT_EQ(told(), "2/0");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "x:1*,b:2");
}

TEST_F(History, InsertsAndRemovalsToo) {
  const auto made = insert(patch({{Item::name, "new"}, {Item::count, 9}}));
  EXPECT_TRUE(remove(2).status.ok());
  EXPECT_EQ(list(query_), "a:1,new:9*");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "a:1,b:2*,new:9*");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "a:1,b:2*");
  EXPECT_TRUE(redo().status.ok());
  EXPECT_EQ(list(query_), "a:1,b:2*,new:9*") << "under the id that it had";
  EXPECT_EQ(core_->get(kItemsId, made.result.front().second.id()).integer(Item::count), 9);
}

TEST_F(History, RefusesWhatSomebodyElseChangedSinceAndGoesOnBeforeIt) {
  rename("B", 2);
  rename("A");
  poke(12, {delta(wire_, {item(1, "theirs", 1, 12), item(2, "B", 2, 11)})},
       {verdict(1, 11), verdict(2, 11)});
  const auto refused = undo();
  ASSERT_FALSE(refused.status.ok());
  EXPECT_EQ(refused.status.error().code, Code::conflict);
  EXPECT_EQ(refused.status.error().fields.front().field, "name");
  EXPECT_EQ(list(query_), "theirs:1,B:2");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "theirs:1,b:2*");
}

TEST_F(History, AnotherFieldsChangeIsNoObstacle) {
  rename("A");
  poke(12, {delta(wire_, {item(1, "A", 7, 12)})}, {verdict(1, 11)});
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "b:2,a:7*");
}

// The simulator found it: taken back before it was judged, the step claimed to have seen what lay under it.
TEST_F(History, WhatLiesUnderAStepThatIsNotJudgedWasNotSeen) {
  rename("A");
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  EXPECT_EQ(list(query_), "A:1*,b:2");
  EXPECT_TRUE(undo().status.ok());
  const auto pushes = sent<protocol::Push>();
  EXPECT_EQ(pushes.back().mutations.back().bases.front().version, 5u);
}

// The simulator found it: a step that nothing would take back any more was forgotten, though it still lay over their word.
TEST_F(History, WhatLiesUnderAStepThatWasUndoneWasNotSeenEither) {
  rename("A");
  EXPECT_TRUE(undo().status.ok());
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  rename("B");
  EXPECT_TRUE(undo().status.ok());
  const auto pushes = sent<protocol::Push>();
  EXPECT_EQ(pushes.back().mutations.back().bases.front().version, 5u);
}

// The simulator found it: the absolute value that undo wrote took what others had added for its own.
TEST_F(History, WhatWasAddedIsTakenAwayWhateverOthersAdd) {
  const auto add = [this](std::int64_t count) {
    model::FieldWrite write = assignment(Item::count, count);
    write.kind = model::WriteKind::increment;
    EXPECT_TRUE(update(1, {write}).status.ok());
  };
  add(3);
  add(4);
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "b:2,a:4*");
  poke(11, {delta(wire_, {item(1, "a", 11, 11)})});
  EXPECT_EQ(list(query_), "b:2,a:14*");
  EXPECT_TRUE(undo().status.ok()) << "others added, which is no obstacle";
  EXPECT_EQ(list(query_), "b:2,a:11*");
  const auto pushes = sent<protocol::Push>();
  const model::FieldWrite& write = pushes.back().mutations.back().arguments.writes().back();
  EXPECT_EQ(write.kind, model::WriteKind::increment);
  EXPECT_EQ(write.value, model::Value(-3));
}

TEST_F(History, OfflineAndAcrossARebase) {
  core_->closed(now_);
  drain();
  rename("A");
  rename("AA");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "A:1*,b:2");
  core_->retry_now(now_);
  core_->opened(now_);
  drain();
  forget_outputs();
  welcome(11);
  poke(11, {snapshot(wire_, {item(1, "a", 7, 11), item(2, "b", 2, 6)})});
  EXPECT_EQ(list(query_), "b:2,A:7*");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "b:2,a:7*");
  std::string names;
  for (const protocol::Push& push : sent<protocol::Push>()) {
    for (const model::Mutation& mutation : push.mutations)
      names += mutation.arguments.get(Item::name).text() + " ";
  }
  EXPECT_EQ(names, "A AA A a ") << "all of it, in order";
}

TEST_F(History, WhatTheServerRefusedWasNeverDone) {
  rename("A");
  poke(11, {}, {verdict(1, 11, Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(told(), "0/0");
  EXPECT_EQ(undo().status.error().code, Code::not_found);
}

TEST_F(History, ANewChangeEndsRedo) {
  rename("A");
  EXPECT_TRUE(undo().status.ok());
  rename("B", 2);
  EXPECT_EQ(told(), "1/0");
  EXPECT_EQ(redo().status.error().code, Code::not_found);
}

TEST_F(History, RapidEditsAreOneStep) {
  rename("A");
  update(1, patch({{Item::name, "AB"}}));
  update(1, patch({{Item::name, "ABC"}}));
  EXPECT_EQ(told(), "2/0");
  EXPECT_TRUE(undo().status.ok());
  EXPECT_EQ(list(query_), "A:1*,b:2");
  EXPECT_TRUE(redo().status.ok());
  EXPECT_EQ(list(query_), "ABC:1*,b:2");
}

TEST_F(History, WhatIsNoChangeOfOneRecordIsSaid) {
  rename("B", 2);
  model::Arguments arguments;
  arguments.set(model::kIdField, numbered_id(1));
  arguments.set(10, "me");
  ASSERT_TRUE(mutate("shop.item.check", arguments).status.ok());
  EXPECT_EQ(undo().status.error().code, Code::rule_violation);
  EXPECT_TRUE(undo().status.ok()) << "then the one before it";
  EXPECT_EQ(told(), "0/1");
}

// The simulator found it: an edit that began before the record was here looked as if it had made the record, and its undo was a
// removal.
TEST_F(Bench, AnEditThatBeganBeforeTheRecordWasHereIsTakenBackAsAnEdit) {
  connect();
  const QueryId query = subscribe(items_by_count());
  const std::uint32_t wire_id = wire();
  update(1, patch({{Item::name, "x"}}));
  update(1, patch({{Item::name, "xy"}}));
  poke(10, {snapshot(wire_id, {item(1, "a", 1, 5)})});
  EXPECT_EQ(list(query), "xy:1*");
  update(1, patch({{Item::name, "xyz"}}));
  EXPECT_EQ(list(query), "xyz:1*");
  EXPECT_TRUE(core_->undo(false, now_).status.ok());
  drain();
  EXPECT_EQ(list(query), "x:1*");
}

}  // namespace
}  // namespace syncline::tests
