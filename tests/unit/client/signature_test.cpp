// A browser whose rows are not what the server's signature says fetches that query anew, and shows nothing in between.
#include "syncline/protocol/signature.hpp"

#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

class Signature : public Bench {
 protected:
  Signature() {
    connect();
    query_ = subscribe(items_by_count());
    wire_ = wire();
    poke(11, {snapshot(wire_, {item(1, "a", 1, 11), item(2, "b", 2, 8)})});
    forget_outputs();
  }
  static std::uint64_t of(std::uint8_t id, model::Version version) {
    return protocol::signature_of(kItemsId, numbered_id(id), version);
  }
  void told(model::Version version, std::uint64_t rows) {
    receive(protocol::Signatures{version, {{wire_, rows}}});
  }
  QueryId query_ = 0;
  std::uint32_t wire_ = 0;
};

TEST_F(Signature, OfWhatIsHeldChangesNothing) {
  told(11, of(1, 11) ^ of(2, 8));
  poke(12, {delta(wire_, {item(2, "b", 5, 12)}, {numbered_id(1)})});
  told(12, of(2, 12));
  EXPECT_TRUE(sent_.empty());
  EXPECT_EQ(core_->mismatches(), 0u);
}

TEST_F(Signature, OfSomethingElseFetchesTheQueryAnewAndNothingFlickers) {
  poke(12, {});  // of which the delta was lost: row 1 went, row 2 changed, row 3 came
  told(12, of(2, 12) ^ of(3, 12));
  const auto asked = sent<protocol::Subscribe>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].query_id, wire_);
  EXPECT_EQ(asked[0].held.size(), 2u);
  EXPECT_TRUE(updates_.empty());
  EXPECT_EQ(core_->status(query_), QueryStatus::complete);
  EXPECT_EQ(core_->mismatches(), 1u);
  EXPECT_EQ(core_->facts(query_).mismatches, 1u);

  told(12, of(2, 12) ^ of(3, 12));  // before the answer
  EXPECT_EQ(core_->mismatches(), 1u);
  poke(12, {snapshot(wire_, {item(2, "b", 7, 12), item(3, "c", 9, 12)})});
  EXPECT_EQ(list(query_), "b:7,c:9");
  told(12, of(2, 12) ^ of(3, 12));
  EXPECT_EQ(sent<protocol::Subscribe>().size(), 1u);
  EXPECT_EQ(core_->mismatches(), 1u);
}

TEST_F(Signature, WhatIsKeptMovesNoRow) {
  poke(12, {});
  told(12, of(1, 11) ^ of(2, 8) ^ of(3, 12));
  poke(12, {snapshot(wire_, {item(3, "c", 0, 12)},
                     {{kItemsId, numbered_id(1), 11}, {kItemsId, numbered_id(2), 8}})});
  ASSERT_EQ(updates_.size(), 1u);
  ASSERT_EQ(updates_[0].edits.size(), 1u);
  EXPECT_EQ(updates_[0].edits[0].kind, ivm::ViewEdit::Kind::insert);
  EXPECT_EQ(list(query_), "c:0,a:1,b:2");
}

// What is pending here is not the server's yet.
TEST_F(Signature, IsOfConfirmedRowsOnly) {
  ASSERT_TRUE(update(1, patch({{Item::count, 9}})).status.ok());
  forget_outputs();
  told(11, of(1, 11) ^ of(2, 8));
  EXPECT_TRUE(sent<protocol::Subscribe>().empty());
}

// Frames keep their order, so a later version says that a poke was lost; of a query that it did not concern nothing is.
TEST_F(Signature, OfALaterVersionTellsOfALostPoke) {
  told(13, of(1, 11) ^ of(2, 8));
  EXPECT_TRUE(sent_.empty());
  told(13, of(1, 13) ^ of(2, 8));
  EXPECT_EQ(sent<protocol::Subscribe>().size(), 1u);
}

TEST_F(Signature, OfAnEarlierVersionOrAnUnknownQueryIsPassedOver) {
  told(10, 1);
  receive(protocol::Signatures{11, {{wire_ + 1, 1}}});
  EXPECT_TRUE(sent_.empty());
  core_->closed(now_);
  drain();
  forget_outputs();
  told(11, 1);
  EXPECT_TRUE(sent_.empty());
  EXPECT_EQ(core_->mismatches(), 0u);
}

// A busy connection is looked at as well: other frames put no heartbeat off.
TEST_F(Signature, IsAskedForEveryThirtySecondsWhateverArrives) {
  for (model::Version version = 12; version < 42; ++version) {
    now_ = now_ + 2'000;
    core_->timeout(now_);
    poke(version, {delta(wire_, {item(1, "a", 1, version)})});
  }
  EXPECT_EQ(sent<protocol::Ping>().size(), 2u);
}

}  // namespace
}  // namespace syncline::tests
