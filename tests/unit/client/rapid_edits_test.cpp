// Folding of rapid edits (SEMANTICS 11): what leaves, what is kept, and what comes of it when the server or the network says no.
#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

using client::Settled;
using client::StoreMutation;
using model::Outcome;

class RapidEdits : public Bench {
 protected:
  void SetUp() override {
    connect();
    query_ = subscribe(items_by_count());
    wire_ = wire();
    poke(10, {snapshot(wire_, {item(1, "a", 1, 5), item(2, "b", 2, 6)})});
    forget_outputs();
  }
  client::MutateAnswer rename(const std::string& name, std::uint8_t id = 1) {
    return update(id, patch({{Item::name, name}}));
  }
  // So much time passes, with every timeout at its time.
  void pass(std::int64_t ms) {
    const base::Timestamp end = now_ + ms;
    for (auto due = core_->next_timeout(); due && *due <= end; due = core_->next_timeout()) {
      now_ = *due;
      core_->timeout(now_);
      drain();
    }
    now_ = end;
  }
  std::vector<model::Mutation> pushed() const {
    std::vector<model::Mutation> all;
    for (const protocol::Push& push : sent<protocol::Push>())
      all.insert(all.end(), push.mutations.begin(), push.mutations.end());
    return all;
  }
  static std::string name_in(const model::Mutation& mutation) {
    return mutation.arguments.get(Item::name).text();
  }
  QueryId query_ = 0;
  std::uint32_t wire_ = 0;
};

TEST_F(RapidEdits, TwentyCharactersInTwoSecondsAreThreeMutations) {
  const std::string text = "twenty-characters-ok";
  for (std::size_t length = 1; length <= text.size(); ++length) {
    rename(text.substr(0, length));
    EXPECT_EQ(list(query_), text.substr(0, length) + ":1*,b:2");
    pass(100);
  }
  pass(2'000);
  const auto mutations = pushed();
  ASSERT_EQ(mutations.size(), 3u);
  EXPECT_EQ(name_in(mutations[0]), "t") << "the first goes at once";
  EXPECT_EQ(name_in(mutations[2]), text) << "the last is complete";
  for (std::size_t i = 0; i < mutations.size(); ++i)
    EXPECT_EQ(mutations[i].id.sequence, i + 1) << "no number is left out";
  EXPECT_EQ(core_->pending_count(), 3u);
}

TEST_F(RapidEdits, TheFirstGoesAtOnceAndTheNextAfterASecond) {
  rename("A");
  ASSERT_EQ(pushed().size(), 1u);
  poke(11, {delta(wire_, {item(1, "A", 1, 11)})}, {verdict(1, 11)});
  pass(50);
  rename("AB");
  rename("ABC");
  EXPECT_EQ(pushed().size(), 1u);
  EXPECT_EQ(*core_->next_timeout() - now_, 950);
  pass(949);
  EXPECT_EQ(pushed().size(), 1u);
  pass(1);
  ASSERT_EQ(pushed().size(), 2u);
  EXPECT_EQ(name_in(pushed()[1]), "ABC");
  pass(1'000);
  rename("ABCD");
  EXPECT_EQ(pushed().size(), 3u) << "who types slowly waits for nothing";
}

TEST_F(RapidEdits, AnotherChangeEndsTheWaitAndKeepsTheOrder) {
  rename("A");
  rename("AB");
  rename("B", 2);
  const auto mutations = pushed();
  ASSERT_EQ(mutations.size(), 3u);
  EXPECT_EQ(name_in(mutations[1]), "AB");
  EXPECT_EQ(name_in(mutations[2]), "B");
}

TEST_F(RapidEdits, WhatFoldsIsStoredBeforeItIsSent) {
  rename("A");
  store_at_once_ = false;
  const auto second = rename("AB");
  const auto third = rename("ABC");
  EXPECT_EQ(second.id, third.id);
  ASSERT_EQ(effects<StoreMutation>().size(), 3u);
  const auto kept = protocol::decode_mutation(effects<StoreMutation>()[2].mutation);
  EXPECT_EQ(name_in(*kept), "ABC") << "it takes the place of the one with its id";
  EXPECT_EQ(kept->id, third.id);
  core_->stored(second.id, now_);
  pass(5'000);
  EXPECT_EQ(pushed().size(), 1u) << "what is on the disk is not the last one yet";
  core_->stored(third.id, now_);
  drain();
  ASSERT_EQ(pushed().size(), 2u);
  EXPECT_EQ(name_in(pushed()[1]), "ABC");
}

TEST_F(RapidEdits, NothingFoldsIntoWhatTheServerMayKnow) {
  rename("A");
  pass(100);
  rename("AB");
  pass(900);
  ASSERT_EQ(pushed().size(), 2u);
  core_->closed(now_);
  drain();
  rename("ABC");
  ASSERT_EQ(core_->pending_count(), 3u);
  forget_outputs();
  core_->retry_now(now_);
  core_->opened(now_);
  welcome(10);
  pass(1'000);
  ASSERT_EQ(pushed().size(), 3u);
  EXPECT_EQ(name_in(pushed()[1]), "AB") << "sent again as it was sent before";
  EXPECT_EQ(name_in(pushed()[2]), "ABC");
}

TEST_F(RapidEdits, OfflineTheyFoldBySeconds) {
  core_->closed(now_);
  drain();
  for (int i = 0; i < 20; ++i) {
    rename("n" + std::to_string(i));
    now_ = now_ + 100;
  }
  EXPECT_EQ(core_->pending_count(), 3u);
  EXPECT_EQ(list(query_), "n19:1*,b:2");
}

TEST_F(RapidEdits, ARefusedOneLeavesTheOneBefore) {
  rename("A");
  rename("AB");
  const auto refused = rename("");
  EXPECT_FALSE(refused.status.ok());
  EXPECT_EQ(list(query_), "AB:1*,b:2");
  pass(1'000);
  EXPECT_EQ(name_in(pushed()[1]), "AB");
}

TEST_F(RapidEdits, ARejectionTakesBackAllThatFolded) {
  rename("A");
  poke(11, {delta(wire_, {item(1, "A", 1, 11)})}, {verdict(1, 11)});
  rename("AB");
  rename("ABC");
  pass(1'000);
  poke(12, {}, {verdict(2, 12, Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(list(query_), "A:1,b:2");
  EXPECT_EQ(effects<Settled>().size(), 2u);
  EXPECT_EQ(core_->pending_count(), 0u);
}

TEST_F(RapidEdits, ARemoteChangeOfAnotherFieldPassesUnderIt) {
  rename("A");
  poke(11, {delta(wire_, {item(1, "A", 1, 11)})}, {verdict(1, 11)});
  rename("AB");
  poke(12, {delta(wire_, {item(1, "A", 7, 12)})});
  EXPECT_EQ(list(query_), "b:2,AB:7*");
  rename("ABC");
  EXPECT_EQ(list(query_), "b:2,ABC:7*");
  EXPECT_EQ(core_->pending_count(), 1u);
}

TEST_F(RapidEdits, OtherFieldsAndDeltasDoNotFold) {
  rename("A");
  rename("AB");
  update(1, patch({{Item::count, 5}}));
  model::FieldWrite more = assignment(Item::count, 1);
  more.kind = model::WriteKind::increment;
  update(1, {more});
  update(1, {more});
  EXPECT_EQ(core_->pending_count(), 5u);
  EXPECT_EQ(list(query_), "b:2,AB:7*");
}

TEST_F(RapidEdits, AnEditThatIsOverAsksForNoTimeout) {
  rename("b");
  rename("bc");
  pass(1'000);
  ASSERT_EQ(pushed().size(), 2u);
  // Judged while another query's answer is still to come, so that it is kept, and then the connection breaks.
  (void)subscribe(items_by_count(1));
  poke(11, {}, {verdict(1, 11), verdict(2, 11)});
  core_->closed(now_);
  drain();
  core_->retry_now(now_);
  core_->opened(now_);
  drain();
  welcome(11);
  ASSERT_TRUE(core_->next_timeout());
  EXPECT_GT(*core_->next_timeout() - now_, 0);
}

}  // namespace
}  // namespace syncline::tests
