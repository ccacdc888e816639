// AuthStore: passwords and login sessions, in tables outside schema and commit log (SEMANTICS 39). Policy (hashing, times,
// reuse of tokens) is server/auth's; this only keeps and finds.
//
// Thread rule: thread-safe. It uses the writer's connection (there may be only one that writes) under
// SqliteStorage::write_mutex(), which the engine holds during its transactions: a call waits for a commit under way, at most
// some milliseconds. Each call is its own durable transaction, or, on the engine thread inside a transaction, part of that.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/storage/sqlite_storage.hpp"

namespace syncline::server::storage {

// One login: the family of refresh tokens that grew from it. Tokens themselves are never stored: they are MACs over session
// and generation (server/auth/tokens.hpp).
struct LoginSession {
  base::Id sid;
  base::Id user;
  std::uint32_t generation = 1;  // of the refresh token that is good now
  base::Timestamp created;
  base::Timestamp rotated;
  base::Timestamp expires;
  bool operator==(const LoginSession&) const = default;
};

class AuthStore {
 public:
  // REQUIRES: `storage` outlives the store.
  explicit AuthStore(SqliteStorage& storage) : storage_(storage) {}

  // Until it goes nobody else writes, the engine included: for what several calls decide together.
  [[nodiscard]] std::unique_lock<std::recursive_mutex> hold() {
    return std::unique_lock(storage_.write_mutex());
  }

  // All errors: storage_failed.
  [[nodiscard]] base::Result<std::optional<std::string>> password_hash(const base::Id& user);
  [[nodiscard]] base::Status put_password_hash(const base::Id& user, const std::string& hash);
  [[nodiscard]] base::Status delete_password(const base::Id& user);

  [[nodiscard]] base::Result<std::optional<LoginSession>> session(const base::Id& sid);
  [[nodiscard]] base::Result<std::vector<LoginSession>> sessions_of(const base::Id& user);
  // For the in-memory table that every request is checked against.
  [[nodiscard]] base::Result<std::vector<LoginSession>> all_sessions();
  // Inserts or replaces by sid.
  [[nodiscard]] base::Status put_session(const LoginSession& session);
  [[nodiscard]] base::Status delete_session(const base::Id& sid);
  // All but `keep`.
  [[nodiscard]] base::Status delete_sessions_of(const base::Id& user, const base::Id& keep = {});
  [[nodiscard]] base::Status delete_expired(base::Timestamp now);

 private:
  [[nodiscard]] base::Result<std::vector<LoginSession>> select(
      const std::string& condition, const std::vector<SqlValue>& parameters);
  [[nodiscard]] base::Status write(const std::string& sql, const std::vector<SqlValue>& parameters);

  SqliteStorage& storage_;
};

}  // namespace syncline::server::storage
