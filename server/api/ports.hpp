// What the API needs from the rest of the server, as interfaces; server/app connects them. So REST can be tested without
// sockets, and sockets without REST.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "syncline/authority/authority.hpp"
#include "syncline/ivm/pipeline.hpp"

namespace syncline::server::api {

// A consistent state of the database at one version, for reads outside the engine thread (SEMANTICS 14: at most 2 s).
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  [[nodiscard]] virtual model::Version version() const = 0;
  [[nodiscard]] virtual ivm::SourceProvider& sources() = 0;
  // Of those sources, and how many rows one query may read of them.
  [[nodiscard]] virtual authority::Planner& planner() = 0;
  [[nodiscard]] virtual std::uint64_t query_cost_max() const = 0;
  // Matching rows, without limit and after. Errors: storage_failed.
  [[nodiscard]] virtual base::Result<std::uint64_t> count(const query::Query& query) = 0;
  // Count and sums by group as the query's aggregate says. Errors: storage_failed.
  [[nodiscard]] virtual base::Result<std::vector<ivm::AggregateRow>> aggregate(
      const query::Query& query) = 0;
  // Log entries after a version, ascending.
  [[nodiscard]] virtual base::Status read_log(
      model::Version after, std::uint32_t limit,
      const std::function<bool(const authority::LogEntry&)>& visit) = 0;
};

class Database {
 public:
  virtual ~Database() = default;
  // Thread-safe. Errors: unavailable.
  [[nodiscard]] virtual base::Result<std::unique_ptr<Snapshot>> snapshot() = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  // Thread-safe; `done` is called on the engine thread after the commit is durable.
  virtual void submit(authority::Submission submission,
                      std::function<void(authority::Answer)> done) = 0;
};

// Accounts as the API sees them. All thread-safe; slow work (argon2id) runs in its own bounded pool.
struct LoginAnswer {
  std::string access_token;
  std::string refresh_token;
  std::int64_t expires_in_s = 0;
  base::Id user;
};
class Accounts {
 public:
  virtual ~Accounts() = default;
  using LoginDone = std::function<void(base::Result<LoginAnswer>)>;
  // Errors: bad_credentials, rate_limited (SEMANTICS 37).
  virtual void login(std::string email, std::string password, std::string address,
                     LoginDone done) = 0;
  // Errors: unauthenticated, refresh_reused (SEMANTICS 35).
  virtual void refresh(std::string refresh_token, LoginDone done) = 0;
  virtual void logout(const authority::Identity& identity, std::function<void()> done) = 0;
  // Errors: unauthenticated, token_expired.
  [[nodiscard]] virtual base::Result<authority::Identity> verify(
      const std::string& access_token) = 0;
  // The same login with the rights that it has now. Errors: unauthenticated.
  [[nodiscard]] virtual base::Result<authority::Identity> present(
      const authority::Identity& identity) const = 0;
  // A ticket for one SSE request, valid 30 s, usable once.
  [[nodiscard]] virtual std::string issue_ticket(const authority::Identity& identity) = 0;
  [[nodiscard]] virtual base::Result<authority::Identity> redeem_ticket(
      const std::string& ticket) = 0;
  // A new password in three steps, so that it is stored with the effects of the write that brings it. First what is stored
  // of it. Errors: invalid (too short), unavailable (too many wait).
  virtual void hash_password(std::string password,
                             std::function<void(base::Result<std::string>)> done) = 0;
  // Then, on the engine thread inside a transaction, as a part of that: whoever knew the old one is out, but for the session
  // `keep`. Errors: storage_failed.
  [[nodiscard]] virtual base::Status put_password(const base::Id& user, const std::string& hash,
                                                  const base::Id& keep) = 0;
  // And after the commit: they are told.
  virtual void end_sessions(const base::Id& user, const base::Id& keep) = 0;
};

}  // namespace syncline::server::api
