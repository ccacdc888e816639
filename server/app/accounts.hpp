// Accounts: logins, tokens and sessions as the API and the sync socket need them; joins server/auth (rules) with the auth store
// (tables) and follows the users collection, so that a changed role or a deleted user acts at once.
//
// Thread rule: thread-safe. apply() is called on the engine thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "server/api/ports.hpp"
#include "server/auth/login_limiter.hpp"
#include "server/auth/passwords.hpp"
#include "server/auth/session_table.hpp"
#include "server/auth/ticket_table.hpp"
#include "server/storage/auth_store.hpp"

namespace syncline::server::app {

struct AccountsOptions {
  bool limits = true;  // --limits off
  std::size_t password_threads = 2;
};

// What became of a user: the rights from now on, or none (gone, or may not sign in).
struct UserChange {
  base::Id user;
  std::optional<mutation::Actor> actor;
  std::vector<auth::Session> ended;  // logins that went with the rights
};

class Accounts final : public api::Accounts {
 public:
  // REQUIRES: the store outlives it.
  Accounts(const auth::Key& signing_key, storage::AuthStore& store, AccountsOptions options);

  // Reads users and sessions. Before anybody calls anything else. Errors: storage_failed.
  [[nodiscard]] base::Status load(ivm::SourceProvider& sources);
  // Follows a commit; returns whose connections must hear of it.
  std::vector<UserChange> apply(const authority::LogEntry& entry);
  // The commit that was followed has failed, and the database is as it was before; `ended` by it, they go on.
  std::vector<UserChange> undo(const authority::LogEntry& entry,
                               const std::vector<auth::Session>& ended);
  // Told of sessions that end by logout or reuse of a refresh token.
  void set_on_session_ended(std::function<void(const auth::Session&)> listener) {
    on_session_ended_ = std::move(listener);
  }

  // ---- api::Accounts
  void login(std::string email, std::string password, std::string address, LoginDone done) override;
  void refresh(std::string refresh_token, LoginDone done) override;
  void logout(const authority::Identity& identity, std::function<void()> done) override;
  [[nodiscard]] base::Result<authority::Identity> verify(const std::string& access_token) override;
  [[nodiscard]] base::Result<authority::Identity> present(
      const authority::Identity& identity) const override;
  [[nodiscard]] std::string issue_ticket(const authority::Identity& identity) override;
  [[nodiscard]] base::Result<authority::Identity> redeem_ticket(const std::string& ticket) override;
  void hash_password(std::string password,
                     std::function<void(base::Result<std::string>)> done) override;
  [[nodiscard]] base::Status put_password(const base::Id& user, const std::string& hash,
                                          const base::Id& keep) override;
  void end_sessions(const base::Id& user, const base::Id& keep) override;

  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

 private:
  // Returns the logins that ended, where the user may not sign in any more.
  std::vector<auth::Session> put_user(const model::Record& user);
  [[nodiscard]] std::optional<base::Id> find_user(const std::string& email) const;
  [[nodiscard]] api::LoginAnswer answer_of(const auth::Session& session) const;
  // `hash` is the one that the password matched.
  void finish_login(const base::Id& user, const std::string& hash, const LoginDone& done);
  [[nodiscard]] base::Result<auth::Session> start_session(const base::Id& user,
                                                          const std::string& hash);
  [[nodiscard]] base::Result<auth::Rotation> rotate(const auth::RefreshClaims& claims);
  void end(const auth::Session& session);

  const auth::Tokens tokens_;
  storage::AuthStore& store_;
  auth::SessionTable sessions_;
  auth::LoginLimiter limiter_;
  auth::TicketTable tickets_;
  std::function<void(const auth::Session&)> on_session_ended_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, base::Id> by_email_;  // in lower case
  auth::PasswordPool passwords_;                        // last: its threads use the rest
};

}  // namespace syncline::server::app
