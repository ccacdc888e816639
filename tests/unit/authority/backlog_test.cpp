// Whoever does not read what it is told: a fixed budget of bytes, then nothing, then one catch-up.
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using mutation::Role;

// A session whose bytes do not drain gets nothing more, and one snapshot when they did, less the rows that it has.
TEST(Backlog, DeltasAreDroppedAndOneSnapshotFollows) {
  authority::Options options;
  options.session_backlog_bytes_max = 2'000;
  World world(options);
  world.drain = false;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  world.run();
  for (std::uint32_t i = 1; i <= 50; ++i)
    world.write(insert_card(i, {{kLabel, std::string(50, 'x')}}));
  const std::size_t received = browser.ids(1).size();
  EXPECT_LT(received, 50u);
  browser.push(insert_card(60, {{kLabel, "mine"}}));
  browser.send(protocol::Ping{3});
  world.run();
  EXPECT_TRUE(browser.pongs.empty()) << "nothing is added to what is not read";
  EXPECT_EQ(browser.verdict(1), nullptr) << "a verdict may not come before its effects";
  EXPECT_EQ(world.authority().statistics().sessions_behind, 1u);
  EXPECT_GT(world.authority().statistics().unread_bytes, options.session_backlog_bytes_max);

  world.drain = true;
  world.authority().sent(browser.session, 1'000'000);
  EXPECT_TRUE(world.authority().next_timeout().has_value());
  world.run();
  EXPECT_EQ(browser.ids(1).size(), 51u);
  EXPECT_EQ(browser.queries.at(1).snapshots, 2u);
  EXPECT_EQ(browser.queries.at(1).kept, received) << "what it has, and nobody changed, stays";
  ASSERT_NE(browser.verdict(1), nullptr);
  world.write(insert_card(61, {{kLabel, "later"}}));
  EXPECT_EQ(browser.ids(1).size(), 52u);
  EXPECT_EQ(world.authority().statistics().sessions_behind, 0u);
  EXPECT_EQ(world.authority().statistics().unread_bytes, 0u);
}

// What a conflict tells may be a thousand times what it took to ask for it.
TEST(Backlog, VerdictsThatNobodyReadsHaveABudgetToo) {
  authority::Options options;
  options.session_backlog_bytes_max = options.session_verdict_bytes_max = 50'000;
  World world(options);
  world.write(insert_card(1, {{kLabel, "a"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  world.run();
  world.write(update_card(1, {{kBody, std::string(20'000, 'x')}}));
  world.drain = false;
  for (int i = 0; i < 100 && !browser.closed_with; ++i) {
    model::Mutation mine = update_card(1, {{kBody, "mine"}});
    mine.bases = {{kCards, test_id(1), model::kNoField, 1}};
    browser.push(std::move(mine));
    world.run();
  }
  ASSERT_TRUE(browser.closed_with.has_value());
  EXPECT_EQ(browser.closed_with->code, base::Code::unavailable);
  EXPECT_LT(browser.sent.size(), 12u);
  EXPECT_LT(browser.bytes, 4 * options.session_backlog_bytes_max);
}

// Verdicts come in frames that a browser takes, however much was judged at once.
TEST(Backlog, ManyLongVerdictsComeInSeveralFrames) {
  authority::Options options;
  options.mutations_per_commit_max = 1'000;
  World world(options);
  world.write(insert_card(1, {{kLabel, "a"}}));
  world.write(update_card(1, {{kBody, std::string(20'000, 'x')}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  world.run();
  constexpr std::size_t kCount = 800;  // of 20 kB each
  for (std::size_t i = 0; i < kCount; ++i) {
    model::Mutation mine = update_card(1, {{kBody, "mine"}});
    mine.bases = {{kCards, test_id(1), model::kNoField, 1}};
    browser.push(std::move(mine));
  }
  world.run();
  ASSERT_EQ(browser.verdicts.size(), kCount);
  EXPECT_EQ(browser.verdict(kCount)->outcome, model::Outcome::conflict);
  EXPECT_GE(browser.pokes, 4u);
  EXPECT_FALSE(browser.closed_with.has_value());
}

// Whoever reads nothing costs a fixed budget, however much happens, and is right after it has read.
TEST(Backlog, HoweverManyChangesCostNoMoreThanTheBudget) {
#if defined(NDEBUG) && !defined(__EMSCRIPTEN__)
  constexpr std::uint32_t kCommits = 1'000;
#else
  constexpr std::uint32_t kCommits = 100;  // the rest would take 20 s, and change nothing
#endif
  constexpr std::uint32_t kCount = 1'000;
  authority::Options options;
  options.session_backlog_bytes_max = 64 * 1024;
  World world(options);
  const auto write_all = [&world](std::uint32_t round) {
    std::vector<model::Mutation> mutations;
    for (std::uint32_t i = 1; i <= kCount; ++i) {
      mutations.push_back(round == 0 ? insert_card(i, {{kLabel, "card"}})
                                     : update_card(i, {{kPoints, std::int64_t{round}}}));
    }
    world.write(std::move(mutations));
    world.committed.clear();
  };
  write_all(0);
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  browser.subscribe(2, cards(query::compare(kPoints, query::Op::lt, 5)));
  world.run();
  const std::size_t before = browser.bytes;
  world.drain = false;
  for (std::uint32_t round = 1; round <= kCommits; ++round) {
    world.advance(60);
    write_all(round);
  }
  // One poke may begin below the limit and end above it: all rows, for two queries.
  EXPECT_LT(browser.bytes - before, options.session_backlog_bytes_max + 2 * kCount * 200);
  EXPECT_FALSE(world.authority().next_timeout().has_value() &&
               *world.authority().next_timeout() <= world.now())
      << "nothing is left to be done";

  const std::size_t unread = browser.bytes;
  world.drain = true;
  world.authority().sent(browser.session, browser.bytes);
  world.run();
  EXPECT_LT(browser.bytes - unread, 2 * kCount * 200) << "one catch-up";
  EXPECT_EQ(browser.ids(1).size(), kCount);
  EXPECT_TRUE(browser.ids(2).empty());
  EXPECT_EQ(browser.row(1, kCards, kCount).get(kPoints), model::Value(std::int64_t{kCommits}));
}

// What it has of a list is not sent again; what left it meanwhile is gone.
TEST(Backlog, OnlyWhatWasMissedTravels) {
  authority::Options options;
  options.session_backlog_bytes_max = 512;
  World world(options);
  for (std::uint32_t i = 1; i <= 100; ++i) world.write(insert_card(i, {{kLabel, "card"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards(query::compare(kLabel, query::Op::ne, "done")));
  world.run();
  world.drain = false;
  for (std::int64_t i = 0; i < 5; ++i)
    world.write(update_card(1, {{kLabel, std::string(150, 'x')}, {kPoints, i}}));
  const std::size_t puts = browser.queries.at(1).puts;
  world.write(update_card(2, {{kLabel, "other"}}));
  world.write(update_card(3, {{kLabel, "done"}}));
  world.write(remove_card(4));
  EXPECT_EQ(browser.queries.at(1).puts, puts) << "it is behind";
  world.drain = true;
  world.authority().sent(browser.session, 1'000'000);
  world.run();
  EXPECT_EQ(browser.queries.at(1).puts, puts + 2) << "the first card and the second";
  EXPECT_EQ(browser.ids(1).size(), 98u);
  EXPECT_EQ(browser.row(1, kCards, 2).text(kLabel), "other");
}

}  // namespace
}  // namespace syncline::tests
