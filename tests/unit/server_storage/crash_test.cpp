// A process killed while it commits: what was acknowledged is there, and log and tables tell the same story.
#include <map>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syncline/base/random.hpp"
#include "tests/support/random_world.hpp"
#include "tests/unit/server_storage/temporary_database.hpp"

namespace syncline::tests {
namespace {

using server::storage::SqliteStorage;

// In the child: commits until it is killed, and names each version once it is durable.
[[noreturn]] void commit_for_ever(const std::string& path, std::uint64_t seed, int acknowledge) {
  auto opened = SqliteStorage::open(path, test_schema());
  if (!opened.ok()) ::_exit(2);
  SqliteStorage& storage = **opened;
  base::Random random(seed);
  std::uint32_t next_id = static_cast<std::uint32_t>(storage.version()) * 10 + 1;
  for (;;) {
    if (!storage.begin().ok()) ::_exit(3);
    for (std::uint64_t entries = 1 + random.below(3); entries > 0; --entries) {
      authority::LogEntry entry;
      entry.version = storage.version() + 1;
      entry.mutator = "test";
      for (std::uint64_t rows = 1 + random.below(3); rows > 0; --rows, ++next_id) {
        entry.changes.changes.push_back(
            {model::ChangeKind::insert,
             {},
             make_item(next_id,
                       {{kCode, std::to_string(next_id)},
                        {kNotes, std::string(random.below(3'000), 'n')}},
                       entry.version)});
        if (!storage.apply(entry.changes.changes.back()).ok()) ::_exit(4);
      }
      if (!storage.append(entry).ok()) ::_exit(5);
    }
    if (!storage.commit().ok()) ::_exit(6);
    const model::Version version = storage.version();
    if (::write(acknowledge, &version, sizeof version) != sizeof version) ::_exit(7);
  }
}

// The rows that the log tells of.
std::map<base::Id, model::Record> rows_by_log(SqliteStorage& storage, std::uint64_t& entries) {
  std::map<base::Id, model::Record> rows;
  EXPECT_TRUE(storage
                  .read_log(0, 0,
                            [&](const authority::LogEntry& entry) {
                              EXPECT_EQ(entry.version, ++entries) << "no hole";
                              for (const model::Change& change : entry.changes.changes) {
                                rows[change.id()] = change.after;
                              }
                              return true;
                            })
                  .ok());
  return rows;
}

std::map<base::Id, model::Record> rows_by_table(SqliteStorage& storage) {
  std::map<base::Id, model::Record> rows;
  EXPECT_TRUE(
      storage.sources()
          .source(kItems)
          .fetch({}, [&](const model::Record& row) { return rows.emplace(row.id(), row).second; })
          .ok());
  return rows;
}

TEST(Crash, AKilledProcessLosesNothingItAcknowledged) {
  TemporaryDatabase database(test_schema());
  base::Random random(3);
  for (std::uint64_t round = 0; round < 8; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      commit_for_ever(database.path(), round, ends[1]);
    }
    ::close(ends[1]);
    model::Version acknowledged = 0;
    for (std::uint64_t left = 3 + random.below(30); left > 0; --left) {
      ASSERT_EQ(::read(ends[0], &acknowledged, sizeof acknowledged),
                static_cast<ssize_t>(sizeof acknowledged));
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    // It may have got further than the parent had read.
    for (model::Version version = 0; ::read(ends[0], &version, sizeof version) == sizeof version;)
      acknowledged = version;
    ::close(ends[0]);

    SqliteStorage& storage = database.storage();
    EXPECT_GE(storage.version(), acknowledged);
    std::uint64_t entries = 0;
    const auto logged = rows_by_log(storage, entries);
    EXPECT_EQ(entries, storage.version());
    EXPECT_EQ(logged, rows_by_table(storage));
    {
      auto check = storage.connection().prepare("PRAGMA integrity_check");
      ASSERT_TRUE(*check->step());
      EXPECT_EQ(check->text(0), "ok");
    }
    database.close();
  }
}

}  // namespace
}  // namespace syncline::tests
