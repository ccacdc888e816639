// The life of a connection: hello, deadlines, tokens, bad frames, changes of the actor.
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using mutation::Role;

std::set<base::Id> ids(std::initializer_list<std::uint32_t> numbers) {
  std::set<base::Id> result;
  for (const auto number : numbers) result.insert(test_id(number));
  return result;
}

TEST(Session, HelloIsAnsweredByWelcome) {
  World world;
  Browser browser(world, Role::agent, 1, 100);
  browser.connect();
  ASSERT_TRUE(browser.welcome.has_value());
  EXPECT_EQ(browser.welcome->protocol, protocol::kProtocolVersion);
  EXPECT_EQ(browser.welcome->cursor.epoch, world.storage().epoch());
  EXPECT_EQ(browser.welcome->user, test_id(1));
  EXPECT_EQ(browser.welcome->role, static_cast<std::uint8_t>(Role::agent));
  EXPECT_EQ(browser.welcome->now.ms, kStart);
  EXPECT_EQ(world.authority().statistics().sessions, 1u);
  browser.disconnect();
  EXPECT_EQ(world.authority().statistics().sessions, 0u);
}

TEST(Session, WhoSaysNothingIsClosedAfterFiveSeconds) {
  World world;
  Browser browser(world, Role::agent, 1, 100);
  browser.session = world.connect(browser);
  ASSERT_EQ(world.authority().next_timeout()->ms, kStart + 5'000);
  world.advance(4'999);
  world.run();
  EXPECT_FALSE(browser.closed_with.has_value());
  world.advance(1);
  world.run();
  ASSERT_TRUE(browser.closed_with.has_value());
  EXPECT_EQ(browser.closed_with->code, base::Code::unauthenticated);
  EXPECT_FALSE(world.authority().next_timeout().has_value());
}

TEST(Session, ATokenEndsWhenItsTimeIsOverUnlessRenewed) {
  World world;
  Browser renewed(world, Role::agent, 1, 100);
  Browser idle(world, Role::agent, 2, 101);
  renewed.connect();
  idle.connect();
  world.advance(kTokenMs - 1);
  renewed.send(protocol::Reauthenticate{token_of(Role::agent, 1)});
  world.run();
  world.advance(1);
  world.run();
  EXPECT_FALSE(renewed.closed_with.has_value());
  ASSERT_TRUE(idle.closed_with.has_value());
  EXPECT_EQ(idle.closed_with->code, base::Code::token_expired);
}

TEST(Session, AConnectionBelongsToOneUser) {
  World world;
  Browser browser(world, Role::agent, 1, 100);
  browser.connect();
  browser.send(protocol::Reauthenticate{token_of(Role::agent, 2)});
  world.run();
  EXPECT_EQ(browser.closed_with->code, base::Code::forbidden);
}

struct BadHello {
  const char* name;
  void (*spoil)(protocol::Hello&);
  base::Code code;
};
TEST(Session, RefusesWhatItCannotServe) {
  const BadHello cases[] = {
      {"older protocol", [](protocol::Hello& h) { h.protocol = 0; }, base::Code::upgrade_required},
      {"newer protocol", [](protocol::Hello& h) { h.protocol = 99; }, base::Code::upgrade_required},
      {"other schema", [](protocol::Hello& h) { h.schema_hash ^= 1; },
       base::Code::upgrade_required},
      {"bad token", [](protocol::Hello& h) { h.access_token = "x"; }, base::Code::unauthenticated},
      {"no client", [](protocol::Hello& h) { h.client = {}; }, base::Code::malformed},
  };
  for (const BadHello& bad : cases) {
    World world;
    Browser browser(world, Role::agent, 1, 100);
    browser.session = world.connect(browser);
    protocol::Hello hello;
    hello.protocol = protocol::kProtocolVersion;
    hello.schema_hash = card_domain().schema.hash();
    hello.client = test_id(100);
    hello.access_token = token_of(Role::agent, 1);
    bad.spoil(hello);
    browser.hello(hello);
    ASSERT_TRUE(browser.closed_with.has_value()) << bad.name;
    EXPECT_EQ(browser.closed_with->code, bad.code) << bad.name;
    EXPECT_FALSE(browser.welcome.has_value()) << bad.name;
    EXPECT_EQ(world.authority().statistics().sessions, 0u) << bad.name;
  }
}

TEST(Session, ABadFrameClosesThisSessionOnly) {
  World world;
  Browser good(world, Role::agent, 1, 100);
  Browser bad(world, Role::agent, 2, 101);
  good.connect();
  bad.connect();
  bad.send_bytes({0xff, 1, 2, 3});
  world.run();
  EXPECT_EQ(bad.closed_with->code, base::Code::malformed);
  good.send(protocol::Ping{7});
  world.run();
  EXPECT_EQ(good.pongs, std::vector<std::uint64_t>{7});
  EXPECT_FALSE(good.closed_with.has_value());
}

TEST(Session, NothingButHelloComesFirstAndHelloComesOnce) {
  World world;
  Browser hasty(world, Role::agent, 1, 100);
  hasty.session = world.connect(hasty);
  hasty.send(protocol::Ping{1});
  world.run();
  EXPECT_EQ(hasty.closed_with->code, base::Code::unauthenticated);
  EXPECT_TRUE(hasty.pongs.empty());
  Browser twice(world, Role::agent, 1, 101);
  twice.connect();
  twice.send(protocol::Hello{});
  world.run();
  EXPECT_EQ(twice.closed_with->code, base::Code::malformed);
}

TEST(Session, AnotherRoleSeesWhatItMayAndNoMore) {
  World world;
  world.write(mutation_of("test.people.insert", {{model::kIdField, test_id(2)}, {kName, "Other"}}));
  world.write(insert_card(1, {{kLabel, "free"}}));
  world.write(insert_card(2, {{kLabel, "theirs"}, {kOwner, test_id(2)}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  world.run();
  EXPECT_EQ(browser.ids(1), ids({1, 2}));
  world.authority().set_actor(test_id(1), {}, mutation::Actor{test_id(1), Role::agent});
  world.run();
  EXPECT_EQ(browser.ids(1), ids({1}));
  world.authority().set_actor(test_id(1), {}, mutation::Actor{test_id(1), Role::engineer});
  world.run();
  EXPECT_EQ(browser.failed.at(1).code, base::Code::forbidden);
  EXPECT_EQ(world.authority().statistics().subscriptions, 0u);
  EXPECT_EQ(world.authority().statistics().groups, 0u);
}

// What was pushed before the user was deleted but not yet judged has no effect.
TEST(Session, ADeletedUserIsClosedAndItsQueuedMutationsAreVoid) {
  World world;
  Browser browser(world, Role::agent, 1, 100);
  browser.connect();
  browser.push(insert_card(1, {{kLabel, "late"}}));
  world.authority().set_actor(test_id(1), {}, std::nullopt);
  world.run();
  EXPECT_EQ(browser.closed_with->code, base::Code::unauthenticated);
  EXPECT_TRUE(world.committed.empty());
  EXPECT_EQ(world.authority().statistics().sessions, 0u);
}

// A logout ends the sessions of that login only.
TEST(Session, ALoginEndsAlone) {
  World world;
  Browser browser(world, Role::agent, 1, 100);
  browser.connect();
  world.authority().set_actor(test_id(1), test_id(77), std::nullopt);
  world.run();
  EXPECT_FALSE(browser.closed_with.has_value());
  world.authority().set_actor(test_id(1), test_id(50'001), std::nullopt);
  world.run();
  EXPECT_TRUE(browser.closed_with.has_value());
}

// A commit may take rights away: nothing of that commit may reach the session under the old rights.
TEST(Session, RightsTakenByACommitHoldForThatVeryCommit) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  world.run();
  world.authority().on_applied([&](const authority::LogEntry&) {
    world.authority().set_actor(test_id(1), {}, mutation::Actor{test_id(1), Role::agent});
  });
  world.write({mutation_of("test.people.insert", {{model::kIdField, test_id(2)}, {kName, "Other"}}),
               insert_card(1, {{kLabel, "theirs"}, {kOwner, test_id(2)}}),
               insert_card(2, {{kLabel, "free"}})});
  EXPECT_EQ(browser.ids(1), ids({2}));
}

// Mutations that arrived before the connection broke are judged all the same.
TEST(Session, WhatArrivedBeforeTheEndCounts) {
  World world;
  Browser browser(world, Role::agent, 1, 100);
  browser.connect();
  browser.push(insert_card(1, {{kLabel, "a"}}));
  browser.disconnect();
  world.run();
  EXPECT_EQ(world.committed.size(), 1u);
  browser.connect();
  browser.resend(browser.sent);
  world.run();
  EXPECT_EQ(world.committed.size(), 1u);
  ASSERT_NE(browser.verdict(1), nullptr);
  EXPECT_EQ(browser.verdict(1)->outcome, model::Outcome::applied);
}

// Between the end of a connection and the verdict on what it pushed its user may lose rights as any other may.
TEST(Session, WhatAClosedConnectionPushedIsJudgedByTheRightsOfThen) {
  World world;
  Browser browser(world, Role::agent, 1, 100);
  browser.connect();
  browser.push(insert_card(1, {{kLabel, "a"}}));
  browser.disconnect();
  world.authority().set_actor(test_id(1), {}, mutation::Actor{test_id(1), Role::engineer});
  world.run();
  EXPECT_TRUE(world.committed.empty());
  world.authority().set_actor(test_id(1), {}, mutation::Actor{test_id(1), Role::agent});
  browser.connect();
  browser.resend(browser.sent);
  world.run();
  ASSERT_NE(browser.verdict(1), nullptr);
  EXPECT_EQ(browser.verdict(1)->error.code, base::Code::forbidden);
}

// A list of values takes many times its bytes here, and a thousand queries may have one each.
TEST(Session, TheQueriesOfOneConnectionNameOnlySoManyValues) {
  World world;
  Browser browser(world, Role::agent, 1, 100);
  browser.connect();
  const auto long_query = [](std::uint32_t n) {
    std::vector<model::Value> labels;
    for (std::uint32_t i = 0; i < 1'000; ++i)
      labels.emplace_back("a label that is " + std::to_string(n) + " and " + std::to_string(i));
    return cards(query::in(kLabel, labels));
  };
  std::uint32_t asked = 0;
  while (browser.failed.empty() && asked < 100) {
    ++asked;
    browser.subscribe(asked, long_query(asked));
    world.run();
  }
  ASSERT_EQ(browser.failed.size(), 1u);
  EXPECT_EQ(browser.failed.at(asked).code, base::Code::query_too_costly);
  EXPECT_EQ(world.authority().statistics().subscriptions, asked - 1);
  browser.subscribe(200, cards());
  browser.send(protocol::Unsubscribe{1});
  browser.subscribe(201, long_query(201));
  world.run();
  EXPECT_EQ(browser.failed.size(), 1u) << "others go on, and one that ended makes room";
  EXPECT_EQ(world.authority().statistics().subscriptions, asked);
}

// What a browser says it holds is kept until its result is made; one that says too much is sent all of it.
TEST(Session, RowsThatABrowserHoldsAreRememberedWithinBounds) {
  World world;
  world.write(insert_card(1, {{kLabel, "a"}}));
  Browser browser(world, Role::agent, 1, 100);
  browser.cursor = {world.storage().epoch(), world.storage().version()};
  browser.connect();
  std::vector<protocol::Held> held = {{kCards, test_id(1), 1}};
  for (std::uint32_t i = 0; i < 39'999; ++i) held.push_back({kCards, test_id(1'000 + i), 1});
  for (std::uint32_t n = 1; n <= 6; ++n)
    browser.subscribe(n, cards(query::compare(kLabel, query::Op::ne, std::to_string(n))), held);
  world.run();
  EXPECT_EQ(browser.queries[5].kept, 1u);
  EXPECT_EQ(browser.queries[6].kept, 0u);
  EXPECT_EQ(browser.queries[6].puts, 1u);
  browser.subscribe(7, cards(), held);
  world.run();
  EXPECT_EQ(browser.queries[7].kept, 1u) << "those before are forgotten by now";
}

}  // namespace
}  // namespace syncline::tests
