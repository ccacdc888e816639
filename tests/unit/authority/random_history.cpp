#include "tests/unit/authority/random_history.hpp"

#include "syncline/ivm/pipeline.hpp"
#include "syncline/ivm/relations.hpp"

namespace syncline::tests {
namespace {

using mutation::Role;
using query::Op;

constexpr std::uint32_t kCardCount = 12;

// Of fields of the card and of those whom it names: a change of any of them may be the one that counts.
query::Aggregate random_figures(base::Random& random) {
  query::Aggregate figures;
  const query::GroupKey keys[] = {
      {kCardStatus}, {kName, kOwner}, {kLabel, kParent}, {kPoints, kParent}};
  if (random.below(4) != 0) figures.group_by.push_back(keys[random.below(std::size(keys))]);
  figures.terms.push_back({query::Aggregator::count});
  if (random.below(2) == 0) figures.terms.push_back({query::Aggregator::sum, kPoints});
  if (random.below(2) == 0) figures.terms.push_back({query::Aggregator::max, kLabel});
  return figures;
}

query::Query random_query(base::Random& random) {
  query::Query query = cards();
  switch (random.below(6)) {
    case 3: query.where = query::exists_in(kCards, kParent); break;
    case 4:
      query.where = query::negate(query::exists(kOwner, query::compare(kName, Op::eq, "One")));
      break;
    case 0: query.where = query::compare(kPoints, Op::lt, static_cast<int>(random.below(6))); break;
    case 1:
      query.where = query::compare(kCardStatus, Op::eq, static_cast<int>(random.below(2)));
      break;
    case 2: query.where = query::compare(kLabel, Op::like, "%a%"); break;
    default: break;
  }
  if (random.below(3) == 0) {
    query.aggregate = random_figures(random);
  } else if (random.below(2) == 0) {
    query.order = {{random.below(2) == 0 ? kPoints : kLabel, random.below(2) == 0}};
    query.limit = 1 + static_cast<std::uint32_t>(random.below(4));
  }
  return query;
}

model::Mutation random_mutation(base::Random& random);

// What people's rights do not let them write.
model::Mutation random_system_mutation(base::Random& random) {
  if (random.below(4) != 0) return random_mutation(random);
  const char* const names[] = {"One", "Two", "Three"};
  return mutation_of("test.people.update",
                     {{model::kIdField, test_id(901 + static_cast<std::uint32_t>(random.below(2)))},
                      {kName, names[random.below(3)]},
                      {kSalary, std::to_string(random.below(9))}});
}

model::Mutation random_mutation(base::Random& random) {
  const auto id = 1 + static_cast<std::uint32_t>(random.below(kCardCount));
  const char* const labels[] = {"a", "Ab", "c", "ca"};
  std::vector<FieldValue> fields = {{kLabel, labels[random.below(4)]}};
  if (random.below(2) == 0) fields.push_back({kPoints, static_cast<int>(random.below(6))});
  if (random.below(2) == 0) fields.push_back({kCardStatus, static_cast<int>(random.below(2))});
  if (random.below(3) == 0) {
    fields.push_back(
        {kOwner, random.below(2) == 0
                     ? model::Value()
                     : model::Value(test_id(901 + static_cast<std::uint32_t>(random.below(2))))});
  }
  if (random.below(3) == 0)
    fields.push_back({kParent, test_id(1 + static_cast<std::uint32_t>(random.below(kCardCount)))});
  switch (random.below(5)) {
    case 0:
    case 1: return insert_card(id, fields);
    case 2: return remove_card(id);
    default: return update_card(id, fields);
  }
}

// What the browser should hold: rows of the rewritten query, limit plus look-ahead.
std::map<base::Id, model::Record> expected(World& world, const mutation::Actor& actor,
                                           query::Query query, std::uint32_t look_ahead) {
  query = *card_domain().access.rewrite(card_domain().schema, actor, query);
  ivm::FetchRequest request;
  request.where = query.where;
  request.order = query.order;
  request.limit = query.limit == 0 ? 0 : query.limit + look_ahead;
  std::map<base::Id, model::Record> rows;
  EXPECT_TRUE(ivm::read(world.storage().sources(), kCards, request, [&](const model::Record& row) {
                return rows.emplace(row.id(), row).second;
              }).ok());
  return rows;
}

// The figures that the browser holds are those of all rows counted anew; or it was told that they are not for its user.
void expect_figures(World& world, const mutation::Actor& actor, std::uint32_t id,
                    const query::Query& query, Browser& browser) {
  const auto allowed = card_domain().access.rewrite(card_domain().schema, actor, query);
  if (!allowed.ok()) {
    ASSERT_TRUE(browser.failed.contains(id));
    return;
  }
  const auto& held = browser.queries[id].groups;
  ivm::Pipeline anew(card_domain().schema, *allowed, world.storage().sources());
  ivm::ResultDelta all;
  ASSERT_TRUE(anew.hydrate(all).ok());
  ASSERT_EQ(held.size(), all.groups.size());
  for (const ivm::GroupDelta& group : all.groups) {
    const auto found = std::find_if(
        held.begin(), held.end(), [&](const auto& each) { return each.row.key == group.row.key; });
    ASSERT_NE(found, held.end());
    ASSERT_EQ(found->row, group.row);
  }
}

}  // namespace

void run_history(World& world, std::uint64_t seed) {
  base::Random random(seed);
  const authority::Options options = history_options();
  world.write(
      {mutation_of("test.people.insert", {{model::kIdField, test_id(901)}, {kName, "One"}}),
       mutation_of("test.people.insert", {{model::kIdField, test_id(902)}, {kName, "Two"}})});
  std::vector<std::unique_ptr<Browser>> browsers;
  browsers.push_back(std::make_unique<Browser>(world, Role::admin, 900, 100));
  browsers.push_back(std::make_unique<Browser>(world, Role::agent, 901, 101));
  browsers.push_back(std::make_unique<Browser>(world, Role::agent, 902, 102));
  std::vector<std::map<std::uint32_t, query::Query>> asked(browsers.size());
  for (auto& browser : browsers) browser->connect();

  for (int step = 0; step < 120; ++step) {
    const std::size_t who = random.below(browsers.size());
    Browser& browser = *browsers[who];
    const auto query_id = static_cast<std::uint32_t>(random.below(4));
    switch (random.below(8)) {
      case 0: {
        const query::Query query = random_query(random);
        asked[who][query_id] = query;
        browser.queries.erase(query_id);
        browser.subscribe(query_id, query);
        break;
      }
      case 1:
        asked[who].erase(query_id);
        browser.queries.erase(query_id);
        browser.send(protocol::Unsubscribe{query_id});
        break;
      case 2: {
        authority::Submission submission;
        submission.actor.role = Role::system;
        for (auto count = 1 + random.below(3); count > 0; --count)
          submission.mutations.push_back(random_system_mutation(random));
        world.authority().submit(10'000 + static_cast<std::uint64_t>(step), submission);
        break;
      }
      default: browser.push(random_mutation(random)); break;
    }
    if (random.below(3) == 0) world.advance(1);
    if (random.below(2) == 0) continue;  // let things pile up
    world.run();
    for (auto& each : browsers) each->send(protocol::Ping{1});
    world.run();
    for (std::size_t i = 0; i < browsers.size(); ++i) {
      const mutation::Actor actor{test_id(browsers[i]->user), browsers[i]->role};
      for (const auto& [id, query] : asked[i]) {
        SCOPED_TRACE("seed " + std::to_string(seed) + " step " + std::to_string(step));
        if (query.aggregate) {
          expect_figures(world, actor, id, query, *browsers[i]);
          if (testing::Test::HasFatalFailure()) return;
          continue;
        }
        std::map<base::Id, model::Record> held;
        for (const auto& [key, record] : browsers[i]->queries[id].rows)
          held.emplace(key.second, record);
        ASSERT_EQ(held, expected(world, actor, query, options.look_ahead_rows));
      }
    }
  }
  world.run();
  for (auto& browser : browsers) ASSERT_EQ(browser->verdicts.size(), browser->sent.size());
}

}  // namespace syncline::tests
