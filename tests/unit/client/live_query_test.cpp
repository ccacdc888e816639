#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

using protocol::Segment;

class LiveQuery : public Bench {
 protected:
  static Id long_id(int number) {
    Id id = numbered_id(static_cast<std::uint8_t>(number % 256));
    id.bytes[14] = static_cast<std::uint8_t>(number / 256);
    return id;
  }
  query::Query used_items() {
    query::Query query = items_by_count();
    query.where = query::compare(Item::state, query::Op::eq, 1);
    return query;
  }
};

TEST_F(LiveQuery, LoadsThenFollows) {
  connect();
  const QueryId query = subscribe(items_by_count());
  EXPECT_EQ(core_->status(query), QueryStatus::loading);
  EXPECT_EQ(sent<protocol::Subscribe>().size(), 1u);
  poke(10, {snapshot(wire(), {item(2, "b", 2, 5), item(1, "a", 1, 6)})});
  EXPECT_EQ(core_->status(query), QueryStatus::complete);
  EXPECT_EQ(list(query), "a:1,b:2");
  poke(11, {delta(wire(), {item(1, "a", 3, 11), item(3, "c", 2, 11)}, {numbered_id(2)})});
  EXPECT_EQ(list(query), "c:2,a:3");
  EXPECT_EQ(core_->cursor().version, 11u);
}

TEST_F(LiveQuery, AnEmptyResultIsCompleteToo) {
  connect();
  const QueryId query = subscribe(items_by_count());
  poke(10, {snapshot(wire(), {})});
  ASSERT_EQ(updates_.size(), 2u);
  EXPECT_EQ(updates_[1].status, QueryStatus::complete);
  EXPECT_EQ(core_->status(query), QueryStatus::complete);
}

TEST_F(LiveQuery, TellsWhatItIsAndHasCost) {
  connect();
  const QueryId query = subscribe(used_items());
  const auto used = [&](std::uint8_t id, model::Version version) {
    return item(id, "a", 1, version, {{Item::state, 1}});
  };
  poke(10, {snapshot(wire(), {used(1, 5), used(2, 5)})});
  poke(11, {delta(wire(), {used(1, 11)})});
  ASSERT_TRUE(update(2, patch({{Item::name, "mine"}})).status.ok());
  const client::QueryFacts facts = core_->facts(query);
  EXPECT_EQ(facts.status, QueryStatus::complete);
  EXPECT_EQ(facts.routed_by, 3u) << "by equality";
  EXPECT_EQ(facts.field, Item::state);
  EXPECT_TRUE(facts.pending);
  EXPECT_EQ(facts.rows, 2u);
  EXPECT_EQ(facts.held, 2u);
  EXPECT_EQ(facts.bytes, used(1, 11).bytes().size() * 2);
  EXPECT_EQ(facts.hydrated, 1u);
  EXPECT_EQ(facts.routed, 4u);
  EXPECT_EQ(facts.altered, 4u);
  EXPECT_EQ(core_->facts(subscribe(items_by_count())).routed_by, 2u) << "the residual list";
  EXPECT_EQ(core_->facts(99).status, QueryStatus::failed);
}

TEST_F(LiveQuery, AWrongQueryIsRefusedAtOnce) {
  query::Query wrong = items_by_count();
  wrong.where = query::compare(777, query::Op::eq, 1);
  EXPECT_EQ(core_->subscribe(wrong, now_).error().code, Code::unknown_field);
}

TEST_F(LiveQuery, ARowReceivedTwiceOrLateIsHarmless) {
  connect();
  const QueryId query = subscribe(items_by_count());
  poke(10, {snapshot(wire(), {item(1, "new", 1, 9)})});
  forget_outputs();
  poke(11, {delta(1, {item(1, "old", 1, 8)})});
  poke(11, {delta(1, {item(1, "new", 1, 9)})});
  EXPECT_EQ(list(query), "new:1");
  EXPECT_TRUE(updates_.empty()) << "nothing moved, nothing is told";
}

TEST_F(LiveQuery, EqualQueriesAreOneSubscriptionWithTwoReaders) {
  connect();
  const QueryId first = subscribe(items_by_count());
  poke(10, {snapshot(wire(), {item(1, "a", 1, 5), item(2, "b", 2, 5)})});
  query::Query same = items_by_count();
  same.where = query::all_of({query::always()});
  const QueryId second = subscribe(same);
  EXPECT_NE(first, second);
  EXPECT_EQ(sent<protocol::Subscribe>().size(), 1u);
  EXPECT_EQ(updates_.back().query, second);
  EXPECT_EQ(updates_.back().edits.size(), 2u) << "its first update is the whole list";
  EXPECT_EQ(core_->status(second), QueryStatus::complete);
  forget_outputs();
  poke(11, {delta(1, {item(3, "c", 3, 11)})});
  EXPECT_EQ(updates_.size(), 2u);
  core_->unsubscribe(first, now_);
  drain();
  EXPECT_TRUE(sent<protocol::Unsubscribe>().empty());
  EXPECT_EQ(core_->view(first), nullptr);
  EXPECT_EQ(list(second), "a:1,b:2,c:3");
  core_->unsubscribe(second, now_);
  drain();
  EXPECT_EQ(sent<protocol::Unsubscribe>().size(), 1u);
  EXPECT_FALSE(core_->get(kItemsId, numbered_id(1))) << "nobody refers to the row any more";
}

TEST_F(LiveQuery, AnswersAtOnceFromRowsThatAreHeld) {
  connect();
  subscribe(items_by_count());
  poke(10, {snapshot(wire(), {item(1, "a", 1, 5, {{Item::state, 1}}), item(2, "b", 2, 5)})});
  const QueryId narrow = subscribe(used_items());
  EXPECT_EQ(list(narrow), "a:1");
  EXPECT_EQ(core_->status(narrow), QueryStatus::partial);
  poke(10, {snapshot(wire(), {item(1, "a", 1, 5, {{Item::state, 1}}),
                              item(3, "c", 3, 5, {{Item::state, 1}})})});
  EXPECT_EQ(list(narrow), "a:1,c:3");
  EXPECT_EQ(core_->status(narrow), QueryStatus::complete);
}

TEST_F(LiveQuery, ARowStaysWhileAnyQueryRefersToIt) {
  connect();
  subscribe(items_by_count());
  const std::uint32_t all = wire();
  const QueryId narrow = subscribe(used_items());
  const std::uint32_t used = wire();
  const auto row = item(1, "a", 1, 5, {{Item::state, 1}});
  poke(10, {snapshot(all, {row}), snapshot(used, {row})});
  poke(11, {delta(all, {item(1, "a", 1, 11)}), delta(used, {}, {numbered_id(1)})});
  EXPECT_EQ(list(narrow), "");
  EXPECT_TRUE(core_->get(kItemsId, numbered_id(1)));
  poke(12, {delta(all, {}, {numbered_id(1)})});
  EXPECT_FALSE(core_->get(kItemsId, numbered_id(1)));
}

TEST_F(LiveQuery, IncludedRecordsComeAndGoWithTheirRows) {
  connect();
  query::Query query = items_by_count();
  query.includes = {{Item::owner_id}};
  const QueryId id = subscribe(query);
  poke(10, {snapshot(wire(), {item(1, "a", 1, 5, {{Item::owner_id, numbered_id(7)}}),
                              item(2, "b", 0, 5), person(7, "Ann", 4)})});
  EXPECT_EQ(core_->view(id)->related(kPeopleId, numbered_id(7)).text(Person::name), "Ann");
  forget_outputs();
  poke(11, {delta(1, {person(7, "Anna", 11)})});
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_FALSE(updates_[0].related_changed);
  ASSERT_EQ(updates_[0].edits.size(), 1u) << "the row that brings it along, and no other";
  EXPECT_EQ(updates_[0].edits[0].kind, ivm::ViewEdit::Kind::replace);
  EXPECT_EQ(updates_[0].edits[0].position, 1u);
  EXPECT_EQ(core_->view(id)->related(kPeopleId, numbered_id(7)).text(Person::name), "Anna");
}

TEST_F(LiveQuery, ABigSnapshotArrivesInOrder) {
  connect();
  const QueryId query = subscribe(items_by_count());
  poke(10, {snapshot(wire(), {item(200, "first", 7, 5)})});
  core_->closed(now_);
  drain();
  core_->retry_now(now_);
  core_->opened(now_);
  welcome(20);
  Rows rows;
  for (int i = 0; i < 1'000; ++i) {
    model::RecordBuilder builder(domain_->schema.collection(kItemsId), long_id(i));
    builder.set(Item::name, "x")
        .set(Item::count, std::int64_t{999 - i})
        .set(Item::state, 0)
        .set_version(6);
    rows.push_back(builder.build());
  }
  poke(20, {snapshot(wire(), rows)});
  const auto& list = core_->view(query)->rows();
  ASSERT_EQ(list.size(), 1'000u);
  for (int i = 0; i < 1'000; ++i)
    EXPECT_EQ(list[static_cast<std::size_t>(i)].integer(Item::count), i);
}

TEST_F(LiveQuery, AFailedQuerySaysWhyAndCanBeAskedAgain) {
  connect();
  const QueryId query = subscribe(items_by_count());
  receive(protocol::QueryFailed{wire(), {Code::forbidden, "No."}});
  EXPECT_EQ(core_->status(query), QueryStatus::failed);
  EXPECT_EQ(updates_.back().error.code, Code::forbidden);
  const QueryId again = subscribe(items_by_count());
  EXPECT_EQ(sent<protocol::Subscribe>().size(), 2u);
  poke(10, {snapshot(wire(), {item(1, "a", 1, 5)})});
  EXPECT_EQ(list(again), "a:1");
  core_->unsubscribe(query, now_);
  drain();
  EXPECT_TRUE(sent<protocol::Unsubscribe>().empty()) << "the server knows no such subscription";
}

TEST_F(LiveQuery, CatchesUpAfterAnOutageFromWhatItHolds) {
  connect();
  const QueryId query = subscribe(items_by_count());
  poke(10, {snapshot(wire(), {item(1, "a", 1, 5), item(2, "b", 2, 6), item(3, "c", 3, 7)})});
  core_->closed(now_);
  drain();
  EXPECT_EQ(list(query), "a:1,b:2,c:3") << "an outage takes nothing away";
  core_->retry_now(now_);
  core_->opened(now_);
  drain();
  EXPECT_EQ(sent<protocol::Hello>().back().cursor, (protocol::Cursor{numbered_id(99), 10}));
  forget_outputs();
  welcome(20);
  ASSERT_EQ(sent<protocol::Subscribe>().size(), 1u);
  EXPECT_EQ(sent<protocol::Subscribe>()[0].held.size(), 3u);
  forget_outputs();
  poke(20, {snapshot(1, {item(2, "B", 2, 15)}, {{kItemsId, numbered_id(1), 5}})});
  EXPECT_EQ(list(query), "a:1,B:2");
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_EQ(updates_[0].edits.size(), 2u) << "one replaced, one removed, and no more";
}

TEST_F(LiveQuery, TheCursorWaitsForTheSlowestQuery) {
  connect();
  subscribe(items_by_count());
  const std::uint32_t all = wire();
  subscribe(used_items());
  const std::uint32_t used = wire();
  poke(10, {snapshot(all, {item(1, "a", 1, 5)}), snapshot(used, {})});
  core_->closed(now_);
  core_->retry_now(now_);
  core_->opened(now_);
  drain();
  welcome(20);
  poke(20, {snapshot(all, {item(1, "a", 1, 15)})});
  EXPECT_EQ(core_->cursor().version, 10u) << "the other query is still as of 10";
  poke(21, {snapshot(used, {})});
  EXPECT_EQ(core_->cursor().version, 21u);
}

TEST_F(LiveQuery, AnotherEpochDropsTheRows) {
  connect(10);
  const QueryId query = subscribe(items_by_count());
  poke(10, {snapshot(wire(), {item(1, "a", 1, 9)})});
  core_->closed(now_);
  core_->retry_now(now_);
  core_->opened(now_);
  drain();
  forget_outputs();
  welcome(3, 98);
  EXPECT_EQ(core_->view(query)->rows().size(), 0u);
  EXPECT_EQ(core_->status(query), QueryStatus::loading);
  EXPECT_TRUE(sent<protocol::Subscribe>()[0].held.empty());
  poke(3, {snapshot(1, {item(1, "restored", 1, 2)})});
  EXPECT_EQ(list(query), "restored:1") << "a lower version is news in another history";
}

// What waits holds rows as well, under their numbers in the history that is gone.
TEST_F(LiveQuery, AnotherEpochDropsAlsoTheRowsUnderWhatWaits) {
  connect(10);
  const QueryId query = subscribe(items_by_count());
  poke(10, {snapshot(wire(), {item(1, "a", 1, 9), item(2, "b", 2, 9)})});
  update(1, patch({{Item::name, "mine"}}));
  core_->closed(now_);
  core_->retry_now(now_);
  core_->opened(now_);
  drain();
  welcome(3, 98);
  poke(3, {snapshot(1, {item(1, "a", 7, 2), item(2, "b", 2, 2)})});
  EXPECT_EQ(list(query), "b:2,mine:7*") << "the count of the other history, the name that waits";
  poke(4, {delta(1, {item(1, "mine", 7, 4)})}, {verdict(1, 4)});
  EXPECT_EQ(list(query), "b:2,mine:7");
}

TEST_F(LiveQuery, APokeThatCannotBeReadLeavesNoTrace) {
  connect();
  const QueryId query = subscribe(items_by_count());
  poke(10, {snapshot(wire(), {item(1, "a", 1, 9)})});
  protocol::SegmentBody body;
  body.puts = {base::Bytes(40, 0xff)};
  Segment broken;
  broken.query_id = 1;
  broken.body = protocol::encode_segment_body(body);
  poke(11, {delta(1, {item(2, "b", 2, 11)}), broken});
  EXPECT_EQ(list(query), "a:1");
  EXPECT_EQ(core_->connection(), ConnectionState::disconnected);
}

TEST_F(LiveQuery, VersionsThatGoBackEndTheConnection) {
  connect();
  subscribe(items_by_count());
  poke(10, {snapshot(wire(), {})});
  poke(9, {});
  EXPECT_EQ(core_->connection(), ConnectionState::disconnected);
}

}  // namespace
}  // namespace syncline::tests
