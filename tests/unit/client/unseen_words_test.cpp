// What somebody else wrote under a value of one's own that waits has not been on the screen: no base may claim that it was seen.
#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

using client::DraftChanged;
using Action = ClientCore::DraftAction;

class UnseenWords : public Bench {
 protected:
  void SetUp() override {
    connect();
    query_ = subscribe(items_by_count());
    wire_ = wire();
    poke(10, {snapshot(wire_, {item(1, "a", 1, 5), item(2, "b", 2, 6)})});
    forget_outputs();
  }
  client::MutateAnswer update_with_base(const std::string& name, model::Version version) {
    model::Arguments arguments(patch({{Item::name, name}}));
    arguments.set(model::kIdField, numbered_id(1));
    auto answer = core_->mutate("shop.items.update", std::move(arguments),
                                {{kItemsId, numbered_id(1), model::kNoField, version}}, now_);
    drain();
    if (answer.status.ok()) {
      core_->stored(answer.id, now_);
      drain();
    }
    return answer;
  }
  model::Mutation last_pushed() { return sent<protocol::Push>().back().mutations.back(); }
  QueryId query_ = 0;
  std::uint32_t wire_ = 0;
};

// A draft that begins while somebody else's word lies under an own change that waits.
TEST_F(UnseenWords, ADraftBegunOverAWaitingValueHasNotSeenWhatLiesUnderIt) {
  EXPECT_TRUE(update_with_base("first", 5).status.ok());
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});  // not judged yet; under our own value
  EXPECT_EQ(list(query_), "first:1*,b:2") << "theirs was never on the screen";
  now_ = now_ + 3'000;
  const auto draft = core_->edit(kItemsId, numbered_id(1));
  const model::Record row = core_->get(kItemsId, numbered_id(1));
  // as the application does it: the value and the version of the row on the screen
  EXPECT_TRUE(
      core_->change_draft(Action::begin, *draft, Item::name, row.get(Item::name), row.version())
          .ok());
  EXPECT_TRUE(core_->change_draft(Action::set, *draft, Item::name, "second").ok());
  drain();
  const auto answer = core_->commit(*draft, now_);
  drain();
  ASSERT_TRUE(answer.status.ok());
  core_->stored(answer.id, now_);
  drain();
  EXPECT_EQ(last_pushed().arguments.get(Item::name), model::Value("second"));
  EXPECT_LT(last_pushed().bases.back().version, 11u) << "base claims that 'theirs' was seen";
}
TEST_F(UnseenWords, ADraftTypedOverAWaitingValueIsMarkedWhenThatIsRefused) {
  EXPECT_TRUE(update_with_base("first", 5).status.ok());
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  now_ = now_ + 3'000;
  const auto draft = core_->edit(kItemsId, numbered_id(1));
  EXPECT_TRUE(core_->change_draft(Action::set, *draft, Item::name, "second").ok());
  drain();
  // The first is refused, as it is in conflict: theirs comes out from under it, and the draft?
  poke(11, {}, {verdict(1, 11, model::Outcome::conflict, Code::conflict)});
  EXPECT_EQ(list(query_), "theirs:1,b:2");
  const client::Draft told = effects<DraftChanged>().back().draft;
  EXPECT_TRUE(told.fields[0].conflict) << "unmarked: " << told.fields[0].version;
  const auto answer = core_->commit(*draft, now_);
  drain();
  EXPECT_FALSE(answer.status.ok()) << "somebody else's value is overwritten without a word";
}
// The same without a draft: update(id, patch, {base: row.version}).
TEST_F(UnseenWords, AnUpdateHasNotSeenWhatLiesUnderAWaitingValue) {
  EXPECT_TRUE(update_with_base("first", 5).status.ok());
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  now_ = now_ + 3'000;
  EXPECT_TRUE(
      update_with_base("second", core_->get(kItemsId, numbered_id(1)).version()).status.ok());
  EXPECT_LT(last_pushed().bases.back().version, 11u);
}
// Folding: the key that follows takes over the base of the first.
TEST_F(UnseenWords, AFoldedEditKeepsTheEarliestBase) {
  EXPECT_TRUE(update_with_base("f", 5).status.ok());  // goes at once
  now_ = now_ + 100;
  EXPECT_TRUE(update_with_base("fi", 5).status.ok());  // held for others to fold into it
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  now_ = now_ + 100;
  EXPECT_TRUE(update_with_base("fir", core_->get(kItemsId, numbered_id(1)).version()).status.ok());
  now_ = now_ + 3'000;
  core_->timeout(now_);
  drain();
  EXPECT_EQ(last_pushed().arguments.get(Item::name), model::Value("fir"));
  EXPECT_LT(last_pushed().bases.back().version, 11u);
}
// The simulator found it: a draft was saved into an edit that still waited for more keys, and those took its old base for theirs.
TEST_F(UnseenWords, WhatReplacesAFoldedEditHasNotTheBaseOfThat) {
  const auto draft = core_->edit(kItemsId, numbered_id(1));
  EXPECT_TRUE(core_->change_draft(Action::set, *draft, Item::name, "mine").ok());
  const auto type = [this](const std::string& text) {
    now_ = now_ + 100;
    model::Arguments made(patch({{model::kIdField, numbered_id(1)}, {Item::name, text}}));
    const auto answer = core_->mutate("shop.items.update", made, {}, now_);
    EXPECT_TRUE(answer.status.ok());
    core_->stored(answer.id, now_);
    drain();
    return answer.id.sequence;
  };
  EXPECT_EQ(type("k"), 1u);
  poke(11, {delta(wire_, {item(1, "k", 1, 11)})}, {verdict(1, 11)});
  EXPECT_EQ(type("ke"), 2u);
  EXPECT_EQ(core_->commit(*draft, now_).id.sequence, 2u);
  drain();
  EXPECT_EQ(type("key"), 2u);
  EXPECT_TRUE(core_->change_draft(Action::set, *draft, Item::name, "more").ok());
  drain();
  EXPECT_EQ(effects<DraftChanged>().back().draft.fields[0].version, 11u);
}
// keep_mine over an own pending value, under which a later word of somebody else lies.
TEST_F(UnseenWords, MineIsKeptOverWhatWasOnTheScreenAlone) {
  const auto draft = core_->edit(kItemsId, numbered_id(1));
  EXPECT_TRUE(core_->change_draft(Action::set, *draft, Item::name, "mine").ok());
  poke(11, {delta(wire_, {item(1, "theirs", 1, 11)})});
  EXPECT_TRUE(effects<DraftChanged>().back().draft.fields[0].conflict);
  now_ = now_ + 3'000;
  EXPECT_TRUE(update_with_base("other tab", 11).status.ok());
  poke(12, {delta(wire_, {item(1, "later", 1, 12)})});
  const client::DraftField told = effects<DraftChanged>().back().draft.fields[0];
  EXPECT_TRUE(told.conflict);
  EXPECT_EQ(told.theirs, model::Value("other tab"));
  EXPECT_TRUE(
      core_->change_draft(Action::keep_mine, *draft, Item::name, told.theirs, told.judged).ok());
  drain();
  poke(12, {}, {verdict(1, 12, model::Outcome::conflict, Code::conflict)});
  EXPECT_EQ(list(query_), "later:1,b:2");
  const client::DraftField after = effects<DraftChanged>().back().draft.fields[0];
  EXPECT_TRUE(after.conflict) << "'later' was never seen, base is " << after.version;
}

TEST_F(UnseenWords, ABaseOfAnUnknownCollectionIsNobodysBusinessHere) {
  EXPECT_TRUE(update_with_base("first", 5).status.ok());
  model::Arguments arguments(patch({{Item::name, "second"}}));
  arguments.set(model::kIdField, numbered_id(1));
  const auto answer = core_->mutate(
      "shop.items.update", std::move(arguments),
      {{60'000, numbered_id(1), model::kNoField, 5}, {60'000, numbered_id(1), Item::name, 5}},
      now_);
  EXPECT_TRUE(answer.status.ok());
}

}  // namespace
}  // namespace syncline::tests
