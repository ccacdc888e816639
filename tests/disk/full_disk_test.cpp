// A disk that is full, read-only or broken: whoever writes hears why, nothing is half done, whoever reads does not notice, and
// when the disk takes writes again so does the server.
#include <cerrno>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/disk/disk_vfs.hpp"
#include "tests/disk/folder.hpp"
#include "tests/disk/workload.hpp"
#include "tests/unit/authority/world.hpp"

namespace syncline::disk {
namespace {

using namespace server::storage;
using mutation::Role;
using tests::insert_card;
using tests::test_id;

authority::Submission cards_from(std::uint32_t first, std::uint32_t count) {
  authority::Submission submission;
  submission.actor.role = Role::system;
  for (std::uint32_t i = 0; i < count; ++i)
    submission.mutations.push_back(
        insert_card(first + i, {{tests::kLabel, std::string(150, 'x')}}));
  return submission;
}

model::Change new_card(std::uint32_t id, std::string label) {
  return {model::ChangeKind::insert,
          {},
          tests::make_record(workload_schema(), tests::kCards, test_id(id),
                             {{tests::kLabel, std::move(label)}})};
}

class FullDisk : public testing::Test {
 protected:
  FullDisk() { open(); }

  void open() {
    auto opened = SqliteStorage::open(folder_.database(), workload_schema());
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    storage_ = std::move(opened).value();
    storage_->health().listen([this](const base::Status& health) {
      told_.push_back(health.ok() ? "well" : health.error().message);
    });
  }
  void make_world() {
    world_ = std::make_unique<tests::World>(*storage_, authority::Options());
    reader_ = std::make_unique<tests::Browser>(*world_, Role::admin, 1, 100);
    writer_ = std::make_unique<tests::Browser>(*world_, Role::admin, 2, 101);
    for (tests::Browser* browser : {reader_.get(), writer_.get()}) browser->connect();
    reader_->subscribe(1, tests::cards());
    world_->write(insert_card(1, {{tests::kLabel, "a"}}));
  }
  void fill() { disk_.set_capacity(disk_.used()); }
  void make_room() { disk_.set_capacity(std::nullopt); }
  [[nodiscard]] std::string inconsistency_now() {
    auto contents = read_contents(*storage_, workload_schema());
    return contents.ok() ? inconsistency(*storage_, *contents) : contents.error().message;
  }

  Folder folder_;
  SimulatedDisk disk_;
  Mount mount_{disk_};
  std::vector<std::string> told_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<tests::World> world_;
  std::unique_ptr<tests::Browser> reader_, writer_;
};

TEST_F(FullDisk, WritesAreRefusedReadsGoOnAndItGoesOnByItself) {
  make_world();
  fill();
  const auto answer = world_->submit(cards_from(10, 5));
  EXPECT_EQ(answer.outcome.verdict.error.code, base::Code::storage_failed);
  EXPECT_NE(answer.outcome.verdict.error.message.find("The disk is full"), std::string::npos);
  EXPECT_EQ(reader_->ids(1), std::set{test_id(1)});
  EXPECT_EQ(reader_->closed_with, std::nullopt);

  // Nothing is decided on what a browser sent, so it keeps it.
  writer_->push(insert_card(2, {{tests::kLabel, "b"}}));
  world_->run();
  EXPECT_TRUE(writer_->verdicts.empty());
  EXPECT_EQ(writer_->closed_with->code, base::Code::storage_failed);
  EXPECT_FALSE(storage_->client(writer_->client)->has_value()) << "the ledger has moved on";
  writer_->connect();
  writer_->subscribe(1, tests::cards());
  writer_->resend(writer_->sent);
  world_->run();
  EXPECT_TRUE(writer_->verdicts.empty());
  EXPECT_EQ(storage_->version(), 1u);
  EXPECT_EQ(inconsistency_now(), "");

  make_room();
  writer_->connect();
  writer_->subscribe(1, tests::cards());
  writer_->resend(writer_->sent);
  world_->run();
  ASSERT_NE(writer_->verdict(1), nullptr);
  EXPECT_EQ(writer_->verdict(1)->outcome, model::Outcome::applied);
  EXPECT_EQ(reader_->ids(1), (std::set{test_id(1), test_id(2)})) << "live at once";
  EXPECT_EQ(writer_->ids(1), reader_->ids(1));
  EXPECT_EQ(inconsistency_now(), "");
}

// Not even where the free space is enough for some of them: the log would be full of it.
TEST_F(FullDisk, ItIsToldOnce) {
  make_world();
  disk_.set_capacity(disk_.used() + 30'000);
  std::size_t refused = 0;
  for (std::uint32_t i = 0; i < 40; ++i) {
    const auto answer = world_->submit(cards_from(1'000 + 100 * i, i % 2 == 0 ? 60 : 1));
    if (answer.outcome.verdict.error.code == base::Code::storage_failed) ++refused;
  }
  EXPECT_GT(refused, 20u);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_NE(told_[0].find("The disk is full"), std::string::npos);
  make_room();
  world_->write(insert_card(2, {{tests::kLabel, "b"}}));
  world_->write(insert_card(3, {{tests::kLabel, "c"}}));
  EXPECT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_.back(), "well");
}

// Refused before it is run: a commit that must fail would hydrate everybody's live queries anew.
TEST_F(FullDisk, FurtherAttemptsDisturbNobody) {
  make_world();
  fill();
  EXPECT_NE(world_->submit(cards_from(10, 5)).outcome.verdict.error.code, base::Code::ok);
  const std::size_t snapshots = reader_->queries[1].snapshots;
  for (std::uint32_t i = 0; i < 10; ++i)
    EXPECT_NE(world_->submit(cards_from(100 + i, 1)).outcome.verdict.error.code, base::Code::ok);
  EXPECT_EQ(reader_->queries[1].snapshots, snapshots);
}

// Who asks whether it is ready finds out, though nobody writes.
TEST_F(FullDisk, RecoversWithoutAWriter) {
  make_world();
  fill();
  EXPECT_NE(world_->submit(cards_from(10, 5)).outcome.verdict.error.code, base::Code::ok);
  EXPECT_FALSE(storage_->check_writable().ok());
  make_room();
  EXPECT_TRUE(storage_->health().is_refusing());
  EXPECT_TRUE(storage_->check_writable().ok());
  EXPECT_FALSE(storage_->health().is_refusing());
}

TEST_F(FullDisk, LoginsAreRefusedAndKeptLater) {
  AuthStore store(*storage_);
  fill();
  LoginSession session;
  session.sid = test_id(1);
  session.user = test_id(2);
  EXPECT_EQ(store.put_session(session).error().code, base::Code::storage_failed);
  EXPECT_EQ(told_.size(), 1u);
  EXPECT_EQ(store.put_session(session).error().code, base::Code::storage_failed);
  EXPECT_TRUE(store.all_sessions()->empty());
  make_room();
  EXPECT_TRUE(store.put_session(session).ok());
  EXPECT_EQ(store.all_sessions()->size(), 1u);
}

// SQLite rolls a transaction back by itself when the disk is full. What its owner writes after that, for whom the error was
// somebody else's, must not be committed piece by piece.
TEST_F(FullDisk, WhatFollowsARolledBackTransactionIsNotCommitted) {
  ASSERT_TRUE(storage_->connection().exec("PRAGMA cache_size = 10").ok());
  ASSERT_TRUE(storage_->begin().ok());
  fill();
  bool refused = false;
  for (std::uint32_t id = 1; id < 2'000 && !refused; ++id)
    refused = !storage_->apply(new_card(id, std::string(150, 'x'))).ok();
  ASSERT_TRUE(refused);
  make_room();
  EXPECT_FALSE(storage_->apply(new_card(5'000, "after")).ok());
  authority::LogEntry entry;
  entry.version = 1;
  entry.mutator = "test";
  entry.changes.changes.push_back(new_card(5'000, "after"));
  EXPECT_FALSE(storage_->append(entry).ok());
  EXPECT_FALSE(storage_->put_client(test_id(9), {1, test_id(1), {1}}).ok());
  EXPECT_FALSE(storage_->put_verdict({test_id(9), 1}, base::Bytes{1}).ok());
  EXPECT_FALSE(storage_->keep_answer(test_id(9), "key", {1, {2}, {3}}).ok());
  EXPECT_FALSE(AuthStore(*storage_).put_password_hash(test_id(9), "hash").ok());
  EXPECT_FALSE(storage_->commit().ok());
  storage_->rollback();
  const auto contents = read_contents(*storage_, workload_schema());
  ASSERT_TRUE(contents.ok());
  EXPECT_EQ(difference(Contents(), *contents), "");
}

TEST_F(FullDisk, AReadOnlyDiskIsNamed) {
  make_world();
  disk_.set_refuse([](const Operation&) {
    errno = EROFS;
    return SimulatedDisk::Refusal{SQLITE_IOERR_WRITE, 0};
  });
  const auto answer = world_->submit(cards_from(10, 1));
  EXPECT_EQ(answer.outcome.verdict.error.code, base::Code::storage_failed);
  EXPECT_NE(answer.outcome.verdict.error.message.find("read-only"), std::string::npos)
      << answer.outcome.verdict.error.message;
  disk_.set_refuse({});
  world_->write(insert_card(2, {{tests::kLabel, "b"}}));
  EXPECT_EQ(told_.size(), 2u);
}

// ---- refused at any operation

// One refuses only once, the other from then on until there is room.
class RefusedAnywhere : public testing::TestWithParam<bool> {
 protected:
  // Everything that a database meets: made, written, checkpointed, closed, opened again. What was tried.
  std::vector<Attempt> run(SimulatedDisk& disk, std::size_t at, bool& reached) {
    const bool once = GetParam();
    std::size_t asked = 0;
    disk.set_refuse(
        [&, at, once](const Operation& operation) -> std::optional<SimulatedDisk::Refusal> {
          const std::size_t number = asked++;
          if (once ? number != at : number < at) return std::nullopt;
          reached = true;
          const int code = is_sync(operation) ? SQLITE_IOERR_FSYNC : SQLITE_FULL;
          return SimulatedDisk::Refusal{code, operation.bytes.size() / 2};
        });
    std::vector<Attempt> attempts;
    for (std::uint32_t opening = 0; opening < 2; ++opening) {
      auto storage = SqliteStorage::open(folder_.database(), workload_schema());
      if (!storage.ok()) continue;
      Witness witness(**storage, disk, attempts);
      tests::World world(witness, {});
      for (std::uint32_t i = 0; i < 4; ++i) {
        static_cast<void>(world.submit(cards_from(100 * opening + 10 * i, 1 + i)));
        if (i == 1)
          static_cast<void>((*storage)->connection().exec("PRAGMA wal_checkpoint(RESTART)"));
      }
    }
    disk.set_refuse({});
    return attempts;
  }
  // What was acknowledged, and perhaps the last one that was refused: it may have been written before its sync failed.
  static std::string not_what_was_tried(const std::vector<Attempt>& attempts,
                                        const Contents& found) {
    Contents acknowledged;
    std::vector<Transaction> refused;
    for (const Attempt& attempt : attempts) {
      if (!attempt.acknowledged) {
        refused.push_back(attempt.transaction);
        continue;
      }
      refused.clear();
      acknowledged.apply(attempt.transaction);
    }
    const std::string different = difference(acknowledged, found);
    for (const Transaction& each : refused) {
      Contents possible = acknowledged;
      possible.apply(each);
      if (difference(possible, found).empty()) return {};
    }
    return different;
  }
  Folder folder_;
};

TEST_P(RefusedAnywhere, LeavesWhatWasAcknowledgedAndGoesOn) {
  bool reached = true;
  std::size_t at = 0;
  for (; reached; ++at) {
    reached = false;
    SimulatedDisk disk;
    const Mount mount(disk);
    const std::vector<Attempt> attempts = run(disk, at, reached);
    auto storage = SqliteStorage::open(folder_.database(), workload_schema());
    ASSERT_TRUE(storage.ok()) << at << ": " << storage.error().message;
    auto found = read_contents(**storage, workload_schema());
    ASSERT_TRUE(found.ok()) << at << ": " << found.error().message;
    EXPECT_EQ(inconsistency(**storage, *found), "") << at;
    EXPECT_EQ(not_what_was_tried(attempts, *found), "") << at;
    tests::World world(**storage, {});
    world.write(insert_card(9'999, {{tests::kLabel, "on"}}));
  }
  EXPECT_GT(at, 30u) << "so many operations were tried";
}

INSTANTIATE_TEST_SUITE_P(Disk, RefusedAnywhere, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& when) {
                           return std::string(when.param ? "Once" : "FromThenOn");
                         });

}  // namespace
}  // namespace syncline::disk
