#include "server/storage/sqlite.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include <sqlite3.h>

#include "server/storage/sql_functions.hpp"
#include "server/storage/wal_vfs.hpp"

namespace syncline::server::storage {

namespace {

constexpr int kBusyTimeoutMs = 5'000;
constexpr int kStepsBetweenClockReads = 20'000;

// "INSERT": errors reach people, to whom the rest of the statement says nothing.
std::string kind_of(std::string_view sql) { return std::string(sql.substr(0, sql.find(' '))); }

using Release = void (*)(void*);

// A null pointer would bind NULL; an empty view may have one.
int bind_text(sqlite3_stmt* statement, int at, std::string_view value, Release release) {
  const char* data = value.data() == nullptr ? "" : value.data();
  return sqlite3_bind_text64(statement, at, data, value.size(), release, SQLITE_UTF8);
}

int bind_blob(sqlite3_stmt* statement, int at, base::ByteView value, Release release) {
  static const std::uint8_t nothing = 0;
  const void* data = value.empty() ? &nothing : value.data();
  return sqlite3_bind_blob64(statement, at, data, value.size(), release);
}

constexpr const char* kFull =
    "The disk is full, so nothing can be written. Nothing was lost, and it goes on by itself when "
    "there is space.";
constexpr const char* kReadOnly =
    "The disk is read-only, so nothing can be written. It goes on by itself when the disk takes "
    "writes again.";

// Why nothing can be written, for people; nullptr: that is not what happened.
const char* no_room(sqlite3* handle, int system_error) {
  switch (sqlite3_errcode(handle) & 0xff) {
    case SQLITE_FULL: return kFull;
    case SQLITE_READONLY: return kReadOnly;
    case SQLITE_IOERR: break;
    default: return nullptr;
  }
  switch (system_error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return kFull;
    case EROFS: return kReadOnly;
    default: return nullptr;
  }
}

bool is_of_the_disk(int code) {
  code &= 0xff;
  return code == SQLITE_FULL || code == SQLITE_READONLY || code == SQLITE_IOERR;
}

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

int past_deadline(void* deadline_ms) {
  const auto deadline = *static_cast<const std::int64_t*>(deadline_ms);
  return deadline != 0 && steady_ms() > deadline ? 1 : 0;
}

}  // namespace

SqlValue sql_value(const base::Id& id) { return base::Bytes(id.bytes.begin(), id.bytes.end()); }

// ---- Statement

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      sql_(std::move(other.sql_)),
      handle_(std::exchange(other.handle_, nullptr)),
      next_parameter_(other.next_parameter_),
      bind_error_(other.bind_error_) {}

Statement::~Statement() {
  if (handle_ == nullptr) return;
  if (sql_.empty()) {
    sqlite3_reset(handle_);
  } else {
    connection_->give_back(std::move(sql_), handle_);
  }
}

void Statement::check_bind(int code) {
  if (code != SQLITE_OK) bind_error_ = code;
}

Statement& Statement::bind(std::int64_t value) {
  check_bind(sqlite3_bind_int64(handle_, next_parameter_++, value));
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  check_bind(bind_text(handle_, next_parameter_++, value, SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(base::ByteView value) {
  check_bind(bind_blob(handle_, next_parameter_++, value, SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_in_place(std::string_view value) {
  check_bind(bind_text(handle_, next_parameter_++, value, SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind_in_place(base::ByteView value) {
  check_bind(bind_blob(handle_, next_parameter_++, value, SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind_null() {
  check_bind(sqlite3_bind_null(handle_, next_parameter_++));
  return *this;
}

Statement& Statement::bind(const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return bind(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return bind(std::string_view(*text));
  if (const auto* bytes = std::get_if<base::Bytes>(&value)) return bind(base::ByteView(*bytes));
  return bind_null();
}

Statement& Statement::bind_all(const std::vector<SqlValue>& values) {
  for (const SqlValue& value : values) bind(value);
  return *this;
}

base::Error Statement::error(std::string_view doing) const {
  return connection_->error(std::string(doing) + kind_of(sqlite3_sql(handle_)));
}

base::Result<bool> Statement::step() {
  if (bind_error_ != 0) return error("bind ");
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return error("run ");
}

base::Status Statement::run() {
  for (;;) {
    SYNC_ASSIGN(const bool row, step());
    if (!row) return {};
  }
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  next_parameter_ = 1;
  bind_error_ = 0;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

base::ByteView Statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

base::Id Statement::id(int column) const {
  const base::ByteView bytes = blob(column);
  return bytes.size() == 16 ? base::id_from_bytes(bytes.data()) : base::Id{};
}

// ---- Connection

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode) {
  const int flags =
      SQLITE_OPEN_FULLMUTEX |
      (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  // Counting SQLite's memory would take a lock of the whole process for every allocation, and nobody reads it.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* handle = nullptr;
  const char* const vfs = mode == Mode::write ? wal_vfs() : nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, vfs);
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (code != SQLITE_OK) return connection->error("open " + path);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  if (!register_functions(handle)) return connection->error("register functions");
  return connection;
}

Connection::~Connection() {
  for (const Cached& cached : idle_) sqlite3_finalize(cached.handle);
  sqlite3_close_v2(handle_);
}

base::Result<Statement> Connection::prepare(std::string sql) {
  {
    const std::lock_guard lock(cache_mutex_);
    if (const auto found = idle_by_sql_.find(sql); found != idle_by_sql_.end()) {
      const auto cached = found->second;
      idle_by_sql_.erase(found);
      sqlite3_stmt* const handle = cached->handle;
      idle_.erase(cached);
      return Statement(*this, std::move(sql), handle);
    }
  }
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return error("prepare " + kind_of(sql));
  return Statement(*this, std::move(sql), handle);
}

void Connection::give_back(std::string sql, sqlite3_stmt* handle) {
  sqlite3_reset(handle);
  sqlite3_clear_bindings(handle);
  const std::lock_guard lock(cache_mutex_);
  idle_.push_front(Cached{std::move(sql), handle});
  idle_by_sql_.emplace(idle_.front().sql, idle_.begin());
  if (idle_.size() <= kCachedStatementsMax) return;
  const auto oldest = std::prev(idle_.end());
  const auto [first, last] = idle_by_sql_.equal_range(oldest->sql);
  const auto entry =
      std::find_if(first, last, [&oldest](const auto& pair) { return pair.second == oldest; });
  if (entry != last) idle_by_sql_.erase(entry);
  sqlite3_finalize(oldest->handle);
  idle_.erase(oldest);
}

base::Status Connection::exec(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error("run " + kind_of(sql));
  }
  return {};
}

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_); }

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

void Connection::limit_time(std::int64_t milliseconds) {
  deadline_ms_ = milliseconds == 0 ? 0 : steady_ms() + milliseconds;
  if (deadline_ms_ == 0) {
    sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
  } else {
    sqlite3_progress_handler(handle_, kStepsBetweenClockReads, past_deadline, &deadline_ms_);
  }
}

void Connection::lock() { sqlite3_mutex_enter(sqlite3_db_mutex(handle_)); }

void Connection::unlock() { sqlite3_mutex_leave(sqlite3_db_mutex(handle_)); }

base::Error Connection::error(std::string_view doing) const {
  const int system_error = errno;  // of a failed COMMIT SQLite itself does not keep it
  std::string message = "The database could not ";
  message.append(doing.substr(0, 200));
  message += ": ";
  message += handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
  base::Error error{base::Code::storage_failed, std::move(message)};
  if (handle_ == nullptr || !is_of_the_disk(sqlite3_errcode(handle_))) return error;
  if (const char* const why = no_room(handle_, system_error)) error.message = why;
  const std::lock_guard lock(cache_mutex_);
  disk_error_ = error;
  return error;
}

std::optional<base::Error> Connection::take_disk_error() {
  const std::lock_guard lock(cache_mutex_);
  return std::exchange(disk_error_, std::nullopt);
}

void Connection::write_ahead() { static_cast<void>(sqlite3_db_cacheflush(handle_)); }

// ---- KeptStatement

KeptStatement::~KeptStatement() { sqlite3_finalize(handle_); }

base::Result<Statement> KeptStatement::use() {
  if (handle_ == nullptr) {
    const int code =
        sqlite3_prepare_v3(connection_.handle_, sql_.data(), static_cast<int>(sql_.size()),
                           SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
    if (code != SQLITE_OK) return connection_.error("prepare " + kind_of(sql_));
  }
  return Statement(connection_, {}, handle_);
}

}  // namespace syncline::server::storage
