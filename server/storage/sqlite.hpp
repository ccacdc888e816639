// A thin, typed skin over libsqlite3: connections, statements from a cache, errors as values (storage_failed). Nothing here
// knows Syncline's tables. sqlite3.h stays out of the header.
//
// Thread rule: SQLite is opened in serialized mode and the statement cache is locked, so several threads may prepare and run
// their own statements on one Connection; a Statement is one thread's. Who may write when is the owner's business.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "syncline/base/bytes.hpp"
#include "syncline/base/id.hpp"
#include "syncline/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace syncline::server::storage {

// What SQLite can hold of ours.
using SqlValue = std::variant<std::monostate, std::int64_t, std::string, base::Bytes>;
[[nodiscard]] SqlValue sql_value(const base::Id& id);

class Connection;

// A prepared statement on loan from its connection's cache or from who keeps it; given back by the destructor. Its lender
// outlives it.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Parameters in their order. A failed bind is reported by the next step().
  Statement& bind(std::int64_t value);
  Statement& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind(std::string_view value);
  Statement& bind(base::ByteView value);
  Statement& bind(const base::Id& value) { return bind(base::ByteView(value.bytes)); }
  Statement& bind(const SqlValue& value);
  Statement& bind_null();
  // Not copied. REQUIRES: the bytes live until the statement has run or is reset.
  Statement& bind_in_place(std::string_view value);
  Statement& bind_in_place(base::ByteView value);
  Statement& bind_all(const std::vector<SqlValue>& values);

  // True: there is a row to look at. Errors: storage_failed.
  [[nodiscard]] base::Result<bool> step();
  // Steps to the end.
  [[nodiscard]] base::Status run();
  // Ready for other parameters.
  void reset();

  // REQUIRES: step() gave true. Views are valid until the next step(), reset() or the end.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint64_t natural(int column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] base::ByteView blob(int column) const;
  [[nodiscard]] base::Id id(int column) const;  // nil when it is not 16 bytes

 private:
  friend class Connection;
  friend class KeptStatement;
  Statement(Connection& connection, std::string sql, sqlite3_stmt* handle)
      : connection_(&connection), sql_(std::move(sql)), handle_(handle) {}
  void check_bind(int code);
  [[nodiscard]] base::Error error(std::string_view doing) const;

  Connection* connection_;
  std::string sql_;  // empty: the statement is kept
  sqlite3_stmt* handle_;
  int next_parameter_ = 1;
  int bind_error_ = 0;
};

class Connection {
 public:
  enum class Mode : std::uint8_t { write, read };
  // Opens the file (write mode creates it) and registers SYNCLINE collation and functions. Errors: storage_failed.
  [[nodiscard]] static base::Result<std::unique_ptr<Connection>> open(const std::string& path,
                                                                      Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;

  // Errors: storage_failed.
  [[nodiscard]] base::Result<Statement> prepare(std::string sql);
  // One or more statements without parameters.
  [[nodiscard]] base::Status exec(const std::string& sql);
  // Rows changed by the last statement.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] bool in_transaction() const;
  // Statements that run longer than this are interrupted; 0 is no limit. Counted from now on.
  void limit_time(std::int64_t milliseconds);
  [[nodiscard]] base::Error error(std::string_view doing) const;
  // What the disk refused since somebody asked, whoever heard of it; none: nothing.
  [[nodiscard]] std::optional<base::Error> take_disk_error();
  // Writes what the transaction under way has changed, without ending it. If that fails so does the next statement.
  void write_ahead();
  // SQLite's own lock, held over many calls: each of them then finds it held instead of taking it. Nests.
  void lock();
  void unlock();

 private:
  friend class Statement;
  friend class KeptStatement;
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  void give_back(std::string sql, sqlite3_stmt* handle);

  static constexpr std::size_t kCachedStatementsMax = 256;
  struct Cached {
    std::string sql;
    sqlite3_stmt* handle;
  };
  sqlite3* handle_;
  mutable std::mutex cache_mutex_;
  mutable std::optional<base::Error> disk_error_;  // under cache_mutex_
  std::list<Cached> idle_;                         // most recently used first
  std::unordered_multimap<std::string_view, std::list<Cached>::iterator> idle_by_sql_;
  std::int64_t deadline_ms_ = 0;  // steady clock
};

// A statement that its owner keeps prepared from its first use on: what runs for every mutation is found without looking up
// its text. Lent once at a time, to one thread.
class KeptStatement {
 public:
  // REQUIRES: the connection outlives it.
  KeptStatement(Connection& connection, std::string sql)
      : connection_(connection), sql_(std::move(sql)) {}
  ~KeptStatement();
  KeptStatement(const KeptStatement&) = delete;

  // Every parameter is to be bound anew. Errors: storage_failed.
  [[nodiscard]] base::Result<Statement> use();

 private:
  Connection& connection_;
  const std::string sql_;
  sqlite3_stmt* handle_ = nullptr;
};

}  // namespace syncline::server::storage
