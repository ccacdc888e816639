// Whatever the weather: when it calms down, every browser shows what the server has, every mutation that reached an outbox
// was judged, and none was applied twice.
#include <set>

#include <gtest/gtest.h>

#include "syncline/ivm/ordered_view.hpp"
#include "syncline/query/canonical.hpp"
#include "tests/simulation/simulator.hpp"
#include "tests/unit/mutation/shop.hpp"

namespace syncline::tests {
namespace {

query::Query items(query::Predicate where, model::Order order, std::uint32_t limit = 0) {
  query::Query query;
  query.collection = kItemsId;
  query.where = std::move(where);
  query.order = std::move(order);
  query.limit = limit;
  return query;
}

std::vector<query::Query> wanted_queries(Role role) {
  query::Query with_owner =
      items(query::compare(Item::count, query::Op::gt, 2), {{Item::name, false}});
  // Viewers may not read people.
  if (role != Role::viewer) with_owner.includes = {{Item::owner_id}};
  query::Query totals = items(query::always(), {});
  totals.aggregate = query::Aggregate{
      {{Item::state}},
      {{query::Aggregator::count, model::kNoField}, {query::Aggregator::sum, Item::count}},
      {}};
  return {items(query::always(), {{Item::count, true}}),
          items(query::compare(Item::state, query::Op::eq, 1), {{Item::name, false}}, 4),
          items(query::is_null(Item::owner_id, false),
                {{Item::position, false}, {Item::name, true}}, 6),
          with_owner, totals};
}

class FirstPath : public testing::TestWithParam<std::uint64_t> {
 protected:
  FirstPath() : domain_(make_shop()), simulator_(*domain_, GetParam()) {}

  void add_browsers() {
    const Role roles[] = {Role::admin, Role::admin, Role::agent, Role::viewer};
    std::uint8_t user = 1;
    for (const Role role : roles) simulator_.add(numbered_id(user++), role, wanted_queries(role));
    // Everybody is a person that may own something.
    for (std::uint8_t person = 1; person <= 4; ++person) {
      const auto fields = patch(
          {{model::kIdField, numbered_id(person)}, {Person::name, "P" + std::to_string(person)}});
      (void)simulator_.profiles()[0].core->mutate("shop.people.insert", model::Arguments(fields),
                                                  {}, simulator_.now());
    }
    ASSERT_TRUE(simulator_.settle()) << simulator_.who_waits();
  }
  base::Random& random() { return simulator_.random(); }

  void act(Profile& profile) {
    const auto& rows = profile.core->view(profile.queries[0])->rows();
    const std::uint64_t choice = random().below(10);
    model::Patch writes;
    if (rows.empty() || choice < 2) {
      writes = patch({{Item::name, "i" + std::to_string(random().below(50))},
                      {Item::count, std::int64_t(random().below(6))}});
      (void)profile.core->mutate("shop.items.insert", model::Arguments(writes), {},
                                 simulator_.now());
      return;
    }
    const model::Record& row = rows[random().below(rows.size())];
    if (choice == 2) {
      (void)profile.core->mutate("shop.items.remove",
                                 model::Arguments(patch({{model::kIdField, row.id()}})), {},
                                 simulator_.now());
      return;
    }
    writes = patch({{model::kIdField, row.id()}});
    if (choice < 5) {
      model::FieldWrite more = assignment(Item::count, 1);
      more.kind = model::WriteKind::increment;
      writes.push_back(more);
    } else if (choice == 5) {
      writes.push_back(assignment(Item::state, std::int64_t(random().below(3))));
    } else if (choice == 6) {
      const Id owner = numbered_id(static_cast<std::uint8_t>(1 + random().below(4)));
      writes.push_back(assignment(Item::owner_id, random().below(3) == 0 ? Value() : Value(owner)));
    } else {
      writes.push_back(assignment(Item::name, "n" + std::to_string(random().below(50))));
      writes.push_back(assignment(Item::position, std::int64_t(random().below(9))));
    }
    // Half of them say what their author saw, and may be in conflict.
    std::vector<model::BaseVersion> bases;
    const model::Record seen = profile.core->confirmed(kItemsId, row.id());
    if (seen && random().below(2) == 0)
      bases.push_back({kItemsId, row.id(), model::kNoField, seen.version()});
    (void)profile.core->mutate("shop.items.update", model::Arguments(writes), bases,
                               simulator_.now());
  }

  // The result of the query as this user may see it, from the server's rows.
  void expect_equal_to_server(Profile& profile, std::size_t index) {
    const mutation::Actor actor{profile.user, profile.role};
    auto checked = query::check(domain_->schema, profile.wanted[index]);
    auto rewritten = domain_->access.rewrite(domain_->schema, actor, *checked);
    ASSERT_TRUE(rewritten.ok());
    rewritten->where = query::bind(rewritten->where, profile.user);
    ivm::Pipeline pipeline(domain_->schema, *rewritten, simulator_.storage().sources());
    ivm::ResultDelta all;
    ASSERT_TRUE(pipeline.hydrate(all).ok());
    const ivm::OrderedView& view = *profile.core->view(profile.queries[index]);
    ASSERT_EQ(view.rows().size(), all.rows.size()) << "query " << index;
    for (std::size_t i = 0; i < all.rows.size(); ++i) {
      EXPECT_EQ(view.rows()[i].id(), all.rows[i].after.id()) << "query " << index << " row " << i;
      EXPECT_TRUE(view.rows()[i] == all.rows[i].after) << "query " << index << " row " << i;
    }
    ASSERT_EQ(view.groups().size(), all.groups.size()) << "query " << index;
    for (std::size_t i = 0; i < all.groups.size(); ++i)
      EXPECT_EQ(view.groups()[i], all.groups[i].row);
  }

  void expect_convergence() {
    ASSERT_TRUE(simulator_.settle()) << simulator_.who_waits();
    for (Profile& profile : simulator_.profiles()) {
      EXPECT_TRUE(profile.edits_are_right) << "a list was not what its edits said";
      for (std::size_t i = 0; i < profile.wanted.size(); ++i) expect_equal_to_server(profile, i);
    }
    std::set<std::pair<base::Id, std::uint64_t>> applied;
    ASSERT_TRUE(
        simulator_.storage()
            .read_log(0, 0,
                      [&](const authority::LogEntry& entry) {
                        EXPECT_TRUE(
                            applied.insert({entry.mutation.client, entry.mutation.sequence}).second)
                            << "applied twice";
                        return true;
                      })
            .ok());
  }

  std::unique_ptr<mutation::Domain> domain_;
  Simulator simulator_;
};

TEST_P(FirstPath, ConvergesInCalmWeather) {
  add_browsers();
  Weather calm;
  for (int i = 0; i < 300; ++i) {
    if (random().below(3) == 0) act(simulator_.profiles()[random().below(4)]);
    simulator_.step(calm);
  }
  expect_convergence();
}

TEST_P(FirstPath, ConvergesThroughOutagesAndCrashes) {
  add_browsers();
  Weather storm;
  storm.break_connection = 0.01;
  storm.crash_browser = 0.003;
  storm.crash_server = 0.002;
  storm.latency_ms_max = 300;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 500; ++i) {
      if (random().below(4) == 0) act(simulator_.profiles()[random().below(4)]);
      simulator_.step(storm);
    }
    expect_convergence();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, FirstPath, testing::Range(std::uint64_t{1}, std::uint64_t{41}));

}  // namespace
}  // namespace syncline::tests
