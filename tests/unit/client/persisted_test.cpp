#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

class PersistedRows : public Bench {
 protected:
  base::Bytes persist_two_rows() {
    connect();
    subscribe(items_by_count());
    poke(10, {snapshot(wire(), {item(1, "a", 1, 5), item(2, "b", 2, 6)})});
    return core_->persist();
  }
};

TEST_F(PersistedRows, AnswerAtOnceAndCatchUpByWhatIsHeld) {
  const base::Bytes blob = persist_two_rows();
  start(51);
  ASSERT_TRUE(core_->restore_rows(blob, now_).ok());
  const QueryId query = subscribe(items_by_count());
  EXPECT_EQ(list(query), "a:1,b:2") << "before there is any connection";
  forget_outputs();
  connect(20);
  EXPECT_EQ(sent<protocol::Hello>()[0].cursor, (protocol::Cursor{numbered_id(99), 10}));
  ASSERT_EQ(sent<protocol::Subscribe>().size(), 1u);
  EXPECT_EQ(sent<protocol::Subscribe>()[0].held.size(), 2u);
  poke(20, {snapshot(wire(), {}, {{kItemsId, numbered_id(1), 5}})});
  EXPECT_EQ(list(query), "a:1");
}

TEST_F(PersistedRows, AreKeptUpToDateForAWhileUntilSomebodyAsks) {
  const base::Bytes blob = persist_two_rows();
  start(51);
  ASSERT_TRUE(core_->restore_rows(blob, now_).ok());
  forget_outputs();
  connect(20);
  ASSERT_EQ(sent<protocol::Subscribe>().size(), 1u) << "before anybody asks";
  poke(20, {snapshot(wire(), {item(1, "newer", 1, 15)})});
  const QueryId query = subscribe(items_by_count());
  EXPECT_EQ(list(query), "newer:1");
  EXPECT_EQ(core_->status(query), QueryStatus::complete);
  now_ = now_ + 10'000;
  core_->timeout(now_);
  drain();
  EXPECT_TRUE(sent<protocol::Unsubscribe>().empty());
  EXPECT_EQ(list(query), "newer:1");
}

TEST_F(PersistedRows, OfQueriesNobodyAsksForGoInTheEnd) {
  const base::Bytes blob = persist_two_rows();
  start(51);
  ASSERT_TRUE(core_->restore_rows(blob, now_).ok());
  forget_outputs();
  connect(20);
  ASSERT_EQ(*core_->next_timeout() - now_, 10'000);
  now_ = now_ + 10'000;
  core_->timeout(now_);
  drain();
  EXPECT_EQ(sent<protocol::Unsubscribe>().size(), 1u);
  EXPECT_FALSE(core_->get(kItemsId, numbered_id(1))) << "nobody keeps it up to date any more";
  EXPECT_EQ(*core_->next_timeout() - now_, 20'000) << "the heartbeat's";
}

TEST_F(PersistedRows, OfAnotherUserOrBrokenAreRefused) {
  base::Bytes blob = persist_two_rows();
  for (std::size_t size = 0; size < blob.size(); ++size) {
    start(51);
    EXPECT_FALSE(core_->restore_rows(base::ByteView(blob).first(size), now_).ok());
  }
  blob[12] ^= 1;  // the user's id, after layout and schema hash
  EXPECT_EQ(core_->restore_rows(blob, now_).error().code, Code::forbidden);
  blob[12] ^= 1;
  blob[4] ^= 1;
  EXPECT_EQ(core_->restore_rows(blob, now_).error().code, Code::upgrade_required);
}

}  // namespace
}  // namespace syncline::tests
