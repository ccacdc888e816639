// The contract of authority::Storage, run against every implementation. To instantiate it, in one unit of a test binary:
//
//   INSTANTIATE_TEST_SUITE_P(My, StorageContract, ::testing::Values(StorageFactory([] { return std::make_unique<MyHarness>(); })));
//
// Collections and fields are those of tests/support/test_schema.hpp.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "syncline/authority/storage.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/random_world.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {

class StorageHarness {
 public:
  virtual ~StorageHarness() = default;
  virtual authority::Storage& storage() = 0;
  // What a restart of the process would find; a storage without a disk leaves things as they are.
  virtual void reopen() = 0;
};
using StorageFactory = std::function<std::unique_ptr<StorageHarness>()>;

class StorageContract : public ::testing::TestWithParam<StorageFactory> {
 protected:
  StorageContract() : harness_(GetParam()()) {}
  authority::Storage& storage() { return harness_->storage(); }

  model::Record row(std::uint32_t id, model::CollectionId collection = kItems) {
    auto found = storage().sources().source(collection).get(test_id(id));
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : model::Record();
  }
  static model::Change insert(model::Record after) {
    return {model::ChangeKind::insert, {}, std::move(after)};
  }
  static model::Change update(model::Record before, model::Record after) {
    return {model::ChangeKind::update, std::move(before), std::move(after)};
  }
  static model::Change remove(model::Record before) {
    return {model::ChangeKind::remove, std::move(before), {}};
  }

  static authority::LogEntry entry(model::Version version, std::vector<model::Change> changes) {
    authority::LogEntry result;
    result.version = version;
    result.at = {1'700'000'000'000 + static_cast<std::int64_t>(version)};
    result.user = test_id(900);
    result.mutation = {test_id(901), version};
    result.mutator = "test.items.update";
    result.changes.changes = std::move(changes);
    return result;
  }
  // One transaction with one log entry.
  void commit(std::vector<model::Change> changes) {
    ASSERT_TRUE(storage().begin().ok());
    for (const model::Change& change : changes) ASSERT_TRUE(storage().apply(change).ok());
    ASSERT_TRUE(storage().append(entry(storage().version() + 1, std::move(changes))).ok());
    ASSERT_TRUE(storage().commit().ok());
  }
  std::vector<authority::LogEntry> log(model::Version after = 0, std::uint32_t limit = 0) {
    std::vector<authority::LogEntry> entries;
    EXPECT_TRUE(storage()
                    .read_log(after, limit,
                              [&](const authority::LogEntry& found) {
                                entries.push_back(found);
                                return true;
                              })
                    .ok());
    return entries;
  }

  std::unique_ptr<StorageHarness> harness_;
};

// A row of every type, with nulls beside it, is read back byte for byte: inside the transaction, after it, after a restart.
TEST_P(StorageContract, KeepsRowsByteForByte) {
  const model::Record full = make_item(1, {{kTitle, "Ä title"},
                                           {kNotes, "a\nb"},
                                           {kScore, -5},
                                           {kPrice, model::Decimal{39500000, 2}},
                                           {kActive, true},
                                           {kStatus, 2},
                                           {kColors, model::make_text_set({"red", "blue"})},
                                           {kSeenAt, base::Timestamp{1'700'000'000'123}},
                                           {kDueOn, base::Date{20'000}},
                                           {kGroup, test_id(7)},
                                           {kCode, "c\"1"}});
  const model::Record bare = make_item(2, {{kCode, "x"}});
  ASSERT_TRUE(storage().begin().ok());
  ASSERT_TRUE(storage().apply(insert(full)).ok());
  ASSERT_TRUE(storage().apply(insert(bare)).ok());
  EXPECT_EQ(row(1), full);
  ASSERT_TRUE(storage().append(entry(1, {insert(full), insert(bare)})).ok());
  ASSERT_TRUE(storage().commit().ok());
  EXPECT_EQ(row(1), full);
  harness_->reopen();
  EXPECT_EQ(row(1), full) << describe(row(1));
  EXPECT_EQ(row(2), bare);
  EXPECT_FALSE(row(3));
  EXPECT_FALSE(row(1, kGroups));
}

TEST_P(StorageContract, UpdatesAndRemoves) {
  const auto first = make_item(1, {{kCode, "a"}, {kScore, 1}, {kTitle, "t"}}, 1);
  const auto second = make_item(1, {{kCode, "a"}, {kScore, 2}}, 2);
  commit({insert(first)});
  commit({update(first, second)});
  EXPECT_EQ(row(1), second);
  commit({remove(second)});
  EXPECT_FALSE(row(1));
  EXPECT_EQ(storage().version(), 3u);
}

TEST_P(StorageContract, RefusesToChangeARowThatIsNotThere) {
  const auto one = make_item(1, {{kCode, "a"}}, 1);
  const auto two = make_item(1, {{kCode, "b"}}, 2);
  ASSERT_TRUE(storage().begin().ok());
  EXPECT_FALSE(storage().apply(update(one, two)).ok());
  EXPECT_FALSE(storage().apply(remove(one)).ok());
  ASSERT_TRUE(storage().apply(insert(one)).ok());
  EXPECT_FALSE(storage().apply(insert(one)).ok());
  storage().rollback();
  EXPECT_FALSE(row(1));
}

TEST_P(StorageContract, RollbackTakesEverythingBack) {
  const auto one = make_item(1, {{kCode, "a"}}, 1);
  commit({insert(one)});
  const auto two = make_item(1, {{kCode, "b"}}, 2);
  const model::MutationId mutation{test_id(901), 1};
  ASSERT_TRUE(storage().begin().ok());
  ASSERT_TRUE(storage().apply(update(one, two)).ok());
  ASSERT_TRUE(storage().append(entry(2, {update(one, two)})).ok());
  ASSERT_TRUE(storage().put_client(test_id(901), {1, test_id(900), {5}}).ok());
  ASSERT_TRUE(storage().put_verdict(mutation, base::Bytes{1, 2}).ok());
  ASSERT_TRUE(storage().keep_answer(test_id(900), "key", {1, {2}, {3}}).ok());
  EXPECT_EQ(storage().version(), 2u);
  storage().rollback();
  EXPECT_EQ(storage().version(), 1u);
  EXPECT_EQ(row(1), one);
  EXPECT_EQ(log().size(), 1u);
  EXPECT_FALSE(storage().client(test_id(901))->has_value());
  EXPECT_FALSE(storage().verdict(mutation)->has_value());
  EXPECT_FALSE(storage().kept_answer(test_id(900), "key")->has_value());
  EXPECT_TRUE(storage().writes_after(kItems, test_id(1), 1)->empty());
  commit({update(one, two)});
  EXPECT_EQ(row(1), two);
}

// A savepoint taken back leaves what came before it in the same transaction.
TEST_P(StorageContract, SavepointsArePartsOfATransaction) {
  const auto one = make_item(1, {{kCode, "a"}}, 1);
  const auto two = make_item(2, {{kCode, "b"}}, 2);
  const auto three = make_item(3, {{kCode, "c"}}, 2);
  ASSERT_TRUE(storage().begin().ok());
  ASSERT_TRUE(storage().savepoint().ok());
  ASSERT_TRUE(storage().apply(insert(one)).ok());
  ASSERT_TRUE(storage().append(entry(1, {insert(one)})).ok());
  ASSERT_TRUE(storage().release().ok());
  ASSERT_TRUE(storage().savepoint().ok());
  ASSERT_TRUE(storage().apply(insert(two)).ok());
  ASSERT_TRUE(storage().append(entry(2, {insert(two)})).ok());
  storage().rollback_to_savepoint();
  EXPECT_EQ(storage().version(), 1u);
  ASSERT_TRUE(storage().savepoint().ok());
  ASSERT_TRUE(storage().apply(insert(three)).ok());
  ASSERT_TRUE(storage().append(entry(2, {insert(three)})).ok());
  ASSERT_TRUE(storage().release().ok());
  ASSERT_TRUE(storage().commit().ok());
  harness_->reopen();
  EXPECT_EQ(storage().version(), 2u);
  EXPECT_TRUE(row(1));
  EXPECT_FALSE(row(2));
  EXPECT_TRUE(row(3));
  EXPECT_EQ(log().size(), 2u);
}

TEST_P(StorageContract, LogEntriesComeBackWhole) {
  const auto one = make_item(1, {{kCode, "a"}, {kScore, 1}, {kTitle, "t"}}, 1);
  const auto two =
      make_item(1, {{kCode, "a"}, {kScore, 2}, {kColors, model::make_text_set({"red"})}}, 2);
  const auto other = make_item(2, {{kCode, "o"}}, 2);
  commit({insert(one)});
  ASSERT_TRUE(storage().begin().ok());
  ASSERT_TRUE(storage().apply(update(one, two)).ok());
  ASSERT_TRUE(storage().apply(insert(other)).ok());
  auto second = entry(2, {update(one, two), insert(other)});
  second.changes.events = {{kItems, test_id(1), "item_done", "done"},
                           {kItems, test_id(2), "item_x", "x"}};
  ASSERT_TRUE(storage().append(second).ok());
  ASSERT_TRUE(storage().commit().ok());
  commit({remove(two)});
  harness_->reopen();

  const auto entries = log();
  ASSERT_EQ(entries.size(), 3u);
  const auto& found = entries[1];
  EXPECT_EQ(found.version, 2u);
  EXPECT_EQ(found.at, second.at);
  EXPECT_EQ(found.user, second.user);
  EXPECT_EQ(found.mutation, second.mutation);
  EXPECT_EQ(found.mutator, second.mutator);
  EXPECT_EQ(found.changes.events, second.changes.events);
  ASSERT_EQ(found.changes.changes.size(), 2u);
  EXPECT_EQ(found.changes.changes[0].before, one);
  EXPECT_EQ(found.changes.changes[0].after, two);
  EXPECT_EQ(found.changes.changes[1].after, other);
  EXPECT_FALSE(found.changes.changes[1].before);
  EXPECT_EQ(entries[2].changes.changes[0].before, two);
  EXPECT_FALSE(entries[2].changes.changes[0].after);
}

TEST_P(StorageContract, LogIsReadInParts) {
  for (std::uint32_t i = 1; i <= 5; ++i)
    commit({insert(make_item(i, {{kCode, std::to_string(i)}}, i))});
  const auto part = log(1, 2);
  ASSERT_EQ(part.size(), 2u);
  EXPECT_EQ(part[0].version, 2u);
  EXPECT_EQ(part[1].version, 3u);
  EXPECT_TRUE(log(5).empty());
  std::size_t visits = 0;
  ASSERT_TRUE(
      storage().read_log(0, 0, [&](const authority::LogEntry&) { return ++visits < 2; }).ok());
  EXPECT_EQ(visits, 2u);
}

TEST_P(StorageContract, NamesTheWritesToOneRecord) {
  const auto one = make_item(1, {{kCode, "a"}, {kScore, 1}}, 1);
  const auto two = make_item(1, {{kCode, "a"}, {kScore, 2}}, 3);
  commit({insert(one)});
  commit({insert(make_item(2, {{kCode, "b"}}, 2))});
  commit({update(one, two)});
  commit({remove(two)});
  const auto writes = storage().writes_after(kItems, test_id(1), 1);
  ASSERT_TRUE(writes.ok());
  ASSERT_EQ(writes->size(), 2u);
  EXPECT_EQ((*writes)[0].version, 3u);
  EXPECT_EQ((*writes)[0].user, test_id(900));
  EXPECT_EQ((*writes)[0].client, test_id(901));
  EXPECT_EQ((*writes)[0].change.before, one);
  EXPECT_EQ((*writes)[0].change.after, two);
  EXPECT_EQ((*writes)[1].change.kind, model::ChangeKind::remove);
  EXPECT_TRUE(storage().writes_after(kGroups, test_id(1), 0)->empty());
}

// One record's history: it goes and comes back, and others are written in between.
TEST_P(StorageContract, NamesTheWritesToARecordThatCameBack) {
  const auto version = [](model::Version v) {
    return make_item(1, {{kCode, "a"}, {kScore, static_cast<std::int64_t>(v)}}, v);
  };
  commit({insert(version(1))});
  commit({update(version(1), version(2)), insert(make_item(2, {{kCode, "b"}}, 2))});
  commit({remove(version(2))});
  commit({remove(make_item(2, {{kCode, "b"}}, 2))});
  commit({insert(version(5))});
  commit({insert(make_item(3, {{kCode, "c"}}, 6)), update(version(5), version(6))});
  commit({remove(version(6))});
  const std::vector<model::Version> all{1, 2, 3, 5, 6, 7};
  for (model::Version after = 0; after <= 8; ++after) {
    const auto writes = storage().writes_after(kItems, test_id(1), after);
    ASSERT_TRUE(writes.ok());
    std::vector<model::Version> found;
    for (const auto& write : *writes) found.push_back(write.version);
    EXPECT_EQ(found, std::vector<model::Version>(std::upper_bound(all.begin(), all.end(), after),
                                                 all.end()));
  }
  harness_->reopen();
  const auto writes = storage().writes_after(kItems, test_id(1), 2);
  ASSERT_TRUE(writes.ok());
  ASSERT_EQ(writes->size(), 4u);
  EXPECT_EQ((*writes)[1].change.after, version(5));
  EXPECT_FALSE((*writes)[1].change.before);
  EXPECT_EQ((*writes)[2].change.before, version(5));
  EXPECT_EQ(storage().writes_after(kItems, test_id(2), 0)->size(), 2u);
  EXPECT_TRUE(storage().writes_after(kItems, test_id(4), 0)->empty());
}

// The parts of an atomic array are judged one after the other, over rows that no log entry tells of yet.
TEST_P(StorageContract, NamesTheLoggedWritesToARecordThatIsWrittenAndNotLogged) {
  const auto item = [](std::uint32_t id, model::Version version) {
    return make_item(id, {{kCode, "a"}, {kScore, static_cast<std::int64_t>(version)}}, version);
  };
  commit({insert(item(1, 1)), insert(item(2, 1)), insert(item(3, 1))});
  commit({update(item(1, 1), item(1, 2)), remove(item(3, 1))});
  const auto after = [&](std::uint32_t id, model::Version version) {
    std::vector<model::Version> found;
    const auto writes = storage().writes_after(kItems, test_id(id), version);
    for (const auto& write : *writes) found.push_back(write.version);
    return found;
  };
  using Versions = std::vector<model::Version>;
  ASSERT_TRUE(storage().begin().ok());
  ASSERT_TRUE(storage().savepoint().ok());
  for (const auto& change : {update(item(1, 2), item(1, 3)), update(item(1, 3), item(1, 3)),
                             remove(item(2, 1)), insert(item(3, 3))})
    ASSERT_TRUE(storage().apply(change).ok());
  EXPECT_EQ(after(1, 1), (Versions{2}));
  EXPECT_EQ(after(1, 2), Versions());
  EXPECT_EQ(after(2, 0), (Versions{1}));
  EXPECT_EQ(after(3, 0), (Versions{1, 2}));
  storage().rollback_to_savepoint();
  EXPECT_EQ(after(1, 1), (Versions{2}));
  EXPECT_EQ(after(3, 1), (Versions{2}));
  ASSERT_TRUE(storage().commit().ok());
}

TEST_P(StorageContract, LedgerSurvives) {
  ASSERT_TRUE(storage().begin().ok());
  ASSERT_TRUE(storage().put_client(test_id(1), {7, test_id(2), {9'000'000'000'000}}).ok());
  ASSERT_TRUE(storage().put_client(test_id(1), {8, test_id(2), {9'000'000'000'001}}).ok());
  ASSERT_TRUE(storage().put_verdict({test_id(1), 8}, base::Bytes{4, 5}).ok());
  ASSERT_TRUE(storage().keep_answer(test_id(2), "k", {11, {12}, {13}}).ok());
  ASSERT_TRUE(storage().commit().ok());
  harness_->reopen();
  const auto client = storage().client(test_id(1));
  ASSERT_TRUE(client.ok() && client->has_value());
  EXPECT_EQ((*client)->last_sequence, 8u);
  EXPECT_EQ((*client)->user, test_id(2));
  EXPECT_EQ((*client)->last_contact.ms, 9'000'000'000'001);
  EXPECT_EQ(**storage().verdict({test_id(1), 8}), (base::Bytes{4, 5}));
  EXPECT_FALSE(storage().verdict({test_id(1), 7})->has_value());
  const auto answer = storage().kept_answer(test_id(2), "k");
  ASSERT_TRUE(answer.ok() && answer->has_value());
  EXPECT_EQ((*answer)->body_hash, 11u);
  EXPECT_EQ((*answer)->answer, base::Bytes{12});
  EXPECT_FALSE(storage().kept_answer(test_id(3), "k")->has_value());
}

TEST_P(StorageContract, KeepsTheLatestVerdictsOnly) {
  ASSERT_TRUE(storage().begin().ok());
  for (std::uint64_t sequence = 1; sequence <= authority::kVerdictsKept + 3; ++sequence) {
    ASSERT_TRUE(storage().put_verdict({test_id(1), sequence}, base::Bytes{1}).ok());
  }
  ASSERT_TRUE(storage().commit().ok());
  EXPECT_FALSE(storage().verdict({test_id(1), 3})->has_value());
  EXPECT_TRUE(storage().verdict({test_id(1), 4})->has_value());
}

// Whatever transactions they came in, and already in theirs.
TEST_P(StorageContract, EveryVerdictIsToldAgain) {
  const auto verdict = [](std::uint64_t sequence) {
    return base::Bytes(sequence % 3, static_cast<std::uint8_t>(sequence));
  };
  const auto expect_known = [&](std::uint64_t newest) {
    for (std::uint64_t sequence = 1; sequence <= newest + 1; ++sequence) {
      const auto found = storage().verdict({test_id(1), sequence});
      ASSERT_TRUE(found.ok());
      ASSERT_EQ(found->has_value(), sequence <= newest && sequence != 20) << sequence;
      if (!found->has_value()) continue;
      EXPECT_EQ(**found, verdict(sequence));
    }
    EXPECT_FALSE(storage().verdict({test_id(2), 1})->has_value());
  };
  std::uint64_t newest = 0;
  for (const std::uint64_t until : {1u, 2u, 9u, 30u}) {
    ASSERT_TRUE(storage().begin().ok());
    while (newest < until) {
      ++newest;
      if (newest == 20) continue;  // whoever leaves one out
      ASSERT_TRUE(storage().put_verdict({test_id(1), newest}, verdict(newest)).ok());
    }
    expect_known(newest);
    ASSERT_TRUE(storage().commit().ok());
    expect_known(newest);
  }
  ASSERT_TRUE(storage().begin().ok());
  ASSERT_TRUE(storage().put_verdict({test_id(1), 31}, verdict(31)).ok());
  ASSERT_TRUE(storage().savepoint().ok());
  ASSERT_TRUE(storage().put_verdict({test_id(1), 32}, verdict(32)).ok());
  storage().rollback_to_savepoint();
  ASSERT_TRUE(storage().commit().ok());
  harness_->reopen();
  expect_known(31);
}

TEST_P(StorageContract, EpochIsTheFilesOwn) {
  const base::Id epoch = storage().epoch();
  EXPECT_FALSE(epoch.is_nil());
  EXPECT_EQ(storage().version(), 0u);
  harness_->reopen();
  EXPECT_EQ(storage().epoch(), epoch);
}

}  // namespace syncline::tests
