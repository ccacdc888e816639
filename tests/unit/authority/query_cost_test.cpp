// Queries that are refused before they are hydrated, with their cost and the limit.
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using mutation::Role;
using query::Op;

authority::Options costing(std::uint64_t most) {
  authority::Options options;
  options.query_cost_max = most;
  options.look_ahead_rows = 2;
  return options;
}

void add_cards(World& world, std::uint32_t count) {
  for (std::uint32_t i = 1; i <= count; ++i) world.write(insert_card(i, {{kLabel, "a"}}));
}

TEST(QueryCost, ATooCostlyQueryIsRefusedWithItsCostAndTheLimit) {
  World world(costing(10));
  add_cards(world, 11);
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  query::Query few = cards();
  few.limit = 5;
  browser.subscribe(2, few);
  world.run();
  ASSERT_EQ(browser.failed.count(1), 1u);
  const base::Error& error = browser.failed.at(1);
  EXPECT_EQ(error.code, base::Code::query_too_costly);
  EXPECT_NE(error.message.find("11 rows"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("at most 10"), std::string::npos) << error.message;
  ASSERT_EQ(error.fields.size(), 2u);
  EXPECT_EQ(error.fields[0].message, "11");
  EXPECT_EQ(error.fields[1].message, "10");
  EXPECT_EQ(browser.failed.count(2), 0u);
  EXPECT_EQ(browser.ids(2).size(), 7u) << "and the rows behind them that a window looks ahead";
  EXPECT_FALSE(browser.closed_with) << "only the query is refused";
  EXPECT_EQ(world.authority().statistics().groups, 1u);
}

TEST(QueryCost, WhatNestsMultiplies) {
  World world(costing(30));
  add_cards(world, 8);
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  const auto child = [](query::Predicate inner) {
    return query::exists_in(kCards, kParent, std::move(inner));
  };
  browser.subscribe(1, cards(child(query::always())));                // 8 + 8 × 1
  browser.subscribe(2, cards(child(child(child(query::always())))));  // 8 + 8 + 8 + 8
  world.run();
  EXPECT_EQ(browser.queries.at(1).snapshots, 1u);
  ASSERT_EQ(browser.failed.count(2), 1u);
  EXPECT_EQ(browser.failed.at(2).fields.at(0).message, "32");
  EXPECT_EQ(browser.failed.count(1), 0u);
}

TEST(QueryCost, ARunningQueryIsNotAskedAgain) {
  World world(costing(10));
  add_cards(world, 10);
  Browser first(world, Role::admin, 1, 100);
  Browser second(world, Role::admin, 2, 101);
  first.connect();
  second.connect();
  first.subscribe(1, cards());
  world.run();
  world.write(insert_card(11, {{kLabel, "a"}}));
  second.subscribe(1, cards());
  world.run();
  EXPECT_TRUE(second.failed.empty()) << "it is kept up anyway";
  EXPECT_EQ(second.ids(1).size(), 11u);
}

}  // namespace
}  // namespace syncline::tests
