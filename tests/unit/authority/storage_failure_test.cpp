// A database that refuses a write or the commit: nothing is told before it is durable, nobody is left with a wrong picture.
#include "tests/unit/authority/world.hpp"

namespace syncline::tests {
namespace {

using mutation::Role;

// Passes everything on, and fails when told so.
class FailingStorage : public authority::Storage {
 public:
  int applies_until_failure = -1;
  bool fail_commit = false;
  bool fail_begin = false;

  base::Id epoch() const override { return memory_.epoch(); }
  model::Version version() const override { return memory_.version(); }
  ivm::SourceProvider& sources() override { return memory_.sources(); }
  authority::Planner& planner() override { return memory_.planner(); }
  base::Status begin() override { return fail_begin ? failed() : memory_.begin(); }
  base::Status commit() override { return fail_commit ? failed() : memory_.commit(); }
  void rollback() override { memory_.rollback(); }
  base::Status savepoint() override { return memory_.savepoint(); }
  base::Status release() override { return memory_.release(); }
  void rollback_to_savepoint() override { memory_.rollback_to_savepoint(); }
  base::Status apply(const model::Change& change) override {
    if (applies_until_failure == 0) return failed();
    if (applies_until_failure > 0) --applies_until_failure;
    return memory_.apply(change);
  }
  base::Status append(const authority::LogEntry& entry) override { return memory_.append(entry); }
  base::Status read_log(model::Version after, std::uint32_t limit,
                        const std::function<bool(const authority::LogEntry&)>& visit) override {
    return memory_.read_log(after, limit, visit);
  }
  base::Result<std::vector<authority::RecordWrite>> writes_after(model::CollectionId collection,
                                                                 const base::Id& record,
                                                                 model::Version after) override {
    return memory_.writes_after(collection, record, after);
  }
  base::Result<std::optional<authority::ClientState>> client(const base::Id& client) override {
    return memory_.client(client);
  }
  base::Status put_client(const base::Id& client, const authority::ClientState& state) override {
    return memory_.put_client(client, state);
  }
  base::Result<std::optional<base::Bytes>> verdict(const model::MutationId& mutation) override {
    return memory_.verdict(mutation);
  }
  base::Status put_verdict(const model::MutationId& mutation, base::ByteView verdict) override {
    return memory_.put_verdict(mutation, verdict);
  }
  base::Result<std::optional<authority::KeptAnswer>> kept_answer(const base::Id& user,
                                                                 const std::string& key) override {
    return memory_.kept_answer(user, key);
  }
  base::Status keep_answer(const base::Id& user, const std::string& key,
                           const authority::KeptAnswer& answer) override {
    return memory_.keep_answer(user, key, answer);
  }

 private:
  static base::Status failed() {
    return base::Error(base::Code::storage_failed, "The disk is full.");
  }
  authority::MemoryStorage memory_{card_domain().schema, test_id(999)};
};

authority::Submission one_card(std::uint32_t id) {
  authority::Submission submission;
  submission.actor.role = Role::system;
  submission.mutations = {insert_card(id, {{kLabel, "a"}})};
  return submission;
}

class StorageFailure : public ::testing::Test {
 protected:
  StorageFailure() {
    reader.connect();
    writer.connect();
    reader.subscribe(1, cards());
    world.write(insert_card(1, {{kLabel, "a"}}));
    world.committed.clear();
  }
  FailingStorage storage;
  World world{storage, {}};
  Browser reader{world, Role::admin, 1, 100};
  Browser writer{world, Role::admin, 2, 101};
};

TEST_F(StorageFailure, AFailedCommitIsNoNewsToAnybody) {
  storage.fail_commit = true;
  writer.push(insert_card(2, {{kLabel, "b"}}));
  const auto answer = world.submit(one_card(3));
  EXPECT_EQ(answer.outcome.verdict.error.code, base::Code::storage_failed);
  EXPECT_TRUE(world.committed.empty());
  EXPECT_EQ(storage.version(), 1u);
  EXPECT_EQ(reader.ids(1).size(), 1u);
  EXPECT_TRUE(writer.verdicts.empty()) << "nothing was decided";
  EXPECT_EQ(writer.closed_with->code, base::Code::storage_failed);

  // It goes on when the disk does: the writer sends again, and every picture is right.
  storage.fail_commit = false;
  writer.connect();
  writer.resend(writer.sent);
  world.submit(one_card(3));
  EXPECT_EQ(writer.verdict(1)->outcome, model::Outcome::applied);
  EXPECT_EQ(reader.ids(1).size(), 3u);
  EXPECT_EQ(storage.version(), 3u);
}

// Who followed the commits follows back.
TEST_F(StorageFailure, WhatWasAppliedInVainIsUndoneTheLatestFirst) {
  std::vector<model::Version> told;
  world.authority().on_applied(
      [&](const authority::LogEntry& entry) { told.push_back(entry.version); });
  world.authority().on_undone([&](const authority::LogEntry& entry) {
    EXPECT_EQ(storage.version(), 1u) << "as it was";
    told.push_back(entry.version);
  });
  storage.fail_commit = true;
  world.authority().submit(500, one_card(2));
  world.authority().submit(501, one_card(3));
  world.run();
  EXPECT_EQ(told, (std::vector<model::Version>{2, 3, 3, 2}));
}

// The first mutation's changes went through the live queries already when the second one failed: all is taken back, and the
// first one gets another turn.
TEST_F(StorageFailure, AFailedWriteIsNobodyElsesFailure) {
  storage.applies_until_failure = 1;
  writer.push(insert_card(2, {{kLabel, "b"}}));
  world.authority().submit(500, one_card(3));
  EXPECT_TRUE(world.authority().turn(world.now()));
  EXPECT_EQ(storage.version(), 1u) << "taken back";
  storage.applies_until_failure = -1;
  world.run();
  EXPECT_EQ(writer.verdict(1)->outcome, model::Outcome::applied);
  EXPECT_EQ(storage.version(), 2u) << "and the one that failed is not tried again";
  EXPECT_EQ(reader.ids(1), (std::set{test_id(1), test_id(2)}));
  world.submit(one_card(4));
  EXPECT_EQ(reader.ids(1).size(), 3u);
}

// The gap is found again with the next turn: until then nothing is void, and what comes before it is told first.
TEST_F(StorageFailure, WhatWasRefusedInAFailedTurnIsJudgedAgain) {
  storage.applies_until_failure = 1;
  writer.push(insert_card(2, {{kLabel, "b"}}));
  writer.next_sequence = 3;
  writer.push(insert_card(3, {{kLabel, "c"}}));
  world.authority().submit(500, one_card(4));
  EXPECT_TRUE(world.authority().turn(world.now()));
  EXPECT_EQ(storage.version(), 1u) << "taken back";
  storage.applies_until_failure = -1;
  world.run();
  EXPECT_EQ(writer.closed_with->code, base::Code::out_of_order);
  ASSERT_TRUE(writer.verdict(1));
  EXPECT_EQ(writer.verdict(1)->outcome, model::Outcome::applied);
  EXPECT_EQ(storage.version(), 2u);
}

TEST_F(StorageFailure, ATransactionThatCannotBeginIsAnswered) {
  storage.fail_begin = true;
  EXPECT_EQ(world.submit(one_card(2)).outcome.verdict.error.code, base::Code::storage_failed);
  storage.fail_begin = false;
  EXPECT_EQ(world.submit(one_card(2)).outcome.verdict.outcome, model::Outcome::applied);
  EXPECT_EQ(reader.ids(1).size(), 2u);
}

}  // namespace
}  // namespace syncline::tests
