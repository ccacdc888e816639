// What the authority tells of its live queries: how changes find them and what they have cost.
#include "syncline/query/canonical.hpp"
#include "syncline/query/predicate.hpp"
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using authority::Route;
using mutation::Role;
using query::Op;

std::vector<Route> routes(query::Query query) {
  return authority::routes(card_domain().schema,
                           query::canonical(card_domain().schema, std::move(query)));
}

TEST(Routes, EveryKindOfConditionHasItsOwn) {
  using By = Route::By;
  const auto only = [](const query::Predicate& where) {
    const auto found = routes(cards(where));
    EXPECT_EQ(found.size(), 1u);
    return found.at(0);
  };
  EXPECT_EQ(only(query::compare(kPoints, Op::eq, 1)), (Route{kCards, By::equality, kPoints, 1}));
  EXPECT_EQ(only(query::in(kPoints, {model::Value(1), model::Value(2)})),
            (Route{kCards, By::equality, kPoints, 2}));
  EXPECT_EQ(only(query::compare(kPoints, Op::gt, 1)), (Route{kCards, By::range, kPoints, 1}));
  EXPECT_EQ(only(query::compare(kLabel, Op::like, "ab%")), (Route{kCards, By::prefix, kLabel, 1}));
  EXPECT_EQ(only(query::compare(kTags, Op::contains, "x")), (Route{kCards, By::item, kTags, 1}));
  EXPECT_EQ(only(query::compare(kLabel, Op::like, "%ab")).by, By::residual);
  EXPECT_EQ(only(query::always()).by, By::residual);
  EXPECT_EQ(only(query::never()).by, By::never);
}

TEST(Routes, AnOrHasAllAndRelatedRowsHaveTheirOwn) {
  const auto either = routes(cards(
      query::any_of({query::compare(kPoints, Op::eq, 1), query::compare(kLabel, Op::eq, "a")})));
  EXPECT_EQ(either.size(), 2u);
  EXPECT_FALSE(authority::is_residual(either));
  const auto related = routes(cards(
      query::all_of({query::compare(kPoints, Op::eq, 1), query::exists(kOwner, query::always())})));
  ASSERT_EQ(related.size(), 2u);
  EXPECT_EQ(related[0], (Route{kCards, Route::By::equality, kPoints, 1}));
  EXPECT_EQ(related[1].collection, kPeople);
  EXPECT_TRUE(authority::is_residual(related)) << "any person's coming or going may matter";
}

class Running : public ::testing::Test {
 protected:
  static authority::Options options(std::uint64_t& clock) {
    authority::Options options;
    options.stopwatch = [&clock] { return clock += 10; };
    return options;
  }
  std::uint64_t clock_ = 0;
  World world_{options(clock_)};
};

TEST_F(Running, CountsWhatComesAndWhatItChanges) {
  world_.write(insert_card(1, {{kLabel, "a"}, {kPoints, 1}}));
  Browser first(world_, Role::admin, 1, 100);
  Browser second(world_, Role::admin, 2, 101);
  first.connect();
  second.connect();
  const query::Query low = cards(query::compare(kPoints, Op::lt, 10));
  first.subscribe(1, low);
  second.subscribe(1, low);
  first.subscribe(2, cards(query::compare(kPoints, Op::eq, 77)));
  world_.run();
  world_.write(insert_card(2, {{kLabel, "b"}, {kPoints, 2}}));   // in
  world_.write(update_card(2, {{kPoints, 20}}));                 // out
  world_.write(insert_card(3, {{kLabel, "c"}, {kPoints, 30}}));  // never routed
  const auto running = world_.authority().running(10);
  ASSERT_EQ(running.size(), 2u);
  EXPECT_EQ(running[0].sessions, 2u) << "the one that cost most comes first";
  EXPECT_EQ(running[0].work.routed, 2u);
  EXPECT_EQ(running[0].work.altered, 2u);
  EXPECT_EQ(running[0].work.hydrated, 1u);
  EXPECT_EQ(running[0].work.spent_ns, 20u);
  EXPECT_EQ(running[0].rows, 1u);
  EXPECT_GT(running[0].bytes, 0u);
  EXPECT_EQ(running[0].routes.at(0).by, Route::By::range);
  EXPECT_EQ(running[1].work.routed, 0u);
  EXPECT_EQ(running[1].work.spent_ns, 0u);
  EXPECT_EQ(world_.authority().running(1).size(), 1u);
}

TEST_F(Running, TellsRoutedFromAltered) {
  Browser browser(world_, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards(query::compare(kLabel, Op::like, "%z")));  // the residual list
  world_.run();
  world_.write(insert_card(1, {{kLabel, "a"}}));
  world_.write(insert_card(2, {{kLabel, "z"}}));
  const auto running = world_.authority().running(10);
  ASSERT_EQ(running.size(), 1u);
  EXPECT_EQ(running[0].work.routed, 2u);
  EXPECT_EQ(running[0].work.altered, 1u);
  EXPECT_TRUE(authority::is_residual(running[0].routes));
}

TEST_F(Running, AQueryIsFoundAsItsUsersAskIt) {
  Browser browser(world_, Role::agent, 1, 100);
  browser.connect();
  query::Query some = cards();
  some.limit = 5;
  browser.subscribe(1, some);
  world_.run();
  mutation::Actor agent;
  agent.role = Role::agent;
  agent.user = test_id(1);
  const auto found = world_.authority().running(agent, some);
  ASSERT_TRUE(found.ok());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->sessions, 1u);
  agent.user = test_id(2);
  EXPECT_FALSE(world_.authority().running(agent, some)->has_value()) << "other cards are theirs";
}

}  // namespace
}  // namespace syncline::tests
