// Conditions on related rows in a browser that holds only some of them: the server's word, and what is certain beside it.
#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

class RelatedQuery : public Bench {
 protected:
  void SetUp() override {
    connect();
    everything_ = subscribe(items_by_count());
    poke(10, {snapshot(wire(), {owned(1, "a", 1, 5), owned(2, "b", 2, 6)})});
  }
  // By somebody who is not held here.
  model::Record owned(std::uint8_t id, const std::string& name, std::int64_t count,
                      model::Version version) const {
    return item(id, name, count, version, {{Item::owner_id, numbered_id(6)}});
  }
  query::Query owned_by_ann() {
    query::Query query = items_by_count();
    query.where = query::exists(Item::owner_id, query::compare(Person::name, query::Op::eq, "ann"));
    return query;
  }
  void hold_people(const Rows& people) {
    query::Query query;
    query.collection = kPeopleId;
    (void)subscribe(query);
    poke(11, {snapshot(wire(), people)});
  }
  QueryId everything_ = 0;
};

TEST_F(RelatedQuery, TheServerSaysWhoIsIn) {
  const QueryId query = subscribe(owned_by_ann());
  const std::uint32_t here = wire();
  EXPECT_EQ(core_->status(query), QueryStatus::loading);
  // The row is held already, at the same version: nothing moves but the server's word.
  poke(11, {snapshot(here, {owned(2, "b", 2, 6)})});
  EXPECT_EQ(list(query), "b:2");
  EXPECT_EQ(core_->status(query), QueryStatus::complete);
  poke(12, {delta(here, {owned(1, "a", 1, 5)}, {numbered_id(2)})});
  EXPECT_EQ(list(query), "a:1");
  EXPECT_EQ(list(everything_), "a:1,b:2");
}

TEST_F(RelatedQuery, OtherConditionsAreJudgedHere) {
  query::Query asked = owned_by_ann();
  asked.where = query::all_of({asked.where, query::compare(Item::count, query::Op::lt, 5)});
  const QueryId query = subscribe(asked);
  poke(11, {snapshot(wire(), {owned(2, "b", 2, 6)})});
  update(2, patch({{Item::count, 9}}));
  EXPECT_EQ(list(query), "");
  update(2, patch({{Item::count, 3}}));
  EXPECT_EQ(list(query), "b:3*");
}

TEST_F(RelatedQuery, ACertainRelationCountsAtOnce) {
  hold_people({person(7, "ann", 4)});
  const QueryId query = subscribe(owned_by_ann());
  poke(12, {snapshot(wire(), {})});
  EXPECT_EQ(list(query), "");
  update(1, patch({{Item::owner_id, numbered_id(7)}}));
  EXPECT_EQ(list(query), "a:1*");
  poke(13, {}, {verdict(1, 13, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(list(query), "");
}

TEST_F(RelatedQuery, SoDoesThatTheOneWhoIsNamedIsAnother) {
  hold_people({person(7, "ann", 4), person(8, "bob", 4)});
  const MutationWorld::Fields anns = {{Item::owner_id, numbered_id(7)}};
  const QueryId query = subscribe(owned_by_ann());
  poke(12, {snapshot(wire(), {item(1, "a", 1, 12, anns), item(2, "b", 2, 12, anns)})});
  EXPECT_EQ(list(query), "a:1,b:2");
  update(1, patch({{Item::owner_id, numbered_id(8)}}));
  EXPECT_EQ(list(query), "b:2");
  update(2, patch({{Item::owner_id, Value()}}));
  EXPECT_EQ(list(query), "");
  poke(13, {}, {verdict(1, 13, model::Outcome::rejected, Code::forbidden)});
  EXPECT_EQ(list(query), "a:1");
}

TEST_F(RelatedQuery, CountsOfSuchRowsAreTheServersAlone) {
  query::Query query = owned_by_ann();
  query.order.clear();
  query.aggregate = query::Aggregate{{}, {{query::Aggregator::count, model::kNoField}}, {}};
  const QueryId totals = subscribe(query);
  query::AggregateRow row;
  row.rows = 4;
  row.values = {Value(4)};
  poke(11, {groups(wire(), protocol::Segment::Kind::snapshot, {{false, row}})});
  EXPECT_EQ(core_->view(totals)->groups().at(0).rows, 4);
  EXPECT_EQ(core_->status(totals), QueryStatus::complete);
  update(1, patch({{Item::owner_id, numbered_id(7)}}));
  EXPECT_EQ(core_->view(totals)->groups().at(0).rows, 4);
  EXPECT_EQ(core_->status(totals), QueryStatus::partial);
}

TEST_F(RelatedQuery, TheServersWordOutlivesTheBrowser) {
  (void)subscribe(owned_by_ann());
  poke(11, {snapshot(wire(), {owned(2, "b", 2, 6)})});
  const base::Bytes blob = core_->persist();
  start(51);
  ASSERT_TRUE(core_->restore_rows(blob, now_).ok());
  EXPECT_EQ(list(subscribe(owned_by_ann())), "b:2") << "before there is any connection";
}

TEST_F(RelatedQuery, ItsOwnRowsCannotBeIncludedToo) {
  query::Query people;
  people.collection = kPeopleId;
  people.where = query::exists_in(kItemsId, Item::owner_id);
  EXPECT_TRUE(core_->subscribe(people, now_).ok());
  people.includes = {{Person::boss_id}};
  EXPECT_EQ(core_->subscribe(people, now_).error().code, Code::query_too_costly);
}

}  // namespace
}  // namespace syncline::tests
