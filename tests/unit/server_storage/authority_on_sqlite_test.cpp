// The engine over SQLite: operators fed inside the write transaction, on the writer's own connection, keep every browser right;
// and after a restart the database knows what it knew.
#include "tests/unit/authority/random_history.hpp"
#include "tests/unit/server_storage/temporary_database.hpp"

namespace syncline::tests {
namespace {

TEST(AuthorityOnSqlite, EveryBrowserHoldsWhatItsUserMaySee) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    TemporaryDatabase database(card_domain().schema);
    World world(database.storage(), history_options());
    run_history(world, seed);
    if (HasFatalFailure()) return;
  }
}

TEST(AuthorityOnSqlite, ARestartForgetsNothing) {
  TemporaryDatabase database(card_domain().schema);
  std::vector<model::Mutation> sent;
  std::vector<std::pair<base::Id, model::Verdict>> verdicts;
  {
    World world(database.storage(), {});
    Browser browser(world, mutation::Role::admin, 1, 100);
    browser.connect();
    browser.push(insert_card(1, {{kLabel, "a"}}));
    browser.push(insert_card(2, {}));
    world.run();
    sent = browser.sent;
    verdicts = browser.verdicts;
    ASSERT_EQ(verdicts.size(), 2u);
  }
  database.close();
  World world(database.storage(), {});
  Browser browser(world, mutation::Role::admin, 1, 100);
  browser.connect();
  browser.resend(sent);
  world.run();
  EXPECT_EQ(browser.verdicts, verdicts);
  EXPECT_EQ(database.storage().version(), 1u);
}

}  // namespace
}  // namespace syncline::tests
