#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

using client::ForgetMutation;
using client::PendingChanged;
using client::Settled;
using client::StoreMutation;
using model::Outcome;
using protocol::Segment;

class Pending : public Bench {
 protected:
  // Of client 50, whose start is over before it is sent.
  model::Mutation left_in_the_outbox() {
    store_at_once_ = false;
    update(1, patch({{Item::name, "A"}}));
    store_at_once_ = true;
    return *protocol::decode_mutation(effects<StoreMutation>()[0].mutation);
  }
  void SetUp() override {
    connect();
    query_ = subscribe(items_by_count());
    wire_ = wire();
    poke(10, {snapshot(wire_, {item(1, "a", 1, 5), item(2, "b", 2, 6)})});
    forget_outputs();
  }
  void reconnect(model::Version version) {
    core_->closed(now_);
    drain();
    core_->retry_now(now_);
    core_->opened(now_);
    drain();
    forget_outputs();
    welcome(version);
  }
  QueryId query_ = 0;
  std::uint32_t wire_ = 0;
};

TEST_F(Pending, ShowsAtOnceAndSendsOnlyWhatIsStored) {
  store_at_once_ = false;
  const auto answer = update(1, patch({{Item::name, "A"}}));
  EXPECT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.id, (model::MutationId{numbered_id(50), 1}));
  EXPECT_EQ(list(query_), "A:1*,b:2");
  EXPECT_EQ(core_->pending_count(), 1u);
  EXPECT_EQ(effects<PendingChanged>().back().count, 1u);
  const auto stored = effects<StoreMutation>();
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(protocol::decode_mutation(stored[0].mutation)->name, "shop.items.update");
  EXPECT_TRUE(sent<protocol::Push>().empty()) << "the outbox is not written yet";
  core_->stored(answer.id, now_);
  drain();
  ASSERT_EQ(sent<protocol::Push>().size(), 1u);
  EXPECT_EQ(sent<protocol::Push>()[0].mutations[0].id, answer.id);
}

TEST_F(Pending, WhatAnEarlierCoreAcceptedIsSentThoughItFailsHere) {
  poke(11, {delta(wire_, {}, {numbered_id(1)})});
  model::Arguments arguments(patch({{Item::name, "A"}}));
  arguments.set(model::kIdField, numbered_id(1));
  EXPECT_FALSE(core_->mutate("shop.items.update", arguments, {}, now_).status.ok());
  const auto answer = core_->mutate("shop.items.update", arguments, {}, now_, true);
  EXPECT_TRUE(answer.status.ok());
  drain();
  core_->stored(answer.id, now_);
  drain();
  EXPECT_EQ(list(query_), "b:2");
  EXPECT_EQ(core_->pending_count(), 1u);
  ASSERT_EQ(sent<protocol::Push>().size(), 1u);
  EXPECT_EQ(sent<protocol::Push>()[0].mutations[0].id, answer.id);
  poke(12, {}, {verdict(1, 0, Outcome::rejected)});
  EXPECT_EQ(core_->pending_count(), 0u);
  EXPECT_EQ(effects<Settled>().back().verdict.outcome, Outcome::rejected);
}

TEST_F(Pending, WhatIsForOnlineOnlyIsRefusedWithoutAConnectionAndQueuesNothing) {
  domain_->registry.make_online_only("shop.items.update");
  EXPECT_TRUE(update(1, patch({{Item::name, "A"}})).status.ok());
  poke(11, {delta(wire_, {item(1, "A", 1, 11)})}, {verdict(1, 11)});
  core_->closed(now_);
  drain();
  const auto refused = update(1, patch({{Item::name, "B"}}));
  ASSERT_FALSE(refused.status.ok());
  EXPECT_EQ(refused.status.error().code, Code::unavailable);
  const auto undone = core_->undo(false, now_);
  ASSERT_FALSE(undone.status.ok());
  EXPECT_EQ(undone.status.error().code, Code::unavailable);
  drain();
  EXPECT_EQ(core_->pending_count(), 0u);
  EXPECT_EQ(list(query_), "A:1,b:2");
  core_->retry_now(now_);
  core_->opened(now_);
  drain();
  EXPECT_FALSE(update(1, patch({{Item::name, "C"}})).status.ok()) << "nobody has answered yet";
  welcome(11);
  EXPECT_TRUE(core_->undo(false, now_).status.ok()) << "it was kept";
  drain();
  EXPECT_EQ(core_->pending_count(), 1u);
}

// A browser may have run another build a moment ago.
TEST_F(Pending, WhatAnEarlierCoreAcceptedOfAnotherSchemaIsRefused) {
  const auto code = [this](const char* name, model::FieldId field) {
    model::Arguments arguments;
    arguments.set(model::kIdField, numbered_id(77));
    arguments.set(field, "A");
    return core_->mutate(name, std::move(arguments), {}, now_, true).status.error().code;
  };
  poke(11, {delta(wire_, {}, {numbered_id(1)})});
  EXPECT_NE(code("shop.items.forget", Item::name), Code::ok);
  EXPECT_NE(code("shop.items.update", 900), Code::ok);
  EXPECT_EQ(core_->pending_count(), 0u);
}

TEST_F(Pending, KeepsTheOrderWhenTheOutboxAnswersOutOfOrder) {
  store_at_once_ = false;
  const auto first = update(1, patch({{Item::name, "A"}}));
  const auto second = update(2, patch({{Item::name, "B"}}));
  core_->stored(second.id, now_);
  drain();
  EXPECT_TRUE(sent<protocol::Push>().empty());
  core_->stored(first.id, now_);
  drain();
  ASSERT_EQ(sent<protocol::Push>().size(), 1u);
  EXPECT_EQ(sent<protocol::Push>()[0].mutations.size(), 2u);
}

TEST_F(Pending, ConfirmationReplacesTheRowInPlaceOnce) {
  update(1, patch({{Item::name, "A"}}));
  forget_outputs();
  poke(11, {delta(wire_, {item(1, "A", 1, 11)})}, {verdict(1, 11)});
  EXPECT_EQ(list(query_), "A:1,b:2");
  ASSERT_EQ(updates_.size(), 1u);
  ASSERT_EQ(updates_[0].edits.size(), 1u);
  EXPECT_EQ(updates_[0].edits[0].kind, ivm::ViewEdit::Kind::replace)
      << "the version is new, nothing else moved";
  ASSERT_EQ(effects<Settled>().size(), 1u);
  EXPECT_EQ(effects<Settled>()[0].mutator, "shop.items.update");
  EXPECT_EQ(effects<ForgetMutation>().size(), 1u);
  EXPECT_EQ(core_->pending_count(), 0u);
}

TEST_F(Pending, AMoveThatIsConfirmedDoesNotFlicker) {
  update(1, patch({{Item::position, 3}, {Item::price, model::Decimal{5, 2}}}));
  insert(patch({{Item::name, "c"}}));
  EXPECT_EQ(list(query_), "c:0*,a:1*,b:2");
  forget_outputs();
  const model::Record made = core_->view(query_)->rows()[0];
  poke(12,
       {delta(wire_,
              {item(1, "a", 1, 11, {{Item::position, 3}, {Item::price, model::Decimal{5, 2}}}),
               model::with_version(made, 12)})},
       {verdict(1, 11), verdict(2, 12)});
  EXPECT_EQ(list(query_), "c:0,a:1,b:2");
  for (const ivm::ViewEdit& edit : updates_.at(0).edits)
    EXPECT_EQ(edit.kind, ivm::ViewEdit::Kind::replace);
}

TEST_F(Pending, RejectionTakesItBackAndSaysWhy) {
  update(1, patch({{Item::name, "A"}}));
  poke(11, {}, {verdict(1, 11, Outcome::rejected, Code::rule_violation)});
  EXPECT_EQ(list(query_), "a:1,b:2");
  ASSERT_EQ(effects<Settled>().size(), 1u);
  EXPECT_EQ(effects<Settled>()[0].verdict.error.code, Code::rule_violation);
  EXPECT_EQ(core_->pending_count(), 0u);
}

TEST_F(Pending, ARejectedInsertDisappears) {
  insert(patch({{Item::name, "c"}}));
  EXPECT_EQ(core_->view(query_)->rows().size(), 3u);
  poke(11, {}, {verdict(1, 11, Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(list(query_), "a:1,b:2");
}

TEST_F(Pending, TwoPendingOnOneRowFirstRejectedKeepsTheSecond) {
  update(1, patch({{Item::name, "A"}}));
  update(1, patch({{Item::position, 9}}));
  poke(11, {}, {verdict(1, 11, Outcome::rejected, Code::rule_violation)});
  EXPECT_EQ(list(query_), "a:1*,b:2");
  EXPECT_EQ(core_->get(kItemsId, numbered_id(1)).integer(Item::position), 9);
}

TEST_F(Pending, ForeignEditsOfOtherFieldsShowThroughAPendingRow) {
  update(1, patch({{Item::name, "mine"}}));
  poke(11, {delta(wire_, {item(1, "a", 77, 11)})});
  EXPECT_EQ(list(query_), "b:2,mine:77*");
  EXPECT_EQ(core_->confirmed(kItemsId, numbered_id(1)).text(Item::name), "a");
}

TEST_F(Pending, DeltasRunAgainOnTopOfWhatCame) {
  model::FieldWrite more;
  more.field = Item::count;
  more.kind = model::WriteKind::increment;
  more.value = 5;
  update(1, {more});
  EXPECT_EQ(list(query_), "b:2,a:6*");
  poke(11, {delta(wire_, {item(1, "a", 100, 11)})});
  EXPECT_EQ(list(query_), "b:2,a:105*");
}

TEST_F(Pending, WhatIsRefusedAtOnceIsNotQueued) {
  const auto answer = update(1, patch({{Item::count, -5}}));
  EXPECT_EQ(answer.status.error().code, Code::out_of_range);
  EXPECT_EQ(core_->pending_count(), 0u);
  EXPECT_TRUE(effects<StoreMutation>().empty());
  EXPECT_EQ(mutate("shop.no_such", {}).status.error().code, Code::unknown_mutator);
  EXPECT_EQ(update(1, patch({{Item::name, "A"}})).id.sequence, 1u) << "no number is lost";
}

TEST_F(Pending, WhatCannotBeKnownHereWaitsForTheServer) {
  query::Query one = items_by_count();
  one.where = query::compare(model::kIdField, query::Op::eq, numbered_id(1));
  start();
  connect();
  const QueryId narrow = subscribe(one);
  poke(10, {snapshot(wire(), {item(1, "a", 1, 5)})});
  const auto answer = update(9, patch({{Item::name, "far"}}));
  EXPECT_TRUE(answer.status.ok());
  EXPECT_FALSE(answer.certain);
  EXPECT_EQ(core_->pending_count(), 1u);
  EXPECT_EQ(list(narrow), "a:1");
  poke(11, {}, {verdict(1, 11)});
  EXPECT_EQ(core_->pending_count(), 0u);
}

TEST_F(Pending, AnAbsentRowIsKnownToBeAbsentWhereEverythingIsHeld) {
  EXPECT_EQ(update(9, patch({{Item::name, "gone"}})).status.error().code, Code::not_found);
}

TEST_F(Pending, WhatWasCompleteIsStillKnownOffline) {
  core_->closed(now_);
  drain();
  const auto answer = remove(1);  // asks for everything that refers to the item
  EXPECT_TRUE(answer.certain);
  EXPECT_EQ(list(query_), "b:2");
  EXPECT_EQ(update(9, patch({{Item::name, "gone"}})).status.error().code, Code::not_found);
}

TEST_F(Pending, AnUncertainMutationRunsWhenItsRowArrives) {
  start();
  connect();
  update(9, patch({{Item::name, "mine"}}));
  const QueryId query = subscribe(items_by_count());
  poke(10, {snapshot(wire(), {item(9, "theirs", 1, 5)})});
  EXPECT_EQ(list(query), "mine:1*");
}

TEST_F(Pending, UnansweredMutationsAreSentAgainAfterAnOutage) {
  update(1, patch({{Item::name, "A"}}));
  reconnect(11);
  ASSERT_EQ(sent<protocol::Push>().size(), 1u);
  EXPECT_EQ(sent<protocol::Push>()[0].mutations[0].id.sequence, 1u);
  update(2, patch({{Item::name, "B"}}));
  ASSERT_EQ(sent<protocol::Push>().size(), 2u);
  EXPECT_EQ(sent<protocol::Push>()[1].mutations.size(), 1u)
      << "what this connection carried is not repeated";
}

TEST_F(Pending, WorkOfflineIsSentInOrderInFramesThatFit) {
  core_->closed(now_);
  drain();
  for (int i = 0; i < 1'203; ++i)
    update(static_cast<std::uint8_t>(1 + i % 2), patch({{Item::position, i}}));
  core_->retry_now(now_);
  core_->opened(now_);
  drain();
  forget_outputs();
  welcome(11);
  std::uint64_t expected = 0;
  const auto follow = [&] {
    for (const auto& push : sent<protocol::Push>()) {
      EXPECT_LE(push.mutations.size(), protocol::kMutationsPerFrameMax);
      for (const auto& mutation : push.mutations) EXPECT_EQ(mutation.id.sequence, ++expected);
    }
    forget_outputs();
  };
  follow();
  EXPECT_EQ(expected, protocol::kMutationsUnjudgedMax) << "the server need not remember more";
  poke(12, {}, {verdict(1, 12), verdict(2, 12), verdict(3, 12)});
  follow();
  EXPECT_EQ(expected, protocol::kMutationsUnjudgedMax + 3);
  std::vector<std::pair<Id, model::Verdict>> verdicts;
  for (std::uint64_t sequence = 4; sequence <= 600; ++sequence)
    verdicts.push_back(verdict(sequence, 13));
  poke(13, {}, verdicts);
  follow();
  EXPECT_EQ(expected, 1'203u);
}

TEST_F(Pending, AnEarlierOutboxIsDrainedFirstUnderItsOwnId) {
  const model::Mutation kept = left_in_the_outbox();
  start(51);
  forget_outputs();
  core_->restore({kept}, {numbered_id(49), numbered_id(50)}, now_);
  drain();
  EXPECT_EQ(core_->pending_count(), 1u);
  EXPECT_TRUE(effects<StoreMutation>().empty()) << "it is in the outbox already";
  core_->set_token("token", now_);
  core_->opened(now_);
  drain();
  EXPECT_EQ(sent<protocol::Hello>()[0].earlier_clients,
            (std::vector<Id>{numbered_id(49), numbered_id(50)}))
      << "each once, also the one of which nothing is left";
  insert(patch({{Item::name, "c"}}));
  welcome(10);
  const auto pushes = sent<protocol::Push>();
  ASSERT_EQ(pushes.size(), 2u);
  EXPECT_EQ(pushes[0].mutations[0].id, (model::MutationId{numbered_id(50), 1}));
  EXPECT_EQ(pushes[1].mutations[0].id, (model::MutationId{numbered_id(51), 1}));
  poke(11, {}, {verdict(1, 11)});
  EXPECT_EQ(effects<ForgetMutation>()[0].id.client, numbered_id(50));
  EXPECT_EQ(core_->pending_count(), 1u);
}

// It may have been applied: done again without a question it would be done twice.
TEST_F(Pending, WhatIsLeftOfAClientThatTheServerHasForgottenIsItsAuthorsToDecide) {
  const model::Mutation kept = left_in_the_outbox();
  start(52);
  model::Mutation of_another = kept;
  of_another.id.client = numbered_id(51);
  core_->restore({kept, of_another}, {}, now_);
  connect();
  update(2, patch({{Item::name, "B"}}));
  forget_outputs();
  receive(protocol::Failure{{Code::client_expired, "Too long ago."}});
  ASSERT_EQ(effects<Settled>().size(), 1u);
  EXPECT_EQ(effects<Settled>()[0].id, (model::MutationId{numbered_id(50), 1}));
  EXPECT_EQ(effects<Settled>()[0].verdict.error.code, Code::client_expired);
  EXPECT_EQ(effects<ForgetMutation>().size(), 1u);
  EXPECT_TRUE(effects<StoreMutation>().empty()) << "ours keeps its number";
  EXPECT_EQ(core_->pending_count(), 2u) << "the server may know the other one";
}

TEST_F(Pending, WhatTheServerCannotPlaceIsSubmittedAnewAndSettlesUnderItsOldName) {
  update(1, patch({{Item::name, "A"}}));
  update(2, patch({{Item::name, "B"}}));
  forget_outputs();
  receive(protocol::Failure{{Code::client_expired, "Too long ago."}});
  EXPECT_EQ(list(query_), "A:1*,B:2*");
  const auto stored = effects<StoreMutation>();
  ASSERT_EQ(stored.size(), 2u);
  const Id anew = stored[0].id.client;
  EXPECT_NE(anew, numbered_id(50));
  EXPECT_EQ(effects<ForgetMutation>()[1].id, (model::MutationId{numbered_id(50), 2}));
  core_->stored(stored[0].id, now_);
  core_->stored(stored[1].id, now_);
  core_->retry_now(now_);
  core_->opened(now_);
  drain();
  EXPECT_EQ(sent<protocol::Hello>()[0].client, anew);
  welcome(10);
  const auto pushes = sent<protocol::Push>();
  ASSERT_EQ(pushes.size(), 1u);
  EXPECT_EQ(pushes[0].mutations[1].id, (model::MutationId{anew, 2}));
  auto judged = verdict(1, 11);
  judged.first = anew;
  poke(11, {}, {judged});
  ASSERT_EQ(effects<Settled>().size(), 1u);
  EXPECT_EQ(effects<Settled>()[0].id, (model::MutationId{numbered_id(50), 1}));
  EXPECT_EQ(update(1, patch({{Item::position, 1}})).id, (model::MutationId{anew, 3}));
}

TEST_F(Pending, ARowBeingEditedStaysThoughItsQueryLostIt) {
  update(1, patch({{Item::name, "A"}}));
  poke(11, {delta(wire_, {}, {numbered_id(1)})});
  EXPECT_EQ(list(query_), "A:1*,b:2");
  poke(12, {}, {verdict(1, 12, Outcome::conflict, Code::conflict)});
  EXPECT_EQ(list(query_), "b:2");
  EXPECT_FALSE(core_->get(kItemsId, numbered_id(1)));
}

TEST_F(Pending, AppliedEffectsStayUntilAQueryOnItsWayBringsTheRow) {
  const auto answer = insert(patch({{Item::name, "c"}}));
  const Id made = answer.result[0].second.id();
  core_->unsubscribe(query_, now_);
  drain();
  query::Query page;
  page.collection = kItemsId;
  page.where = query::compare(model::kIdField, query::Op::eq, made);
  const QueryId one = subscribe(page);
  EXPECT_EQ(list(one), "c:0*");
  forget_outputs();
  poke(11, {}, {verdict(1, 11)});
  EXPECT_EQ(core_->pending_count(), 0u);
  EXPECT_EQ(list(one), "c:0*") << "the server's row is on its way";
  EXPECT_TRUE(updates_.empty());
  poke(11, {snapshot(2, {model::with_version(core_->get(kItemsId, made), 11)})});
  EXPECT_EQ(list(one), "c:0");
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_EQ(updates_[0].edits.size(), 1u);
}

TEST_F(Pending, RemovalShowsAtOnceAndComesBackOnRejection) {
  remove(1);
  EXPECT_EQ(list(query_), "b:2");
  poke(11, {}, {verdict(1, 11, Outcome::rejected, Code::still_referenced)});
  EXPECT_EQ(list(query_), "a:1,b:2");
  remove(1);
  poke(12, {delta(wire_, {}, {numbered_id(1)})}, {verdict(2, 12)});
  EXPECT_EQ(list(query_), "b:2");
}

// Seed 1246 of the simulator, once: a settled removal held on to its row, and let it come back.
TEST_F(Pending, WhatWasRemovedDoesNotComeBackWithTheAnswerToAnotherQuery) {
  remove(1);
  const QueryId first = subscribe(items_by_count(1));
  const std::uint32_t first_wire = wire();
  poke(11, {delta(wire_, {}, {numbered_id(1)})}, {verdict(1, 11)});
  EXPECT_EQ(list(query_), "b:2");
  poke(11, {snapshot(first_wire, {item(2, "b", 2, 6)})});
  EXPECT_EQ(list(query_), "b:2");
  EXPECT_EQ(list(first), "b:2");
  EXPECT_FALSE(core_->confirmed(kItemsId, numbered_id(1)));
}

TEST_F(Pending, AWindowRefillsFromTheLookAheadAndThenSaysPartial) {
  const QueryId window = subscribe(items_by_count(2));
  const std::uint32_t wire = this->wire();
  core_->unsubscribe(query_, now_);
  poke(11, {snapshot(wire, {item(1, "a", 1, 5), item(2, "b", 2, 6), item(3, "c", 3, 7)})});
  EXPECT_EQ(list(window), "a:1,b:2");
  EXPECT_EQ(core_->status(window), QueryStatus::complete);
  remove(1);
  EXPECT_EQ(list(window), "b:2,c:3");
  EXPECT_EQ(core_->status(window), QueryStatus::complete);
  remove(2);
  EXPECT_EQ(list(window), "c:3");
  EXPECT_EQ(core_->status(window), QueryStatus::partial) << "a fourth row may exist";
  poke(13, {delta(wire, {item(4, "d", 4, 8)}, {numbered_id(1), numbered_id(2)})},
       {verdict(1, 12), verdict(2, 13)});
  EXPECT_EQ(list(window), "c:3,d:4");
  EXPECT_EQ(core_->status(window), QueryStatus::complete);
}

TEST_F(Pending, IdsAndTimesAreTheServersWhateverOurClockSays) {
  clock_ahead_ms_ = 3'600'000;
  reconnect(11);
  insert(patch({{Item::name, "c"}}));
  const auto made = protocol::decode_mutation(effects<StoreMutation>()[0].mutation);
  EXPECT_EQ(made->created_at, now_ + 3'600'000);
}

// ---- aggregates

class PendingAggregate : public Pending {
 protected:
  void SetUp() override {
    Pending::SetUp();
    query::Query query;
    query.collection = kItemsId;
    query.aggregate = query::Aggregate{
        {{Item::state}},
        {{query::Aggregator::count, model::kNoField}, {query::Aggregator::sum, Item::count}},
        {}};
    totals_ = subscribe(query);
    totals_wire_ = wire();
  }
  static protocol::SegmentBody::Group group(std::int64_t state, std::int64_t rows,
                                            std::int64_t sum) {
    query::AggregateRow row;
    row.key = {Value(state)};
    row.rows = rows;
    row.values = {Value(rows), Value(sum)};
    return {false, row};
  }
  // "state=rows/sum" with commas.
  std::string totals() const {
    std::string text;
    for (const ivm::AggregateRow& row : core_->view(totals_)->groups()) {
      if (!text.empty()) text += ",";
      text += std::to_string(row.key.at(0).integer()) + "=" + std::to_string(row.rows) + "/" +
              std::to_string(row.values.at(1).integer());
      EXPECT_EQ(row.values.at(0).integer(), row.rows);
    }
    return text;
  }
  QueryId totals_ = 0;
  std::uint32_t totals_wire_ = 0;
};

TEST_F(PendingAggregate, IsTheServersPlusThePendingDifference) {
  EXPECT_EQ(core_->status(totals_), QueryStatus::loading);
  poke(10,
       {groups(totals_wire_, Segment::Kind::snapshot, {group(0, 100, 5'000), group(2, 7, 70)})});
  EXPECT_EQ(totals(), "0=100/5000,2=7/70");
  EXPECT_EQ(core_->status(totals_), QueryStatus::complete);

  update(1, patch({{Item::state, 1}, {Item::count, 11}}));
  EXPECT_EQ(totals(), "0=99/4999,1=1/11,2=7/70");
  insert(patch({{Item::name, "c"}, {Item::count, 3}}));
  EXPECT_EQ(totals(), "0=100/5002,1=1/11,2=7/70");
  remove(2);
  EXPECT_EQ(totals(), "0=99/5000,1=1/11,2=7/70");
  EXPECT_EQ(core_->status(totals_), QueryStatus::complete) << "exact: every before-image is known";
  forget_outputs();

  // All three confirmed, with the server's new groups: nothing moves.
  const Id made = core_->view(query_)->rows()[0].id();
  poke(13,
       {delta(wire_,
              {item(1, "a", 11, 11, {{Item::state, 1}}),
               model::with_version(core_->get(kItemsId, made), 12)},
              {numbered_id(2)}),
        groups(totals_wire_, Segment::Kind::delta, {group(0, 99, 5'000), group(1, 1, 11)})},
       {verdict(1, 11), verdict(2, 12), verdict(3, 13)});
  EXPECT_EQ(totals(), "0=99/5000,1=1/11,2=7/70");
  for (const auto& update : updates_) EXPECT_FALSE(update.groups_changed);
}

TEST_F(PendingAggregate, RejectionTakesTheDifferenceBack) {
  poke(10, {groups(totals_wire_, Segment::Kind::snapshot, {group(0, 100, 5'000)})});
  update(1, patch({{Item::state, 1}}));
  EXPECT_EQ(totals(), "0=99/4999,1=1/1");
  poke(11, {}, {verdict(1, 11, Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(totals(), "0=100/5000");
  EXPECT_TRUE(updates_.back().groups_changed);
}

TEST_F(PendingAggregate, ForeignChangesMoveTheServersShareOnly) {
  poke(10, {groups(totals_wire_, Segment::Kind::snapshot, {group(0, 100, 5'000)})});
  update(1, patch({{Item::state, 1}}));
  poke(11, {groups(totals_wire_, Segment::Kind::delta, {group(0, 101, 5'050)})});
  EXPECT_EQ(totals(), "0=100/5049,1=1/1");
  poke(12, {delta(wire_, {item(1, "a", 41, 12)}),
            groups(totals_wire_, Segment::Kind::delta, {group(0, 101, 5'090)})});
  EXPECT_EQ(totals(), "0=100/5049,1=1/41");
}

TEST_F(PendingAggregate, SaysPartialWhereTheOutcomeIsTheServersToSay) {
  core_->unsubscribe(query_, now_);
  drain();
  poke(10, {groups(totals_wire_, Segment::Kind::snapshot, {group(0, 100, 5'000)})});
  update(9, patch({{Item::state, 1}}));
  EXPECT_EQ(core_->status(totals_), QueryStatus::partial);
  poke(11, {}, {verdict(1, 11)});
  EXPECT_EQ(core_->status(totals_), QueryStatus::complete);
}

TEST_F(PendingAggregate, AGroupThatWasNotAskedForEndsTheConnection) {
  const auto kept = group(0, 1, 1);
  protocol::SegmentBody::Group no_key = kept;
  no_key.row.key.clear();
  protocol::SegmentBody::Group other_key = kept;
  other_key.row.key = {Value("open")};
  protocol::SegmentBody::Group no_sum = kept;
  no_sum.row.values.pop_back();
  protocol::SegmentBody::Group averaged = kept;
  averaged.row.averaged = {Value(1), Value(1)};
  protocol::SegmentBody::Group trend = kept;
  trend.row.previous.emplace(trend.row);
  for (const auto& bad : {no_key, other_key, no_sum, averaged, trend}) {
    poke(10, {groups(totals_wire_, Segment::Kind::snapshot, {kept})});
    EXPECT_EQ(core_->connection(), ConnectionState::connected);
    poke(11, {groups(totals_wire_, Segment::Kind::delta, {bad})});
    EXPECT_EQ(core_->connection(), ConnectionState::disconnected);
    EXPECT_EQ(totals(), "0=1/1");
    reconnect(10);
  }
}

TEST_F(PendingAggregate, AQueryThatFailedShowsNoGroups) {
  poke(10, {groups(totals_wire_, Segment::Kind::snapshot, {group(0, 100, 5'000)})});
  ASSERT_EQ(totals(), "0=100/5000");
  receive(protocol::QueryFailed{totals_wire_, {Code::query_too_costly, "Too much."}});
  EXPECT_EQ(totals(), "");
}

TEST_F(PendingAggregate, AGroupThatTheServerRemovedGoes) {
  poke(10, {groups(totals_wire_, Segment::Kind::snapshot, {group(0, 1, 1), group(2, 1, 5)})});
  protocol::SegmentBody::Group gone = group(2, 1, 5);
  gone.removed = true;
  poke(11, {groups(totals_wire_, Segment::Kind::delta, {gone})});
  EXPECT_EQ(totals(), "0=1/1");
}

}  // namespace
}  // namespace syncline::tests
