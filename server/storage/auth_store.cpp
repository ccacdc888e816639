#include "server/storage/auth_store.hpp"

namespace syncline::server::storage {

namespace {

constexpr const char* kColumns = "sid, user, generation, created, rotated, expires";

LoginSession read_session(const Statement& row) {
  LoginSession session;
  session.sid = row.id(0);
  session.user = row.id(1);
  session.generation = static_cast<std::uint32_t>(row.integer(2));
  session.created = {row.integer(3)};
  session.rotated = {row.integer(4)};
  session.expires = {row.integer(5)};
  return session;
}

std::optional<LoginSession> first(const std::vector<LoginSession>& sessions) {
  if (sessions.empty()) return std::nullopt;
  return sessions.front();
}

}  // namespace

base::Status AuthStore::write(const std::string& sql, const std::vector<SqlValue>& parameters) {
  const std::lock_guard lock(storage_.write_mutex());
  SYNC_TRY(storage_.check_writable());
  // Alone a statement is its own transaction: durable when it is done.
  SYNC_ASSIGN(auto statement, storage_.connection().prepare(sql));
  base::Status written = statement.bind_all(parameters).run();
  if (!written.ok()) storage_.note_refusal();
  return written;
}

base::Result<std::vector<LoginSession>> AuthStore::select(const std::string& condition,
                                                          const std::vector<SqlValue>& parameters) {
  const std::lock_guard lock(storage_.write_mutex());
  SYNC_ASSIGN(auto rows,
              storage_.connection().prepare(std::string("SELECT ") + kColumns +
                                            " FROM syncline_sessions WHERE " + condition));
  rows.bind_all(parameters);
  std::vector<LoginSession> sessions;
  for (;;) {
    SYNC_ASSIGN(const bool row, rows.step());
    if (!row) return sessions;
    sessions.push_back(read_session(rows));
  }
}

base::Result<std::optional<std::string>> AuthStore::password_hash(const base::Id& user) {
  const std::lock_guard lock(storage_.write_mutex());
  SYNC_ASSIGN(auto statement,
              storage_.connection().prepare("SELECT hash FROM syncline_passwords WHERE user = ?"));
  SYNC_ASSIGN(const bool row, statement.bind(user).step());
  if (!row) return std::optional<std::string>();
  return std::optional(std::string(statement.text(0)));
}

base::Status AuthStore::put_password_hash(const base::Id& user, const std::string& hash) {
  return write("INSERT OR REPLACE INTO syncline_passwords (user, hash) VALUES (?, ?)",
               {sql_value(user), hash});
}

base::Status AuthStore::delete_password(const base::Id& user) {
  return write("DELETE FROM syncline_passwords WHERE user = ?", {sql_value(user)});
}

base::Result<std::optional<LoginSession>> AuthStore::session(const base::Id& sid) {
  SYNC_ASSIGN(auto found, select("sid = ?", {sql_value(sid)}));
  return first(found);
}

base::Result<std::vector<LoginSession>> AuthStore::sessions_of(const base::Id& user) {
  return select("user = ? ORDER BY created", {sql_value(user)});
}

base::Result<std::vector<LoginSession>> AuthStore::all_sessions() {
  return select("1 ORDER BY sid", {});
}

base::Status AuthStore::put_session(const LoginSession& session) {
  return write(std::string("INSERT OR REPLACE INTO syncline_sessions (") + kColumns +
                   ") VALUES (?, ?, ?, ?, ?, ?)",
               {sql_value(session.sid), sql_value(session.user),
                static_cast<std::int64_t>(session.generation), session.created.ms,
                session.rotated.ms, session.expires.ms});
}

base::Status AuthStore::delete_session(const base::Id& sid) {
  return write("DELETE FROM syncline_sessions WHERE sid = ?", {sql_value(sid)});
}

base::Status AuthStore::delete_sessions_of(const base::Id& user, const base::Id& keep) {
  return write("DELETE FROM syncline_sessions WHERE user = ? AND sid <> ?",
               {sql_value(user), sql_value(keep)});
}

base::Status AuthStore::delete_expired(base::Timestamp now) {
  return write("DELETE FROM syncline_sessions WHERE expires < ?", {now.ms});
}

}  // namespace syncline::server::storage
