// Live queries: snapshots, deltas, sharing, rights, catch-up.
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using mutation::Role;
using query::Op;

std::set<base::Id> ids(std::initializer_list<std::uint32_t> numbers) {
  std::set<base::Id> result;
  for (const auto number : numbers) result.insert(test_id(number));
  return result;
}

void add_person(World& world, std::uint32_t id, const char* name) {
  world.write(mutation_of("test.people.insert",
                          {{model::kIdField, test_id(id)}, {kName, name}, {kSalary, "1000"}}));
}

TEST(Groups, ASnapshotThenDeltasThatConcernTheQuery) {
  World world;
  world.write(insert_card(1, {{kLabel, "a"}, {kPoints, 1}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards(query::compare(kPoints, Op::lt, 10)));
  world.run();
  EXPECT_EQ(browser.ids(1), ids({1}));
  world.write(insert_card(2, {{kLabel, "b"}, {kPoints, 2}}));
  world.write(insert_card(3, {{kLabel, "c"}, {kPoints, 30}}));  // does not concern it
  EXPECT_EQ(browser.ids(1), ids({1, 2}));
  EXPECT_EQ(browser.queries.at(1).deltas, 1u);
  world.write(update_card(2, {{kPoints, 20}}));
  EXPECT_EQ(browser.ids(1), ids({1}));
  world.write(update_card(3, {{kPoints, 3}}));
  EXPECT_EQ(browser.ids(1), ids({1, 3}));
  world.write(remove_card(1));
  EXPECT_EQ(browser.ids(1), ids({3}));
  EXPECT_EQ(browser.row(1, kCards, 3), *world.storage().sources().source(kCards).get(test_id(3)));
}

TEST(Groups, ALateSubscriberToAKnownQueryGetsTheWholeResult) {
  World world;
  Browser first(world, Role::admin, 1, 100);
  Browser second(world, Role::admin, 2, 101);
  first.connect();
  second.connect();
  first.subscribe(1, cards());
  world.run();
  world.write(insert_card(1, {{kLabel, "a"}}));
  second.subscribe(9, cards());
  world.run();
  EXPECT_EQ(second.ids(9), ids({1}));
  world.write(insert_card(2, {{kLabel, "b"}}));
  EXPECT_EQ(first.ids(1), ids({1, 2}));
  EXPECT_EQ(second.ids(9), ids({1, 2}));
}

// Fifty sessions with one query cost one encoding per flush.
TEST(Groups, EqualQueriesAreEncodedOnce) {
  World world;
  std::vector<std::unique_ptr<Browser>> browsers;
  for (std::uint32_t i = 0; i < 50; ++i) {
    browsers.push_back(std::make_unique<Browser>(world, Role::admin, 1 + i % 3, 100 + i));
    browsers.back()->connect();
    // The same query in two spellings.
    auto a = query::compare(kPoints, Op::lt, 10);
    auto b = query::compare(kCardStatus, Op::eq, 1);
    browsers.back()->subscribe(1,
                               cards(i % 2 == 0 ? query::all_of({a, b}) : query::all_of({b, a})));
  }
  world.run();
  EXPECT_EQ(world.authority().statistics().groups, 1u);
  EXPECT_EQ(world.authority().statistics().subscriptions, 50u);
  const auto before = world.authority().statistics().segments_encoded;
  EXPECT_EQ(before, 1u) << "and one for the snapshot";
  world.write(insert_card(1, {{kLabel, "a"}, {kPoints, 1}, {kCardStatus, 1}}));
  EXPECT_EQ(world.authority().statistics().segments_encoded, before + 1);
  for (const auto& browser : browsers) EXPECT_EQ(browser->ids(1), ids({1}));
}

// And one frame, as long as a poke says nothing else; who numbers the query otherwise needs other bytes around the same body.
TEST(Groups, ADeltaIsOneFrameForAllWhoNumberTheQueryAlike) {
  World world;
  std::vector<std::unique_ptr<Browser>> browsers;
  for (std::uint32_t i = 0; i < 20; ++i) {
    browsers.push_back(std::make_unique<Browser>(world, Role::admin, 1, 100 + i));
    browsers.back()->connect();
    browsers.back()->subscribe(i < 15 ? 1 : 2, cards());
  }
  world.run();
  for (std::uint32_t i = 1; i <= 3; ++i) {
    const std::size_t frames = world.frames;
    const auto encoded = world.authority().statistics().segments_encoded;
    world.write(insert_card(i, {{kLabel, "a"}}));
    EXPECT_EQ(world.frames, frames + 2);
    EXPECT_EQ(world.authority().statistics().segments_encoded, encoded + 1);
  }
  const std::size_t frames = world.frames;
  browsers.front()->push(insert_card(4, {{kLabel, "mine"}}));
  world.run();
  EXPECT_EQ(world.frames, frames + 3) << "the author's has a verdict in it";
  for (std::uint32_t i = 0; i < 20; ++i)
    EXPECT_EQ(browsers[i]->ids(i < 15 ? 1 : 2), ids({1, 2, 3, 4}));
}

TEST(Groups, AFlushSendsARowOnceHoweverOftenItChanged) {
  World world;
  world.write(insert_card(1, {{kLabel, "a"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  world.run();
  const std::size_t pokes = browser.pokes;
  for (int i = 1; i <= 5; ++i) browser.push(update_card(1, {{kPoints, i}}));
  browser.push(insert_card(2, {{kLabel, "came and went"}}));
  browser.push(remove_card(2));
  world.run();
  EXPECT_EQ(browser.pokes, pokes + 1);
  EXPECT_EQ(browser.queries.at(1).puts, 2u) << "one of the snapshot, one of the delta";
  EXPECT_EQ(browser.row(1, kCards, 1).integer(kPoints), 5);
  EXPECT_EQ(browser.verdicts.size(), 7u);
}

// The verdict comes with its effects, or after them, never before.
TEST(Groups, VerdictAndEffectsArriveInOnePoke) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  world.run();
  const std::size_t pokes = browser.pokes;
  browser.push(insert_card(1, {{kLabel, "a"}}));
  world.run();
  EXPECT_EQ(browser.pokes, pokes + 1);
  EXPECT_EQ(browser.verdict(1)->outcome, model::Outcome::applied);
  EXPECT_EQ(browser.ids(1), ids({1}));
}

TEST(Groups, AWindowHasItsLimitAndLooksAhead) {
  authority::Options options;
  options.look_ahead_rows = 2;
  World world(options);
  for (std::uint32_t i = 1; i <= 9; ++i)
    world.write(insert_card(i, {{kLabel, "a"}, {kPoints, static_cast<int>(i)}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  query::Query query = cards();
  query.order = {{kPoints, false}};
  query.limit = 3;
  browser.subscribe(1, query);
  world.run();
  EXPECT_EQ(browser.ids(1), ids({1, 2, 3, 4, 5}));
  world.write(remove_card(2));
  EXPECT_EQ(browser.ids(1), ids({1, 3, 4, 5, 6}));
  world.write(update_card(9, {{kPoints, 0}}));
  EXPECT_EQ(browser.ids(1), ids({9, 1, 3, 4, 5}));
}

// ---- rights

TEST(Groups, EverybodySeesWhatTheyMay) {
  World world;
  add_person(world, 1, "One");
  add_person(world, 2, "Two");
  world.write(insert_card(1, {{kLabel, "free"}}));
  world.write(insert_card(2, {{kLabel, "one's"}, {kOwner, test_id(1)}}));
  world.write(insert_card(3, {{kLabel, "two's"}, {kOwner, test_id(2)}}));
  Browser one(world, Role::agent, 1, 100);
  Browser two(world, Role::agent, 2, 101);
  Browser admin(world, Role::admin, 9, 102);
  for (Browser* browser : {&one, &two, &admin}) {
    browser->connect();
    browser->subscribe(1, cards());
  }
  world.run();
  EXPECT_EQ(one.ids(1), ids({1, 2}));
  EXPECT_EQ(two.ids(1), ids({1, 3}));
  EXPECT_EQ(admin.ids(1), ids({1, 2, 3}));
  // A row that is given away leaves one window and enters the other.
  world.write(update_card(2, {{kOwner, test_id(2)}}));
  EXPECT_EQ(one.ids(1), ids({1}));
  EXPECT_EQ(two.ids(1), ids({1, 2, 3}));
  EXPECT_EQ(admin.ids(1), ids({1, 2, 3}));
}

TEST(Groups, MaskedFieldsNeverLeaveAndMayNotBeAskedFor) {
  World world;
  add_person(world, 1, "One");
  Browser viewer(world, Role::viewer, 5, 100);
  Browser admin(world, Role::admin, 6, 101);
  query::Query people;
  people.collection = kPeople;
  for (Browser* browser : {&viewer, &admin}) {
    browser->connect();
    browser->subscribe(1, people);
  }
  query::Query by_salary = people;
  by_salary.order = {{kSalary, false}};
  viewer.subscribe(2, by_salary);
  world.run();
  EXPECT_FALSE(viewer.row(1, kPeople, 1).has(kSalary));
  EXPECT_TRUE(admin.row(1, kPeople, 1).has(kSalary));
  EXPECT_EQ(viewer.failed.at(2).code, base::Code::forbidden);
  world.write(
      mutation_of("test.people.update", {{model::kIdField, test_id(1)}, {kSalary, "2000"}}));
  EXPECT_FALSE(viewer.row(1, kPeople, 1).has(kSalary));
  EXPECT_EQ(admin.row(1, kPeople, 1).text(kSalary), "2000");
}

TEST(Groups, IncludedRecordsObeyTheirOwnRule) {
  World world;
  add_person(world, 1, "One");
  world.write(insert_card(1, {{kLabel, "a"}, {kOwner, test_id(1)}}));
  Browser viewer(world, Role::viewer, 5, 100);
  viewer.connect();
  query::Query query = cards();
  query.includes = {{kOwner}};
  viewer.subscribe(1, query);
  world.run();
  ASSERT_TRUE(viewer.row(1, kPeople, 1));
  EXPECT_FALSE(viewer.row(1, kPeople, 1).has(kSalary));
  world.write(
      mutation_of("test.people.update", {{model::kIdField, test_id(1)}, {kName, "hidden"}}));
  EXPECT_FALSE(viewer.row(1, kPeople, 1)) << "no longer visible: removed";
  world.write(mutation_of("test.people.update", {{model::kIdField, test_id(1)}, {kName, "back"}}));
  EXPECT_EQ(viewer.row(1, kPeople, 1).text(kName), "back");
  world.write(update_card(1, {{kOwner, model::Value()}}));
  EXPECT_FALSE(viewer.row(1, kPeople, 1)) << "no longer referenced: removed";
}

// A card may be in the result by itself and as somebody's parent; it leaves when both are over.
TEST(Groups, ARowAndAnIncludedRecordCanBeTheSame) {
  World world;
  world.write(insert_card(1, {{kLabel, "parent"}, {kPoints, 1}}));
  world.write(insert_card(2, {{kLabel, "child"}, {kPoints, 1}, {kParent, test_id(1)}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  query::Query query = cards(query::compare(kPoints, Op::eq, 1));
  query.includes = {{kParent}};
  browser.subscribe(1, query);
  world.run();
  EXPECT_EQ(browser.ids(1), ids({1, 2}));
  world.write(update_card(1, {{kPoints, 2}}));  // only included now
  EXPECT_EQ(browser.ids(1), ids({1, 2}));
  EXPECT_EQ(browser.row(1, kCards, 1).integer(kPoints), 2);
  world.write(update_card(1, {{kLabel, "renamed"}}));
  EXPECT_EQ(browser.row(1, kCards, 1).text(kLabel), "renamed");
  world.write(update_card(2, {{kParent, model::Value()}}));
  EXPECT_EQ(browser.ids(1), ids({2}));
}

TEST(Groups, AggregatesMove) {
  World world;
  world.write(insert_card(1, {{kLabel, "a"}, {kPoints, 2}, {kCardStatus, 0}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  query::Query query = cards();
  query.aggregate.emplace();
  query.aggregate->group_by = {{kCardStatus}};
  query.aggregate->terms = {{query::Aggregator::sum, kPoints}};
  browser.subscribe(1, query);
  world.run();
  const auto& groups = browser.queries.at(1).groups;
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].row.values[0], model::Value(2));
  world.write(insert_card(2, {{kLabel, "b"}, {kPoints, 5}, {kCardStatus, 0}}));
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].row.rows, 2);
  EXPECT_EQ(groups[0].row.values[0], model::Value(7));
  world.write({remove_card(1), update_card(2, {{kCardStatus, 1}})});
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].row.key.at(0), model::Value(1));
  EXPECT_EQ(groups[0].row.rows, 1);
}

// ---- limits, ends, catch-up

TEST(Groups, WhatCannotBeServedFailsAlone) {
  authority::Options options;
  options.rows_per_query_max = 2;
  World world(options);
  for (std::uint32_t i = 1; i <= 3; ++i) world.write(insert_card(i, {{kLabel, "a"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  browser.subscribe(2, cards(query::compare(200, Op::eq, 1)));
  query::Query unknown;
  unknown.collection = 77;
  browser.subscribe(3, unknown);
  browser.subscribe(4, cards(query::compare(kPoints, Op::eq, 1)));
  world.run();
  EXPECT_EQ(browser.failed.at(1).code, base::Code::query_too_costly);
  EXPECT_EQ(browser.failed.at(2).code, base::Code::unknown_field);
  EXPECT_EQ(browser.failed.at(3).code, base::Code::unknown_collection);
  EXPECT_EQ(browser.queries.count(4), 1u);
  EXPECT_EQ(world.authority().statistics().groups, 1u);
}

// A sum that overflows ends the live query, not the writes that made it so.
TEST(Groups, AResultThatCannotBeFailsAlone) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  query::Query total = cards();
  total.aggregate.emplace();
  total.aggregate->terms = {{query::Aggregator::sum, kPoints}};
  browser.subscribe(1, total);
  browser.subscribe(2, cards());
  world.run();
  const std::int64_t large = (std::int64_t{1} << 53) - 1;  // as large as a field may be
  std::vector<model::Mutation> many;
  for (std::uint32_t i = 1; i <= 1'024; ++i) {
    many.push_back(insert_card(i, {{kLabel, "a"}, {kPoints, large}}));
  }
  world.write(std::move(many));
  EXPECT_TRUE(browser.failed.empty());
  browser.push(insert_card(2'000, {{kLabel, "too much"}, {kPoints, large}}));
  world.run();
  EXPECT_EQ(browser.verdict(1)->outcome, model::Outcome::applied);
  EXPECT_EQ(browser.ids(2).size(), 1'025u);
  EXPECT_EQ(browser.failed.at(1).code, base::Code::overflow);
  EXPECT_FALSE(browser.closed_with.has_value());
  EXPECT_EQ(world.authority().statistics().groups, 1u);
}

TEST(Groups, WhoLeavesTakesTheGroupAlong) {
  World world;
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  browser.subscribe(2, cards(query::compare(kPoints, Op::eq, 1)));
  world.run();
  EXPECT_EQ(world.authority().statistics().groups, 2u);
  browser.send(protocol::Unsubscribe{1});
  world.run();
  world.write(insert_card(1, {{kLabel, "a"}}));
  EXPECT_EQ(browser.queries.at(1).deltas, 0u);
  EXPECT_EQ(world.authority().statistics().groups, 1u);
  browser.disconnect();
  EXPECT_EQ(world.authority().statistics().groups, 0u);
}

std::vector<protocol::Held> held_by(const Browser& browser, std::uint32_t query_id) {
  std::vector<protocol::Held> held;
  for (const auto& [key, record] : browser.queries.at(query_id).rows) {
    held.push_back({key.first, key.second, record.version()});
  }
  return held;
}

TEST(CatchUp, OnlyWhatDiffersTravels) {
  World world;
  for (std::uint32_t i = 1; i <= 4; ++i) world.write(insert_card(i, {{kLabel, "a"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  world.run();
  const auto held = held_by(browser, 1);
  const auto rows = browser.queries.at(1).rows;
  browser.disconnect();
  world.write(update_card(2, {{kLabel, "b"}}));
  world.write(remove_card(3));
  world.write(insert_card(5, {{kLabel, "e"}}));

  browser.connect();
  browser.queries[1].rows = rows;
  browser.subscribe(1, cards(), held);
  world.run();
  EXPECT_EQ(browser.ids(1), ids({1, 2, 4, 5}));
  EXPECT_EQ(browser.queries.at(1).puts, 2u);
  EXPECT_EQ(browser.queries.at(1).kept, 2u);
  EXPECT_EQ(browser.row(1, kCards, 2).text(kLabel), "b");
}

// What is held of another database, or of its future, is worth nothing.
TEST(CatchUp, AnotherEpochGetsEverything) {
  World world;
  world.write(insert_card(1, {{kLabel, "a"}}));
  for (const protocol::Cursor cursor :
       {protocol::Cursor{test_id(5), 1}, {world.storage().epoch(), 2}}) {
    Browser browser(world, Role::admin, 1, 100);
    browser.cursor = cursor;
    browser.connect();
    browser.subscribe(1, cards(), {{kCards, test_id(1), 1}});
    world.run();
    EXPECT_EQ(browser.queries.at(1).puts, 1u);
    EXPECT_EQ(browser.queries.at(1).kept, 0u);
    browser.disconnect();
  }
}

// A viewer who was an admin may hold a salary: equal versions do not mean equal content under masks.
TEST(CatchUp, UnderMasksNothingIsKept) {
  World world;
  add_person(world, 1, "One");
  Browser browser(world, Role::viewer, 1, 100);
  browser.connect();
  browser.cursor = {world.storage().epoch(), world.storage().version()};
  browser.disconnect();
  browser.connect();
  query::Query people;
  people.collection = kPeople;
  browser.subscribe(1, people, {{kPeople, test_id(1), 1}});
  world.run();
  EXPECT_EQ(browser.queries.at(1).kept, 0u);
  EXPECT_EQ(browser.queries.at(1).puts, 1u);
}

// A page with many queries keeps nobody's write waiting, and nobody's page waits for another's to be through.
TEST(Groups, ManyQueriesAreHydratedInTurns) {
  std::uint64_t clock = 0;
  authority::Options options;
  options.stopwatch = [&clock] { return clock += 10'000'000; };
  World world(options);
  for (std::uint32_t i = 1; i <= 10; ++i)
    world.write(insert_card(i, {{kLabel, "a"}, {kPoints, static_cast<int>(i)}}));
  Browser page(world, Role::admin, 1, 100);
  Browser writer(world, Role::admin, 2, 101);
  page.connect();
  writer.connect();
  for (std::uint32_t i = 1; i <= 10; ++i)
    page.subscribe(i, cards(query::compare(kPoints, Op::eq, static_cast<int>(i))));
  writer.subscribe(1, cards());
  writer.push(update_card(10, {{kPoints, 1}}));
  const auto encoded = world.authority().statistics().segments_encoded;
  EXPECT_TRUE(world.authority().turn(world.now()));
  EXPECT_EQ(world.authority().statistics().segments_encoded, encoded + 1) << "one snapshot";
  EXPECT_EQ(world.authority().statistics().commits, 11u) << "and the write";
  EXPECT_TRUE(world.authority().turn(world.now()));
  EXPECT_EQ(world.authority().statistics().segments_encoded, encoded + 2) << "the writer's turn";
  world.run();
  EXPECT_EQ(writer.ids(1).size(), 10u);
  EXPECT_EQ(page.pokes, 10u);
  EXPECT_EQ(page.ids(1), ids({1, 10}));
  EXPECT_EQ(page.ids(10), ids({}));
  EXPECT_EQ(page.ids(5), ids({5}));
}

// A poke that was put off still held what the author of a dropped query might see before.
TEST(Groups, WhatWasQueuedOfAQueryThatIsNotAllowedAnyMoreIsNotSent) {
  std::uint64_t clock = 0;
  authority::Options options;
  options.session_backlog_bytes_max = 1'000;
  options.stopwatch = [&clock] { return clock += 10'000'000; };
  World world(options);
  add_person(world, 1, "One");
  world.write(insert_card(1, {{kLabel, "a"}, {kBody, std::string(1'500, 'x')}}));
  Browser browser(world, Role::admin, 1, 100);
  Browser other(world, Role::admin, 2, 101);
  browser.connect();
  other.connect();
  browser.subscribe(1, cards());
  query::Query salaries;
  salaries.collection = kPeople;
  salaries.where = query::compare(kSalary, Op::ne, "none");
  browser.subscribe(2, salaries);
  world.run();
  ASSERT_EQ(browser.ids(2), ids({1}));
  world.drain = false;
  world.write(update_card(1, {{kBody, std::string(1'600, 'x')}}));  // fills the socket
  world.write(update_card(1, {{kPoints, 2}}));                      // is dropped
  ASSERT_EQ(world.authority().statistics().sessions_behind, 1u);
  world.drain = true;
  // Another's page comes first, and has taken the turn's time when this one's snapshot is to be made.
  other.subscribe(1, cards(query::compare(kPoints, Op::eq, 2)));
  world.authority().sent(browser.session, 1u << 20);
  other.push(mutation_of("test.people.update", {{model::kIdField, test_id(1)}, {kSalary, "more"}}));
  ASSERT_TRUE(world.authority().turn(world.now()));
  world.authority().set_actor(test_id(1), {}, mutation::Actor{test_id(1), Role::viewer});
  world.run();
  EXPECT_TRUE(browser.failed.contains(2));
  EXPECT_FALSE(browser.queries.contains(2)) << "it was told of after it had failed";
  EXPECT_EQ(browser.row(1, kCards, 1).integer(kPoints), 2);
}

// A frame that a browser would refuse would come again and again: the query is told to be too large instead.
TEST(Groups, AResultThatNoFrameTakesIsRefusedAndTheRestGoesOn) {
  World world;
  std::string text;
  for (int i = 0; i < 20'000; ++i)
    text += "\xf0\x9f\x8c\x8d";  // 80 kB, the most that a field may have
  constexpr std::uint32_t kCount = 430;
  for (std::uint32_t i = 1; i <= kCount; ++i)
    world.write(insert_card(i, {{kLabel, "a"}, {kBody, text}, {kPoints, static_cast<int>(i)}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  for (std::uint32_t i = 1; i <= 4; ++i) {
    const int from = static_cast<int>(i) * 40;
    browser.subscribe(1 + i, cards(query::all_of({query::compare(kPoints, Op::gt, from),
                                                  query::compare(kPoints, Op::lte, from + 40)})));
  }
  world.run();
  ASSERT_TRUE(browser.failed.contains(1));
  EXPECT_EQ(browser.failed.at(1).code, base::Code::query_too_costly);
  for (std::uint32_t i = 1; i <= 4; ++i) EXPECT_EQ(browser.ids(1 + i).size(), 40u);
  EXPECT_GE(browser.pokes, 2u) << "results that need not come at once do not make one huge frame";
  world.write(update_card(41, {{kPoints, 42}}));
  EXPECT_EQ(browser.row(2, kCards, 41).integer(kPoints), 42);
}

// What a session has seen moves as a whole: its snapshots after a time of backlog come in one poke, however long they take.
TEST(Groups, WhatWasShownIsNotTakenApart) {
  std::uint64_t clock = 0;
  authority::Options options;
  options.session_backlog_bytes_max = 64;
  options.stopwatch = [&clock] { return clock += 10'000'000; };
  World world(options);
  world.write(insert_card(1, {{kLabel, "a"}}));
  Browser browser(world, Role::admin, 1, 100);
  browser.connect();
  browser.subscribe(1, cards());
  browser.subscribe(2, cards(query::compare(kLabel, Op::eq, "a")));
  world.run();
  const std::size_t pokes = browser.pokes;
  world.drain = false;
  world.write(update_card(1, {{kPoints, 1}}));  // fills the socket
  world.write(update_card(1, {{kPoints, 2}}));  // is dropped
  EXPECT_EQ(browser.pokes, pokes + 1);
  world.drain = true;
  world.authority().sent(browser.session, 1u << 20);
  world.run();
  EXPECT_EQ(browser.pokes, pokes + 2);
  EXPECT_EQ(browser.row(1, kCards, 1).integer(kPoints), 2);
  EXPECT_EQ(browser.row(2, kCards, 1).integer(kPoints), 2);
}

}  // namespace
}  // namespace syncline::tests
