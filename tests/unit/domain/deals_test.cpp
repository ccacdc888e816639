#include "tests/unit/domain/crm_world.hpp"

namespace syncline::tests {
namespace {

using namespace domain;
using namespace domain::crm;

class Deals : public CrmWorld {
 protected:
  Id deal(std::string_view in_stage, std::int64_t position = 0) {
    return world_.insert("crm.deals",
                         {{Deal::name, "Mill"},
                          {Deal::stage_id, stage(in_stage)},
                          {Deal::position, position == 0 ? Value() : Value(position)}});
  }
  model::Record row(const Id& id) { return world_.row(kDealsId, id); }
  std::int64_t position(const Id& id) { return row(id).integer(Deal::position); }
  mutation::RunOutcome move(const Id& id, std::string_view to, Value position = {}) {
    return world_.run("crm.deal.move", {{model::kIdField, id},
                                        {MoveDeal::stage_id, stage(to)},
                                        {MoveDeal::position, std::move(position)}});
  }
  Value today() { return base::date_of(world_.now()); }
  // The ids of a stage's deals as the board shows them.
  std::vector<Id> board(std::string_view in_stage) {
    query::Query query;
    query.collection = kDealsId;
    query.where = query::compare(Deal::stage_id, query::Op::eq, stage(in_stage));
    query.order.push_back({Deal::position, false});
    const mutation::FindResult found = world_.reader().find(query).value();
    std::vector<Id> ids;
    for (const model::Record& record : found.rows) ids.push_back(record.id());
    return ids;
  }
};

// Rule: name only; stage, probability, currency, openedOn and position have defaults.
TEST_F(Deals, HaveDefaults) {
  const model::Record made = row(world_.insert("crm.deals", {{Deal::name, "Mill"}}));
  EXPECT_EQ(made.reference(Deal::stage_id), stage("discovery"));
  EXPECT_EQ(made.integer(Deal::probability), 10);
  EXPECT_EQ(made.text(Deal::currency), "EUR");
  EXPECT_EQ(made.get(Deal::opened_on), today());
  EXPECT_EQ(made.get(Deal::position), Value(world_.now().ms * 1000));
  EXPECT_FALSE(made.has(Deal::closed_on));
  const model::Record chosen = row(world_.insert("crm.deals", {{Deal::name, "Mill"},
                                                               {Deal::stage_id, stage("won")},
                                                               {Deal::probability, 90},
                                                               {Deal::currency, "USD"}}));
  EXPECT_EQ(chosen.integer(Deal::probability), 90);
  EXPECT_EQ(chosen.get(Deal::closed_on), today());
}

// Rule: what the system writes happened elsewhere; a day it leaves out is unknown, not today.
TEST_F(Deals, OfTheSystemHaveNoDaysOfTheirOwn) {
  become(Role::system);
  const Id sold = world_.insert("crm.deals", {{Deal::name, "Mill"}, {Deal::stage_id, stage("won")}});
  EXPECT_FALSE(row(sold).has(Deal::opened_on));
  EXPECT_FALSE(row(sold).has(Deal::closed_on));
  EXPECT_EQ(row(sold).integer(Deal::probability), 100);
  const Value day = base::Date{17'000};
  const Id dated = world_.insert("crm.deals", {{Deal::name, "Mill"},
                                               {Deal::stage_id, stage("won")},
                                               {Deal::opened_on, day},
                                               {Deal::closed_on, day}});
  EXPECT_EQ(row(dated).get(Deal::opened_on), day);
  EXPECT_EQ(row(dated).get(Deal::closed_on), day);
}

TEST_F(Deals, WithoutAnOpenStageNeedOneGiven) {
  for (const char* key : {"discovery", "qualified", "proposal", "negotiation"}) {
    ASSERT_EQ(code_of(world_.run("crm.deal_stages.remove", {{model::kIdField, stage(key)}})),
              Code::ok);
  }
  EXPECT_EQ(code_of(world_.run("crm.deals.insert", {{Deal::name, "Mill"}})), Code::rule_violation);
  EXPECT_EQ(code_of(world_.run("crm.deals.insert",
                               {{Deal::name, "Mill"}, {Deal::stage_id, stage("won")}})),
            Code::ok);
}

// Rule: from an open stage to any other; won and lost only back to an open one; closedOn follows; a plain update does the same.
TEST_F(Deals, EveryStageTransition) {
  const char* keys[] = {"discovery", "qualified", "proposal", "negotiation", "won", "lost"};
  for (const bool by_action : {true, false}) {
    for (int from = 0; from < 6; ++from) {
      for (int to = 0; to < 6; ++to) {
        const Id id = deal(keys[from]);
        const auto outcome =
            by_action ? move(id, keys[to])
                      : world_.run("crm.deals.update",
                                   {{model::kIdField, id}, {Deal::stage_id, stage(keys[to])}});
        const bool legal = from == to || from < 4 || to < 4;
        EXPECT_EQ(code_of(outcome), legal ? Code::ok : Code::illegal_transition)
            << keys[from] << " to " << keys[to];
        const int now_in = legal ? to : from;
        EXPECT_EQ(row(id).reference(Deal::stage_id), stage(keys[now_in]));
        EXPECT_EQ(row(id).get(Deal::closed_on), now_in < 4 ? Value() : today())
            << keys[from] << " to " << keys[to];
        EXPECT_EQ(events_of(outcome),
                  legal && from != to ? "deal_stage_changed:stage_changed" : "");
      }
    }
  }
}

TEST_F(Deals, ClosedOnMayBeCorrectedButNotInvented) {
  const Id id = deal("won");
  const Value earlier = base::Date{world_.now().ms == 0 ? 0 : base::date_of(world_.now()).days - 3};
  ASSERT_EQ(
      code_of(world_.run("crm.deals.update", {{model::kIdField, id}, {Deal::closed_on, earlier}})),
      Code::ok);
  EXPECT_EQ(row(id).get(Deal::closed_on), earlier);
  const Id open = deal("proposal");
  ASSERT_EQ(code_of(world_.run("crm.deals.update",
                               {{model::kIdField, open}, {Deal::closed_on, earlier}})),
            Code::ok);
  EXPECT_FALSE(row(open).has(Deal::closed_on));
}

// Rule: the probability follows the stage until somebody sets another; won and lost are certain.
TEST_F(Deals, ProbabilityFollowsTheStage) {
  const Id id = deal("discovery");
  ASSERT_TRUE(move(id, "proposal").status.ok());
  EXPECT_EQ(row(id).integer(Deal::probability), 50);
  ASSERT_TRUE(
      world_.run("crm.deals.update", {{model::kIdField, id}, {Deal::probability, 66}}).status.ok());
  ASSERT_TRUE(move(id, "negotiation").status.ok());
  EXPECT_EQ(row(id).integer(Deal::probability), 66);
  ASSERT_TRUE(move(id, "won").status.ok());
  EXPECT_EQ(row(id).integer(Deal::probability), 100);
  ASSERT_TRUE(world_
                  .run("crm.deals.update", {{model::kIdField, id},
                                            {Deal::stage_id, stage("qualified")},
                                            {Deal::probability, 33}})
                  .status.ok());
  EXPECT_EQ(row(id).integer(Deal::probability), 33);
}

TEST_F(Deals, AlwaysHaveAStage) {
  const Id id = deal("proposal");
  EXPECT_EQ(
      code_of(world_.run("crm.deals.update", {{model::kIdField, id}, {Deal::stage_id, Value()}})),
      Code::required);
  EXPECT_EQ(code_of(world_.run("crm.deals.update",
                               {{model::kIdField, id}, {Deal::stage_id, numbered_id(77)}})),
            Code::bad_reference);
  EXPECT_EQ(code_of(world_.run("crm.deal.move",
                               {{model::kIdField, id}, {MoveDeal::stage_id, numbered_id(77)}})),
            Code::bad_reference);
  EXPECT_EQ(code_of(world_.run("crm.deal.move", {{model::kIdField, id}})), Code::required);
  EXPECT_EQ(code_of(world_.run("crm.deal_stages.remove", {{model::kIdField, stage("proposal")}})),
            Code::still_referenced);
  EXPECT_EQ(
      code_of(world_.run("crm.deal_stages.remove", {{model::kIdField, stage("negotiation")}})),
      Code::ok);
}

TEST_F(Deals, ExternalIdIsUniqueWherePresent) {
  const Id id = deal("proposal");
  deal("proposal");
  ASSERT_TRUE(world_.run("crm.deals.update", {{model::kIdField, id}, {Deal::external_id, "A-1"}})
                  .status.ok());
  const auto second =
      world_.run("crm.deals.insert", {{Deal::name, "Other"}, {Deal::external_id, "A-1"}});
  EXPECT_EQ(code_of(second), Code::not_unique);
  EXPECT_EQ(field_of(second.status), "externalId");
  EXPECT_EQ(
      code_of(world_.run("crm.deals.insert", {{Deal::name, "Other"}, {Deal::external_id, "a-1"}})),
      Code::ok)
      << "byte equality";
}

TEST_F(Deals, MoveWithoutPositionGoesToTheEnd) {
  const Id first = deal("proposal", 10);
  const Id moved = deal("discovery", 5);
  world_.advance(1000);
  ASSERT_TRUE(move(moved, "proposal").status.ok());
  EXPECT_EQ(board("proposal"), (std::vector<Id>{first, moved}));
}

// Rule: deals can be put between the same two neighbours for ever, and keep their order.
TEST_F(Deals, ThereIsAlwaysRoomBetweenNeighbours) {
  const Id left = deal("proposal", 1'000'000);
  Id right = deal("proposal", 2'000'000);
  std::vector<Id> expected = {left, right};
  for (int i = 0; i < 200; ++i) {
    const Id moved = deal("discovery", 1);
    const std::int64_t middle = (position(left) + position(right)) / 2;
    // Where a person drops it: below `left`; where no number is left, on `right`, which makes room.
    const std::int64_t target = middle == position(left) ? position(right) : middle;
    ASSERT_TRUE(move(moved, "proposal", target).status.ok());
    expected.insert(expected.begin() + 1, moved);
    right = moved;
    ASSERT_EQ(board("proposal"), expected) << "after " << i;
  }
}

TEST_F(Deals, MakingRoomTouchesOnlyWhatIsInTheWay) {
  const Id a = deal("proposal", 5'000);
  const Id b = deal("proposal", 5'001);
  const Id c = deal("proposal", 900'000);
  const Id moved = deal("discovery", 1);
  const auto outcome = move(moved, "proposal", 5'000);
  EXPECT_EQ(outcome.changes.changes.size(), 3u);
  EXPECT_EQ(board("proposal"), (std::vector<Id>{moved, a, b, c}));
  EXPECT_EQ(position(c), 900'000);
}

// Two hundred deals at one position: more than the first page of neighbours.
TEST_F(Deals, MakingRoomReachesAsFarAsNeeded) {
  std::vector<Id> expected;
  for (int i = 0; i < 200; ++i) expected.push_back(deal("proposal", 5'000));
  std::sort(expected.begin(), expected.end());
  const Id moved = deal("discovery", 1);
  ASSERT_TRUE(move(moved, "proposal", 5'000).status.ok());
  expected.insert(expected.begin(), moved);
  EXPECT_EQ(board("proposal"), expected);
}

TEST_F(Deals, StageUnknownInTheBrowserWaitsForTheServer) {
  const Id id = deal("proposal");
  world_.be_optimistic();
  world_.reader().hide(kDealStagesId, stage("won"));
  EXPECT_EQ(code_of(move(id, "won")), Code::needs_server);
  EXPECT_EQ(code_of(world_.run("crm.deals.insert", {{Deal::name, "Mill"}})), Code::ok)
      << "the first known open stage";
}

}  // namespace
}  // namespace syncline::tests
