// Selective rebase against the oracle that runs everything again from the confirmed rows, after every random step.
#include <gtest/gtest.h>

#include "syncline/base/random.hpp"
#include "syncline/client/pending_log.hpp"
#include "tests/unit/mutation/shop.hpp"

namespace syncline::tests {
namespace {

using client::PendingLog;
using client::Replica;
using client::RowKey;

constexpr std::uint8_t kItems = 6;
constexpr std::uint8_t kShelves = 3;

class Rebase : public testing::TestWithParam<std::uint64_t> {
 protected:
  Rebase()
      : domain_(make_shop()),
        replica_(domain_->schema),
        log_(*domain_, replica_),
        random_(GetParam()) {
    log_.set_actor(actor());
    const auto everything = [](const query::Query&) { return true; };
    replica_.set_coverage(everything);
  }
  static mutation::Actor actor() { return {numbered_id(1), Role::admin}; }
  static Id shelf_id(std::uint64_t number) {
    return numbered_id(static_cast<std::uint8_t>(100 + number));
  }
  static Id item_id(std::uint64_t number) {
    return numbered_id(static_cast<std::uint8_t>(1 + number));
  }

  void server_puts() {
    const bool shelf = random_.below(4) == 0;
    const RowKey key = shelf ? RowKey{kShelvesId, shelf_id(random_.below(kShelves))}
                             : RowKey{kItemsId, item_id(random_.below(kItems))};
    const bool held = replica_.is_referenced(key);
    if (held && random_.below(3) == 0) return replica_.release(*replica_.place_of(key));
    model::RecordBuilder row(domain_->schema.collection(key.collection), key.id);
    ++version_;
    row.set_version(version_).set(8, "s" + std::to_string(version_));
    if (!shelf) {
      row.set(Item::count, std::int64_t(random_.below(20)))
          .set(Item::state, std::int64_t(random_.below(3)));
      if (random_.below(2) == 0) row.set(Item::shelf_id, shelf_id(random_.below(kShelves)));
    }
    const client::RowPlace place = replica_.put(row.build());
    if (!held) replica_.hold(place);
  }
  model::Mutation random_mutation() {
    const Id item = item_id(random_.below(kItems));
    const Id shelf = shelf_id(random_.below(kShelves));
    switch (random_.below(7)) {
      case 0: return named("shop.items.remove", {{model::kIdField, item}});
      case 1: return named("shop.shelves.remove", {{model::kIdField, shelf}});  // its items go too
      case 2: return named("shop.items.insert", {{Item::name, "new"}, {Item::shelf_id, shelf}});
      case 3:
        return named("shop.item.check", {{model::kIdField, item}, {10, "me"}});  // reads the shelf
      case 4:
        return named(
            "shop.shelves.update",
            {{model::kIdField, shelf}, {Shelf::name, "n" + std::to_string(random_.below(4))}});
      case 5: return named("shop.items.update", {{model::kIdField, item}, {Item::shelf_id, shelf}});
      default: {
        model::Mutation more = named("shop.items.update", {{model::kIdField, item}});
        model::Patch writes = more.arguments.writes();
        writes.push_back(assignment(Item::count, 1));
        writes.back().kind = model::WriteKind::increment;
        more.arguments = model::Arguments(writes);
        return more;
      }
    }
  }
  model::Mutation named(std::string name, MutationWorld::Fields fields) {
    model::Mutation mutation;
    mutation.id = {numbered_id(50), ++sequence_};
    mutation.name = std::move(name);
    mutation.arguments = model::Arguments(patch(fields));
    mutation.created_at = {1'795'248'000'000};
    return mutation;
  }
  void user_acts() {
    const model::Mutation mutation = random_mutation();
    mutation::RunOutcome outcome = log_.try_run(mutation);
    if (outcome.status.ok()) log_.add(mutation, std::move(outcome), true);
  }
  void server_judges() {
    if (log_.entries().empty()) return;
    const std::size_t which = random_.below(log_.entries().size());
    (void)log_.settle(log_.entries()[which].mutation.id, false);
  }
  void finish_step() {
    if (replica_.has_unreferenced()) replica_.collect(log_.needed(false));
    log_.rebase(false);
    replica_.advance([](const model::Change&) {});
  }
  void expect_equal_to_oracle() {
    Replica fresh(domain_->schema);
    fresh.set_coverage([](const query::Query&) { return true; });
    replica_.for_each_confirmed([&](const model::Record& row) { fresh.put(row); });
    PendingLog log(*domain_, fresh);
    log.set_actor(actor());
    for (const client::Pending& pending : log_.entries()) {
      log.add(pending.mutation, log.try_run(pending.mutation), true);
    }
    fresh.advance([](const model::Change&) {});
    client::RowSet keys = log_.needed(false);
    for (std::uint8_t i = 0; i < kItems; ++i) keys.insert({kItemsId, item_id(i)});
    for (std::uint8_t i = 0; i < kShelves; ++i) keys.insert({kShelvesId, shelf_id(i)});
    for (const RowKey& key : keys) {
      const model::Record got = replica_.visible(key);
      const model::Record wanted = fresh.visible(key);
      ASSERT_EQ(static_cast<bool>(got), static_cast<bool>(wanted)) << base::to_string(key.id);
      if (got) {
        ASSERT_TRUE(got == wanted) << base::to_string(key.id);
      }
      ASSERT_EQ(replica_.is_overlaid(key), fresh.is_overlaid(key)) << base::to_string(key.id);
    }
  }

  std::unique_ptr<mutation::Domain> domain_;
  Replica replica_;
  PendingLog log_;
  base::Random random_;
  model::Version version_ = 0;
  std::uint64_t sequence_ = 0;
};

TEST_P(Rebase, IsWhatRunningEverythingAgainWouldGive) {
  for (int step = 0; step < 300; ++step) {
    const std::uint64_t choice = random_.below(10);
    if (choice < 4 || step < 20) server_puts();
    if (choice >= 4 && choice < 8) user_acts();
    if (choice >= 7) server_judges();
    finish_step();
    expect_equal_to_oracle();
    if (HasFatalFailure()) FAIL() << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Rebase, testing::Range(std::uint64_t{1}, std::uint64_t{101}));

std::size_t runs = 0;  // of edit_item()
base::Result<mutation::MutatorResult> edit_item(mutation::Transaction& transaction,
                                                const mutation::Arguments& arguments) {
  ++runs;
  const model::Patch writes = patch({{Item::name, "edited"}});
  SYNC_TRY(transaction.update(kItemsId, arguments.get(model::kIdField).id(), writes));
  return mutation::MutatorResult();
}

// One browser with a hundred pending edits, one of each row; the server sends newer rows of some of these and of many others.
class RebaseCost : public testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr std::uint64_t kPending = 100;
  static constexpr std::uint64_t kRows = 1100;
  RebaseCost() : domain_(make_shop()), replica_(domain_->schema), log_(*domain_, replica_) {
    log_.set_actor({numbered_id(1), Role::admin});
    replica_.set_coverage([](const query::Query&) { return true; });
    mutation::MutatorSpec mutator;
    mutator.name = "shop.item.edit";
    mutator.collection = kItemsId;
    mutator.action = "edit";
    mutator.run = edit_item;
    domain_->registry.add(std::move(mutator));
  }
  static Id item_id(std::uint64_t number) {
    Id id = numbered_id(7);
    id.bytes[0] = static_cast<std::uint8_t>(number);
    id.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    return id;
  }
  void put(std::uint64_t number, model::Version version) {
    model::RecordBuilder row(domain_->schema.collection(kItemsId), item_id(number));
    row.set_version(version).set(Item::name, "item").set(Item::state, std::int64_t{0});
    replica_.hold(replica_.put(row.build()));
  }
  void finish_step() {
    replica_.advance([](const model::Change&) {});
  }
  void edit(std::uint64_t number) {
    model::Mutation mutation;
    mutation.id = {numbered_id(50), number + 1};
    mutation.name = "shop.item.edit";
    mutation.arguments = model::Arguments(patch({{model::kIdField, item_id(number)}}));
    mutation.created_at = {1'795'248'000'000};
    mutation::RunOutcome outcome = log_.try_run(mutation);
    ASSERT_TRUE(outcome.status.ok()) << outcome.status.error().message;
    log_.add(mutation, std::move(outcome), true);
  }

  std::unique_ptr<mutation::Domain> domain_;
  Replica replica_;
  PendingLog log_;
};

TEST_P(RebaseCost, IsThatOfThePendingMutationsWhoseRowsMoved) {
  for (std::uint64_t i = 0; i < kRows; ++i) put(i, 1);
  finish_step();
  for (std::uint64_t i = 0; i < kPending; ++i) edit(i);
  finish_step();
  runs = 0;

  const std::uint64_t touched = GetParam();
  for (std::uint64_t i = 0; i < touched; ++i) put(i * (kPending / touched), 2);
  for (std::uint64_t i = kPending; i < kRows - touched; ++i) put(i, 2);
  log_.rebase(false);
  finish_step();
  // Each of them runs once, the others not at all.
  EXPECT_EQ(runs, touched);
  for (std::uint64_t i = 0; i < kPending; ++i) {
    const model::Record row = replica_.visible({kItemsId, item_id(i)});
    EXPECT_EQ(row.get(Item::name).text(), "edited");
    EXPECT_EQ(row.version(), i % (kPending / touched) == 0 ? 2u : 1u) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Touched, RebaseCost, testing::Values(5, 20, 100));

}  // namespace
}  // namespace syncline::tests
