// What only a file can do: its lock, its rights, its growth with the schema, snapshots beside the writer, and login data.
#include "server/storage/sqlite_storage.hpp"

#include <atomic>
#include <thread>

#include <sys/stat.h>

#include "server/storage/auth_store.hpp"
#include "server/storage/sqlite_reader.hpp"
#include "tests/support/test_schema.hpp"
#include "tests/unit/server_storage/temporary_database.hpp"

namespace syncline::tests {
namespace {

using namespace server::storage;

model::Change insert(model::Record record) {
  return {model::ChangeKind::insert, {}, std::move(record)};
}

void commit(SqliteStorage& storage, std::vector<model::Change> changes) {
  authority::LogEntry entry;
  entry.version = storage.version() + 1;
  entry.mutator = "test";
  ASSERT_TRUE(storage.begin().ok());
  for (const model::Change& change : changes) {
    const auto status = storage.apply(change);
    ASSERT_TRUE(status.ok()) << status.error().message;
  }
  entry.changes.changes = std::move(changes);
  ASSERT_TRUE(storage.append(entry).ok());
  ASSERT_TRUE(storage.commit().ok());
}

TEST(SqliteFile, OneProcessWrites) {
  TemporaryDatabase database(test_schema());
  database.storage();
  const auto second = SqliteStorage::open(database.path(), test_schema());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, base::Code::unavailable);
  database.close();
  EXPECT_TRUE(SqliteStorage::open(database.path(), test_schema()).ok());
}

TEST(SqliteFile, NobodyElseMayReadIt) {
  TemporaryDatabase database(test_schema());
  commit(database.storage(), {insert(make_item(1, {{kCode, "a"}}))});
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat found {};
    ASSERT_EQ(::stat((database.path() + suffix).c_str(), &found), 0) << suffix;
    EXPECT_EQ(found.st_mode & 0777, 0600u) << suffix;
  }
}

TEST(SqliteFile, AFolderThatIsNotThereIsAnError) {
  const auto opened = SqliteStorage::open("/nonexistent/folder/x.db", test_schema());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, base::Code::storage_failed);
}

TEST(SqliteFile, ABackupThatComesBackHasAnotherHistory) {
  TemporaryDatabase database(test_schema());
  commit(database.storage(), {insert(make_item(1, {{kCode, "a"}}))});
  const base::Id epoch = database.storage().epoch();
  database.close();
  const std::string backup = database.path() + ".backup";
  std::filesystem::copy_file(database.path(), backup);
  database.open(test_schema());
  EXPECT_EQ(database.storage().epoch(), epoch) << "the same place, the same state";
  commit(database.storage(), {insert(make_item(2, {{kCode, "b"}}, 2))});
  EXPECT_EQ(database.storage().epoch(), epoch);
  database.close();

  const auto over = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(backup, database.path(), over);
  const base::Id restored = database.storage().epoch();
  EXPECT_NE(restored, epoch);
  const model::Version version = database.storage().version();
  EXPECT_GT(version, 1'000'000u) << "whoever has seen version 2 has seen no later one";
  EXPECT_EQ((*database.storage().sources().source(kItems).get(test_id(1))).version(), 1u);
  commit(database.storage(), {insert(make_item(3, {{kCode, "c"}}, version + 1))});
  database.close();
  EXPECT_EQ(database.storage().epoch(), restored) << "once is enough";
  database.close();

  std::filesystem::remove(database.path() + ".history");
  EXPECT_NE(database.storage().epoch(), restored) << "it may have come from anywhere";
}

TEST(SqliteFile, WritesAreDurableWhenTheyReturn) {
  TemporaryDatabase database(test_schema());
  auto statement = database.storage().connection().prepare("PRAGMA synchronous");
  ASSERT_TRUE(*statement->step());
  EXPECT_EQ(statement->integer(0), 2) << "FULL";
  auto mode = database.storage().connection().prepare("PRAGMA journal_mode");
  ASSERT_TRUE(*mode->step());
  EXPECT_EQ(mode->text(0), "wal");
}

// ---- the log's file, whose writes are gathered (wal_vfs)

// More than is gathered at once, and more than the page cache holds, so that pages go to the log before the end.
std::vector<model::Change> many_rows(std::uint32_t first, model::Version version) {
  std::vector<model::Change> changes;
  for (std::uint32_t i = 0; i < 200; ++i) {
    changes.push_back(
        insert(make_item(first + i,
                         {{kCode, std::to_string(first + i)},
                          {kNotes, std::string(3'000, static_cast<char>('a' + i % 26))}},
                         version)));
  }
  return changes;
}

class GatheredLog : public testing::TestWithParam<const char*> {
 protected:
  // What another connection sees.
  [[nodiscard]] std::string seen() const {
    auto other = Connection::open(database_.path(), Connection::Mode::read);
    auto check = (*other)->prepare("PRAGMA integrity_check");
    if (!check.ok() || !*check->step() || check->text(0) != "ok") return "damaged";
    auto pool = ReaderPool::open(database_.path(), test_schema(), 1);
    auto snapshot = (*pool)->snapshot();
    query::Query all;
    all.collection = kItems;
    return std::to_string((*snapshot)->version()) + ": " + std::to_string(*(*snapshot)->count(all));
  }
  TemporaryDatabase database_{test_schema()};
};

TEST_P(GatheredLog, OthersSeeEachCommitAsAWhole) {
  SqliteStorage& storage = database_.storage();
  ASSERT_TRUE(storage.connection().exec(GetParam()).ok());
  commit(storage, {insert(make_item(1, {{kCode, "a"}}))});
  EXPECT_EQ(seen(), "1: 1");
  commit(storage, many_rows(1'000, 2));
  EXPECT_EQ(seen(), "2: 201");
  ASSERT_TRUE(storage.connection().exec("PRAGMA wal_checkpoint(RESTART)").ok());
  commit(storage, many_rows(2'000, 3));
  EXPECT_EQ(seen(), "3: 401");
}

TEST_P(GatheredLog, WhatWasRolledBackIsWrittenOver) {
  SqliteStorage& storage = database_.storage();
  ASSERT_TRUE(storage.connection().exec(GetParam()).ok());
  ASSERT_TRUE(storage.begin().ok());
  for (const model::Change& change : many_rows(1'000, 1)) ASSERT_TRUE(storage.apply(change).ok());
  EXPECT_EQ(seen(), "0: 0");
  storage.rollback();
  commit(storage, {insert(make_item(1, {{kCode, "a"}}))});
  EXPECT_EQ(seen(), "1: 1");
  commit(storage, many_rows(3'000, 2));
  EXPECT_EQ(seen(), "2: 201");
}

INSTANTIATE_TEST_SUITE_P(Sqlite, GatheredLog,
                         testing::Values("PRAGMA synchronous = FULL; PRAGMA cache_size = 10",
                                         "PRAGMA synchronous = OFF; PRAGMA cache_size = 10",
                                         "PRAGMA synchronous = OFF; PRAGMA cache_size = 1000"));

// ---- schema evolution

inline constexpr std::string_view kSizes[] = {"small", "large"};
inline constexpr model::FieldSpec kOldFields[] = {model::text(8, "name"),
                                                  model::integer(9, "gone")};
// A new field in the middle moves every slot behind it.
inline constexpr model::FieldSpec kNewFields[] = {
    model::enumeration(10, "size", kSizes).with_default("large"), model::text(8, "name"),
    model::money(11, "price")};
inline constexpr model::FieldSpec kWrongFields[] = {model::integer(8, "name")};

model::CollectionSpec things(std::span<const model::FieldSpec> fields) {
  model::CollectionSpec spec;
  spec.id = 1;
  spec.module = "test";
  spec.name = "things";
  spec.singular = "thing";
  spec.type_name = "Thing";
  spec.api_path = "/api/things";
  spec.title_field = 8;
  spec.fields = fields;
  return spec;
}

TEST(SchemaEvolution, NewFieldsAppearOldOnesRestAndTheLogStaysReadable) {
  const model::Schema old_schema({things(kOldFields)});
  const model::Schema new_schema({things(kNewFields)});
  TemporaryDatabase database(old_schema);
  commit(database.storage(),
         {insert(make_record(old_schema, 1, test_id(1), {{8, "one"}, {9, 5}}, 1))});
  const base::Id epoch = database.storage().epoch();

  database.open(new_schema);
  EXPECT_EQ(database.storage().epoch(), epoch);
  EXPECT_EQ(database.storage().version(), 1u);
  const model::Record row = *database.storage().sources().source(1).get(test_id(1));
  ASSERT_TRUE(row);
  EXPECT_EQ(row.text(8), "one");
  EXPECT_EQ(row.get(10), model::Value(1)) << "the default";
  EXPECT_TRUE(row.get(11).is_null());
  const auto writes = database.storage().writes_after(1, test_id(1), 0);
  ASSERT_TRUE(writes.ok());
  ASSERT_EQ(writes->size(), 1u);
  EXPECT_EQ((*writes)[0].change.after.text(8), "one");
  commit(database.storage(),
         {insert(make_record(new_schema, 1, test_id(2), {{8, "two"}, {10, 0}}, 2))});

  // Back again: what the older build does not know is left alone.
  database.open(old_schema);
  const model::Record first = *database.storage().sources().source(1).get(test_id(1));
  EXPECT_EQ(first.get(9), model::Value(5));
}

TEST(SchemaEvolution, AnotherTypeIsRefused) {
  const model::Schema old_schema({things(kOldFields)});
  const model::Schema wrong({things(kWrongFields)});
  TemporaryDatabase database(old_schema);
  database.storage();
  database.close();
  const auto opened = SqliteStorage::open(database.path(), wrong);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, base::Code::storage_failed);
  EXPECT_TRUE(SqliteStorage::open(database.path(), old_schema).ok()) << "and nothing was changed";
}

TEST(SchemaEvolution, ADatabaseOfANewerBuildIsRefused) {
  TemporaryDatabase database(test_schema());
  ASSERT_TRUE(database.storage()
                  .connection()
                  .exec("INSERT INTO syncline_migrations VALUES (9999, 0)")
                  .ok());
  database.close();
  EXPECT_FALSE(SqliteStorage::open(database.path(), test_schema()).ok());
}

// An index sorted by an older collation would answer wrongly: it is built anew.
TEST(SchemaEvolution, AnotherCollationVersionRebuildsIndexes) {
  TemporaryDatabase database(test_schema());
  commit(database.storage(), {insert(make_item(1, {{kCode, "a"}, {kTitle, "b"}}))});
  ASSERT_TRUE(database.storage()
                  .connection()
                  .exec("UPDATE syncline_meta SET value = 0 WHERE key = 'collation'")
                  .ok());
  database.open(test_schema());
  auto check = database.storage().connection().prepare("PRAGMA integrity_check");
  ASSERT_TRUE(*check->step());
  EXPECT_EQ(check->text(0), "ok");
  auto stored = database.storage().connection().prepare(
      "SELECT value FROM syncline_meta WHERE key = 'collation'");
  ASSERT_TRUE(*stored->step());
  EXPECT_EQ(stored->integer(0), std::int64_t{model::kCollationVersion});
}

// ---- readers

TEST(Readers, ASnapshotStaysAsItWas) {
  TemporaryDatabase database(test_schema());
  commit(database.storage(), {insert(make_item(1, {{kCode, "a"}}))});
  auto pool = ReaderPool::open(database.path(), test_schema(), 2);
  ASSERT_TRUE(pool.ok()) << pool.error().message;
  auto before = (*pool)->snapshot();
  ASSERT_TRUE(before.ok());
  commit(database.storage(), {insert(make_item(2, {{kCode, "b"}}, 2))});
  auto after = (*pool)->snapshot();
  ASSERT_TRUE(after.ok());
  query::Query all;
  all.collection = kItems;
  EXPECT_EQ((*before)->version(), 1u);
  EXPECT_EQ(*(*before)->count(all), 1u);
  EXPECT_EQ((*before)->get(kItems, test_id(2))->state, mutation::Lookup::State::absent);
  EXPECT_EQ((*after)->version(), 2u);
  EXPECT_EQ((*after)->find(all)->rows.size(), 2u);
  EXPECT_EQ((*after)->epoch(), database.storage().epoch());
  std::size_t entries = 0;
  EXPECT_TRUE(
      (*before)->read_log(0, 0, [&](const authority::LogEntry&) { return ++entries > 0; }).ok());
  EXPECT_EQ(entries, 1u);
}

TEST(Readers, ReadersCannotWrite) {
  TemporaryDatabase database(test_schema());
  database.storage();
  auto connection = Connection::open(database.path(), Connection::Mode::read);
  ASSERT_TRUE(connection.ok());
  EXPECT_FALSE((*connection)->exec("DELETE FROM syncline_meta").ok());
}

TEST(Readers, WhenAllAreBusyTheNextHearsSo) {
  TemporaryDatabase database(test_schema());
  database.storage();
  auto pool = ReaderPool::open(database.path(), test_schema(), 1);
  auto held = (*pool)->snapshot();
  ASSERT_TRUE(held.ok());
  const auto refused = (*pool)->snapshot();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::unavailable);
  held->reset();
  EXPECT_TRUE((*pool)->snapshot().ok());
}

// Every state a reader sees is one the writer committed: rows and version move together.
TEST(Readers, ManyThreadsSeeWholeCommitsOnly) {
  TemporaryDatabase database(test_schema());
  database.storage();
  auto pool = ReaderPool::open(database.path(), test_schema(), 2);
  ASSERT_TRUE(pool.ok());
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> reads = 0;
  const auto read = [&] {
    query::Query all;
    all.collection = kItems;
    while (!done) {
      auto snapshot = (*pool)->snapshot();
      if (!snapshot.ok()) {
        ++wrong;
        return;
      }
      const auto count = (*snapshot)->count(all);
      // Two rows a commit.
      if (!count.ok() || *count != (*snapshot)->version() * 2) ++wrong;
      ++reads;
    }
  };
  std::thread first(read);
  std::thread second(read);
  AuthStore auth(database.storage());
  std::thread logins([&] {
    for (std::uint32_t i = 0; i < 50; ++i) {
      if (!auth.put_password_hash(test_id(i), "hash").ok()) ++wrong;
    }
  });
  for (std::uint32_t i = 1; i <= 100; ++i) {
    commit(database.storage(),
           {insert(make_item(2 * i, {{kCode, std::to_string(2 * i)}}, i)),
            insert(make_item(2 * i + 1, {{kCode, std::to_string(2 * i + 1)}}, i))});
  }
  logins.join();
  done = true;
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(reads, 0);
  EXPECT_EQ(auth.password_hash(test_id(49))->value(), "hash");
}

// ---- login data

TEST(AuthStoreTest, KeepsPasswordsAndSessions) {
  TemporaryDatabase database(test_schema());
  LoginSession session;
  session.sid = test_id(1);
  session.user = test_id(2);
  session.generation = 3;
  session.created = {10};
  session.expires = {1'000};
  LoginSession other = session;
  other.sid = test_id(5);
  other.expires = {2'000};
  {
    AuthStore store(database.storage());
    EXPECT_FALSE(store.password_hash(test_id(2))->has_value());
    ASSERT_TRUE(store.put_password_hash(test_id(2), "first").ok());
    ASSERT_TRUE(store.put_password_hash(test_id(2), "second").ok());
    ASSERT_TRUE(store.put_session(session).ok());
    session.generation = 4;
    ASSERT_TRUE(store.put_session(session).ok());
    ASSERT_TRUE(store.put_session(other).ok());
  }
  database.close();
  AuthStore store(database.storage());
  EXPECT_EQ(store.password_hash(test_id(2))->value(), "second");
  EXPECT_EQ(store.session(test_id(1))->value(), session);
  EXPECT_FALSE(store.session(test_id(9))->has_value());
  EXPECT_EQ(store.sessions_of(test_id(2))->size(), 2u);
  ASSERT_TRUE(store.delete_expired({1'500}).ok());
  EXPECT_EQ(*store.all_sessions(), std::vector{other});
  ASSERT_TRUE(store.delete_session(test_id(5)).ok());
  EXPECT_TRUE(store.all_sessions()->empty());
  ASSERT_TRUE(store.put_session(session).ok());
  ASSERT_TRUE(store.delete_sessions_of(test_id(2)).ok());
  EXPECT_TRUE(store.sessions_of(test_id(2))->empty());
  ASSERT_TRUE(store.delete_password(test_id(2)).ok());
  EXPECT_FALSE(store.password_hash(test_id(2))->has_value());
}

// On the engine thread inside a transaction its writes are part of it.
TEST(AuthStoreTest, JoinsTheTransactionUnderWay) {
  TemporaryDatabase database(test_schema());
  AuthStore store(database.storage());
  ASSERT_TRUE(database.storage().begin().ok());
  ASSERT_TRUE(store.put_password_hash(test_id(2), "x").ok());
  database.storage().rollback();
  EXPECT_FALSE(store.password_hash(test_id(2))->has_value());
}

}  // namespace
}  // namespace syncline::tests
