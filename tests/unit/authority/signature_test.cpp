// Signatures after a Pong: what the server believes that a browser holds of each query (Browser::receive compares), and what
// happens where it is something else.
#include "syncline/base/random.hpp"
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using mutation::Role;
using query::Op;

query::Query cards_with_relatives() {
  query::Query query = cards();
  query.order = {{kPoints, false}};
  query::Include owner;
  owner.via = kOwner;
  query::Include parent;
  parent.via = kParent;
  query.includes = {owner, parent};
  return query;
}

// A card may be a row of the result and another row's parent, come and go as either, and change in the same commit.
TEST(Signatures, AreThoseOfWhatWasSentHoweverItCame) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::Random random(seed);
    World world;
    for (const std::uint32_t id : {901u, 902u}) {
      world.write(
          mutation_of("test.people.insert", {{model::kIdField, test_id(id)}, {kName, "hidden"}}));
    }
    Browser admin(world, Role::admin, 900, 100);
    Browser viewer(world, Role::viewer, 903, 101);
    for (Browser* browser : {&admin, &viewer}) {
      browser->connect();
      browser->subscribe(1, cards_with_relatives());
      query::Query few = cards_with_relatives();
      few.where = query::compare(kCardStatus, Op::eq, 1);
      few.limit = 2;
      browser->subscribe(2, few);
    }
    for (int step = 0; step < 80; ++step) {
      const auto id = 1 + static_cast<std::uint32_t>(random.below(6));
      const std::vector<FieldValue> fields = {
          {kLabel, "l"},
          {kPoints, static_cast<int>(random.below(5))},
          {kCardStatus, static_cast<int>(random.below(2))},
          {kOwner, test_id(901 + static_cast<std::uint32_t>(random.below(2)))},
          {kParent, test_id(1 + static_cast<std::uint32_t>(random.below(6)))}};
      switch (random.below(6)) {
        case 0: admin.push(remove_card(id)); break;
        case 1:
          admin.push(mutation_of("test.people.update",
                                 {{model::kIdField, test_id(901)},
                                  {kName, random.below(2) == 0 ? "hidden" : "seen"}}));
          break;
        case 2:
        case 3: admin.push(insert_card(id, fields)); break;
        default: admin.push(update_card(id, fields)); break;
      }
      if (random.below(2) == 0) continue;
      world.run();
      for (Browser* browser : {&admin, &viewer}) browser->send(protocol::Ping{1});
      world.run();
      if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(admin.signatures, 40u);
    EXPECT_GT(viewer.signatures, 40u);
  }
}

TEST(Signatures, WhoSpeaksTheVersionBeforeGetsNone) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.session = world.connect(browser);
  protocol::Hello hello;
  hello.protocol = protocol::kSignaturesSince - 1;
  hello.schema_hash = world.domain().schema.hash();
  hello.client = browser.client;
  hello.access_token = token_of(Role::admin, 1);
  browser.hello(hello);
  browser.subscribe(1, cards());
  world.run();
  browser.send(protocol::Ping{7});
  world.run();
  EXPECT_EQ(browser.pongs, std::vector<std::uint64_t>{7});
  EXPECT_EQ(browser.signatures, 0u);
}

// Of a query that waits for its snapshot there is nothing to compare yet; of an aggregate there are no rows.
TEST(Signatures, SpeakOfWhatHasBeenShown) {
  World world;
  world.write(insert_card(1, {{kLabel, "a"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  query::Query count = cards();
  count.aggregate.emplace();
  count.aggregate->terms = {{query::Aggregator::count, model::kNoField}};
  browser.subscribe(2, count);
  browser.send(protocol::Ping{1});
  world.run();
  EXPECT_EQ(browser.signatures, 0u);
  browser.send(protocol::Ping{2});
  world.run();
  EXPECT_EQ(browser.signatures, 1u);
}

TEST(Signatures, AQueryAskedForAgainIsCountedAndOnlyWhatDiffersTravels) {
  World world;
  for (std::uint32_t i = 1; i <= 4; ++i) world.write(insert_card(i, {{kLabel, "a"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.disconnect();
  browser.connect();  // with a cursor
  browser.subscribe(1, cards());
  world.run();
  EXPECT_EQ(world.authority().statistics().mismatches, 0u);
  auto& state = browser.queries.at(1);
  state.rows.erase({kCards, test_id(2)});
  std::vector<protocol::Held> held;
  for (const auto& [key, record] : state.rows)
    held.push_back({key.first, key.second, record.version()});
  const std::size_t puts = state.puts;
  browser.subscribe(1, cards(), held);
  world.run();
  EXPECT_EQ(world.authority().statistics().mismatches, 1u);
  EXPECT_EQ(state.puts, puts + 1);
  EXPECT_EQ(state.kept, 3u);
  browser.send(protocol::Ping{1});
  world.run();
  EXPECT_EQ(browser.signatures, 1u);
}

}  // namespace
}  // namespace syncline::tests
