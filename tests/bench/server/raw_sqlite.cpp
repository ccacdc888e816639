// What SQLite can do by itself: the same rows, the same durability, prepared statements, nothing else around it.
#include <sqlite3.h>

#include "tests/bench/server/cases.hpp"
#include "tests/bench/server/syncline_server.hpp"
#include "tests/bench/support/leads.hpp"
#include "tests/bench/support/stopwatch.hpp"

namespace syncline::bench {
namespace {

class Database {
 public:
  explicit Database(const std::string& path) {
    if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK) give_up("SQLite opens no " + path);
    // As durable as the server's own; SQLite's defaults where they say nothing about that.
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000;"
        "PRAGMA cache_size = -65536;");
  }
  ~Database() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
  }
  Database(const Database&) = delete;

  void run(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      give_up(sqlite3_errmsg(handle_));
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr) != SQLITE_OK)
      give_up(sqlite3_errmsg(handle_));
    statements_.push_back(statement);
    return statement;
  }
  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) give_up(sqlite3_errmsg(handle_));
    sqlite3_reset(statement);
  }

 private:
  sqlite3* handle_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

void bind_id(sqlite3_stmt* statement, int at, const base::Id& id) {
  sqlite3_bind_blob(statement, at, id.bytes.data(), static_cast<int>(id.bytes.size()),
                    SQLITE_TRANSIENT);
}
void bind_text(sqlite3_stmt* statement, int at, const std::string& text) {
  sqlite3_bind_text(statement, at, text.c_str(), -1, SQLITE_TRANSIENT);
}

std::vector<base::Id> fill(Database& database, std::size_t rows, base::Random& random) {
  database.run(
      "CREATE TABLE leads (id BLOB PRIMARY KEY NOT NULL, version INTEGER NOT NULL, name TEXT, "
      "email TEXT, phone "
      "TEXT, companyName TEXT, jobTitle TEXT, sourceId BLOB, status INTEGER, score INTEGER, value "
      "INTEGER, ownerId BLOB, createdAt INTEGER, updatedAt INTEGER) STRICT");
  sqlite3_stmt* insert = database.prepare(
      "INSERT INTO leads VALUES (?, 1, ?, ?, ?, ?, 'Head of Purchasing', ?, 2, ?, ?, ?, ?, ?)");
  std::vector<base::Id> ids;
  database.run("BEGIN");
  for (std::size_t i = 0; i < rows; ++i) {
    ids.push_back(random_id(random));
    const std::string n = std::to_string(i);
    bind_id(insert, 1, ids.back());
    bind_text(insert, 2, "Katharina Hoffmann " + n);
    bind_text(insert, 3, "hoffmann." + n + "@example.com");
    bind_text(insert, 4, "+49 30 " + std::to_string(1'000'000 + i));
    bind_text(insert, 5, "Nordlicht GmbH " + std::to_string(i % 5'000));
    bind_id(insert, 6, ids.front());
    sqlite3_bind_int64(insert, 7, static_cast<sqlite3_int64>(i % 101));
    sqlite3_bind_int64(insert, 8, static_cast<sqlite3_int64>(random.below(1'000'000'000)));
    bind_id(insert, 9, ids.front());
    sqlite3_bind_int64(insert, 10, 1'793'491'200'000);
    sqlite3_bind_int64(insert, 11, 1'793'491'200'000);
    database.step(insert);
  }
  database.run("COMMIT");
  return ids;
}

}  // namespace

Line run_raw_sqlite(const Options& options, std::size_t per_transaction) {
  const Folder folder(options.folder, "sqlite");
  base::Random random(1);
  Database database(folder.path() + "/bench.db");
  const std::vector<base::Id> ids = fill(database, options.rows, random);
  sqlite3_stmt* begin = database.prepare("BEGIN IMMEDIATE");
  sqlite3_stmt* commit = database.prepare("COMMIT");
  sqlite3_stmt* update =
      database.prepare("UPDATE leads SET version = ?, value = ?, updatedAt = ? WHERE id = ?");
  Latencies latencies;
  std::int64_t version = 1;
  const Stopwatch all;
  while (all.seconds() < options.seconds) {
    const Stopwatch one;
    database.step(begin);
    for (std::size_t i = 0; i < per_transaction; ++i) {
      sqlite3_bind_int64(update, 1, ++version);
      sqlite3_bind_int64(update, 2, static_cast<sqlite3_int64>(random.below(1'000'000'000)));
      sqlite3_bind_int64(update, 3, 1'793'491'200'000 + version);
      bind_id(update, 4, ids[random.index(ids.size())]);
      database.step(update);
    }
    database.step(commit);
    latencies.add(one.us());
  }
  const double updates = static_cast<double>(version - 1);
  return {"commits",
          "sqlite-" + std::to_string(per_transaction),
          latencies.quantile(0.5),
          latencies.quantile(0.99),
          updates / all.seconds(),
          0};
}

}  // namespace syncline::bench
