// A database of the build before migration 3: its log, its ledger and what follows from them are the same afterwards.
#include <gtest/gtest.h>

#include "server/storage/image.hpp"
#include "tests/support/test_schema.hpp"
#include "tests/unit/server_storage/temporary_database.hpp"

namespace syncline::tests {
namespace {

using namespace server::storage;

void commit(SqliteStorage& storage, std::vector<model::Change> changes) {
  authority::LogEntry entry;
  entry.version = storage.version() + 1;
  entry.at = {1'000 + static_cast<std::int64_t>(entry.version)};
  entry.user = test_id(900);
  entry.mutation = {test_id(901), entry.version};
  entry.mutator = "test";
  entry.changes.changes = std::move(changes);
  ASSERT_TRUE(storage.begin().ok());
  for (const model::Change& change : entry.changes.changes) ASSERT_TRUE(storage.apply(change).ok());
  ASSERT_TRUE(storage.append(entry).ok());
  ASSERT_TRUE(storage.commit().ok());
}

std::vector<authority::LogEntry> log_of(SqliteStorage& storage) {
  std::vector<authority::LogEntry> entries;
  EXPECT_TRUE(storage
                  .read_log(0, 0,
                            [&](const authority::LogEntry& entry) {
                              entries.push_back(entry);
                              return true;
                            })
                  .ok());
  return entries;
}

void expect_equal(const std::vector<model::Change>& a, const std::vector<model::Change>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].kind, b[i].kind);
    EXPECT_TRUE(a[i].before == b[i].before);
    EXPECT_TRUE(a[i].after == b[i].after);
  }
}

// The tables as they were, with the same content.
void go_back_to_migration_2(Connection& connection) {
  ASSERT_TRUE(connection
                  .exec("CREATE TABLE syncline_log_changes (version INTEGER NOT NULL, position "
                        "INTEGER NOT NULL, collection INTEGER NOT NULL, record BLOB NOT NULL, kind "
                        "INTEGER NOT NULL, before BLOB NOT NULL, after BLOB NOT NULL, PRIMARY KEY "
                        "(version, position)) STRICT, WITHOUT ROWID;"
                        "CREATE INDEX syncline_log_by_record ON syncline_log_changes (collection, "
                        "record, version);"
                        "CREATE INDEX syncline_clients_by_contact ON syncline_clients "
                        "(last_contact)")
                  .ok());
  {
    auto rows = connection.prepare("SELECT version, changes FROM syncline_log");
    auto put = connection.prepare("INSERT INTO syncline_log_changes VALUES (?, ?, ?, ?, ?, ?, ?)");
    ASSERT_TRUE(rows.ok() && put.ok());
    while (*rows->step()) {
      const auto changes = split_changes(rows->blob(1));
      ASSERT_TRUE(changes.ok());
      for (std::size_t i = 0; i < changes->size(); ++i) {
        const ChangeImages& change = (*changes)[i];
        put->bind(rows->integer(0)).bind(std::uint64_t{i}).bind(std::int64_t{change.collection});
        put->bind(change.record).bind(static_cast<std::int64_t>(change.kind));
        ASSERT_TRUE(put->bind(change.before).bind(change.after).run().ok());
        put->reset();
      }
    }
  }
  ASSERT_TRUE(connection
                  .exec("ALTER TABLE syncline_log DROP COLUMN changes;"
                        "ALTER TABLE syncline_verdicts DROP COLUMN first;"
                        "DROP TABLE syncline_removals;"
                        "DELETE FROM syncline_migrations WHERE number >= 3")
                  .ok());
}

TEST(Migration3, KeepsLogAndLedger) {
  TemporaryDatabase database(test_schema());
  const auto one = make_item(1, {{kCode, "a"}, {kScore, 1}, {kTitle, "t"}}, 1);
  const auto other = make_item(2, {{kCode, "b"}}, 1);
  const auto two = make_item(1, {{kCode, "a"}, {kScore, 2}}, 2);
  const auto again = make_item(1, {{kCode, "c"}}, 4);
  commit(database.storage(),
         {{model::ChangeKind::insert, {}, one}, {model::ChangeKind::insert, {}, other}});
  commit(database.storage(), {{model::ChangeKind::update, one, two}});
  commit(database.storage(), {{model::ChangeKind::remove, two, {}}});
  commit(database.storage(), {{model::ChangeKind::insert, {}, again}});
  const auto log = log_of(database.storage());
  const auto writes = database.storage().writes_after(kItems, test_id(1), 0);
  ASSERT_TRUE(writes.ok());
  ASSERT_EQ(writes->size(), 4u);

  go_back_to_migration_2(database.storage().connection());
  ASSERT_TRUE(database.storage()
                  .connection()
                  .exec("INSERT INTO syncline_verdicts VALUES (zeroblob(16), 7, x'0102')")
                  .ok());
  database.close();

  SqliteStorage& storage = database.storage();
  const auto migrated = log_of(storage);
  ASSERT_EQ(migrated.size(), log.size());
  for (std::size_t i = 0; i < log.size(); ++i)
    expect_equal(migrated[i].changes.changes, log[i].changes.changes);
  const auto found = storage.writes_after(kItems, test_id(1), 0);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), writes->size());
  for (std::size_t i = 0; i < found->size(); ++i) {
    EXPECT_EQ((*found)[i].version, (*writes)[i].version);
    expect_equal({(*found)[i].change}, {(*writes)[i].change});
  }
  EXPECT_EQ(**storage.verdict({base::Id{}, 7}), (base::Bytes{1, 2}));
  EXPECT_FALSE(storage.verdict({base::Id{}, 6})->has_value());
  auto tables = storage.connection().prepare(
      "SELECT count(*) FROM sqlite_master WHERE name IN ('syncline_log_changes', "
      "'syncline_log_by_record', 'syncline_clients_by_contact')");
  ASSERT_TRUE(*tables->step());
  EXPECT_EQ(tables->integer(0), 0);
}

}  // namespace
}  // namespace syncline::tests
