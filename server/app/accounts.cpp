#include "server/app/accounts.hpp"

#include <algorithm>
#include <utility>

#include "domain/platform/users.hpp"
#include "server/app/clock.hpp"
#include "server/app/log.hpp"

namespace syncline::server::app {
namespace {

using domain::platform::User;

constexpr std::int64_t kAccessMs = 15 * 60 * 1'000;

std::string lower(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return folded;
}

storage::LoginSession stored(const auth::Session& session) {
  return {session.id,         session.user,       session.generation,
          session.created_at, session.rotated_at, session.expires_at};
}

base::Error wrong_credentials() {
  return {base::Code::bad_credentials, "E-mail or password is wrong."};
}

// The transaction that it belongs to fails of the same reason.
void tell_failure(const base::Id& user, const base::Status& deleted) {
  if (deleted.ok()) return;
  log(Level::error, "credentials_not_deleted",
      {{"user", base::to_string(user)}, {"error", deleted.error().message}});
}

}  // namespace

Accounts::Accounts(const auth::Key& signing_key, storage::AuthStore& store, AccountsOptions options)
    : tokens_(signing_key),
      store_(store),
      limiter_(auth::LoginLimiter::Limits{.enabled = options.limits}),
      passwords_({.threads = options.password_threads, .queue_max = 256, .cost = {}}) {}

base::Status Accounts::load(ivm::SourceProvider& sources) {
  ivm::FetchRequest everyone;
  everyone.where = query::always();
  SYNC_TRY(sources.source(domain::kUsersId).fetch(everyone, [this](const model::Record& user) {
    put_user(user);
    return true;
  }));
  SYNC_TRY(store_.delete_expired(now()));
  SYNC_ASSIGN(const auto logins, store_.all_sessions());
  for (const auto& login : logins) {
    sessions_.restore(
        {login.sid, login.user, login.generation, login.created, login.rotated, login.expires},
        now());
  }
  return {};
}

std::vector<auth::Session> Accounts::put_user(const model::Record& user) {
  const bool may = user.integer(User::can_log_in) != 0;
  const auto role = static_cast<mutation::Role>(user.integer(User::role));
  auto ended = sessions_.set_user(user.id(), may ? std::optional(role) : std::nullopt);
  const std::lock_guard lock(mutex_);
  by_email_[lower(user.text(User::email))] = user.id();
  return ended;
}

std::vector<UserChange> Accounts::apply(const authority::LogEntry& entry) {
  std::vector<UserChange> changes;
  // All the old addresses before any new one: one commit may hand an address on.
  for (const auto& change : entry.changes.changes) {
    if (change.collection().id() != domain::kUsersId || !change.before) continue;
    const std::lock_guard lock(mutex_);
    by_email_.erase(lower(change.before.text(User::email)));
  }
  for (const auto& change : entry.changes.changes) {
    if (change.collection().id() != domain::kUsersId) continue;
    const base::Id user = change.id();
    auto ended = change.after ? put_user(change.after) : sessions_.set_user(user, std::nullopt);
    const auto role = sessions_.role(user);
    // A new user has no password yet, whoever had this id before.
    if (!change.before || !change.after) tell_failure(user, store_.delete_password(user));
    if (!role) tell_failure(user, store_.delete_sessions_of(user));
    changes.push_back({user, role ? std::optional(mutation::Actor{user, *role}) : std::nullopt,
                       std::move(ended)});
  }
  return changes;
}

std::vector<UserChange> Accounts::undo(const authority::LogEntry& entry,
                                       const std::vector<auth::Session>& ended) {
  std::vector<UserChange> changes;
  for (const auto& change : entry.changes.changes) {
    if (change.collection().id() != domain::kUsersId || !change.after) continue;
    const std::lock_guard lock(mutex_);
    by_email_.erase(lower(change.after.text(User::email)));
  }
  for (const auto& change : entry.changes.changes) {
    if (change.collection().id() != domain::kUsersId) continue;
    if (change.before) {
      put_user(change.before);
    } else {
      sessions_.set_user(change.id(), std::nullopt);
    }
    const auto role = sessions_.role(change.id());
    changes.push_back({change.id(),
                       role ? std::optional(mutation::Actor{change.id(), *role}) : std::nullopt,
                       {}});
  }
  for (const auth::Session& session : ended) sessions_.restore(session, now());
  return changes;
}

std::optional<base::Id> Accounts::find_user(const std::string& email) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_email_.find(lower(email));
  return found == by_email_.end() ? std::nullopt : std::optional(found->second);
}

api::LoginAnswer Accounts::answer_of(const auth::Session& session) const {
  // From the session alone, to the second: so a repeated refresh gets the very same pair (SEMANTICS 35).
  const base::Timestamp issued{session.rotated_at.ms / 1'000 * 1'000};
  const auto role = sessions_.role(session.user);
  api::LoginAnswer answer;
  answer.access_token =
      tokens_.sign({session.user, session.id,
                    std::string(mutation::to_string(role.value_or(mutation::Role::viewer))), issued,
                    issued + kAccessMs});
  answer.refresh_token = tokens_.sign_refresh({session.id, session.generation});
  answer.expires_in_s = (issued + kAccessMs - now()) / 1'000;
  answer.user = session.user;
  return answer;
}

void Accounts::login(std::string email, std::string password, std::string address, LoginDone done) {
  if (const auto allowed = limiter_.begin(email, address, now()); !allowed.ok())
    return done(allowed.error());
  const auto user = find_user(email);
  std::string hash;
  if (user && sessions_.role(*user)) {
    auto found = store_.password_hash(*user);
    if (!found.ok()) return done(found.error());
    hash = found->value_or("");
  }
  passwords_.verify(hash, std::move(password),
                    [this, user, hash, email = std::move(email), address = std::move(address),
                     done](base::Result<bool> matches) {
                      if (!matches.ok()) return done(matches.error());
                      if (!*matches) {
                        log(Level::info, "login_failed", {{"email", email}, {"address", address}});
                        return done(wrong_credentials());
                      }
                      limiter_.succeeded(email, address);
                      finish_login(*user, hash, done);
                    });
}

// The password may have changed while it was verified: whoever knows only the old one is out.
base::Result<auth::Session> Accounts::start_session(const base::Id& user, const std::string& hash) {
  const auto hold = store_.hold();
  SYNC_ASSIGN(const auto newest, store_.password_hash(user));
  if (newest != hash) return wrong_credentials();
  SYNC_ASSIGN(auto session, sessions_.start(user, now()));
  if (const auto kept = store_.put_session(stored(session)); !kept.ok()) {
    sessions_.end(session.id);
    return kept.error();
  }
  return session;
}

void Accounts::finish_login(const base::Id& user, const std::string& hash, const LoginDone& done) {
  const auto session = start_session(user, hash);
  if (!session.ok()) return done(session.error());
  log(Level::info, "login",
      {{"user", base::to_string(user)}, {"session", base::to_string(session->id)}});
  done(answer_of(*session));
}

// Stored before anybody can end the session, so that no row of an ended one comes back.
base::Result<auth::Rotation> Accounts::rotate(const auth::RefreshClaims& claims) {
  const auto hold = store_.hold();
  const auth::Rotation rotation = sessions_.rotate(claims, now());
  if (rotation.kind != auth::Rotation::Kind::rotated) return rotation;
  if (base::Status kept = store_.put_session(stored(rotation.session)); !kept.ok()) {
    // The client has the old token only, and may ask again much later than an answer is repeated.
    sessions_.take_back(rotation);
    return kept.error();
  }
  return rotation;
}

void Accounts::refresh(std::string refresh_token, LoginDone done) {
  const auto claims = tokens_.verify_refresh(refresh_token);
  if (!claims.ok()) return done(claims.error());
  const auto rotation = rotate(*claims);
  if (!rotation.ok()) return done(rotation.error());
  switch (rotation->kind) {
    case auth::Rotation::Kind::rotated:
    case auth::Rotation::Kind::replayed: return done(answer_of(rotation->session));
    case auth::Rotation::Kind::reused:
      log(Level::warning, "refresh_reused", {{"user", base::to_string(rotation->session.user)}});
      end(rotation->session);
      return done(base::Error{base::Code::refresh_reused,
                              "This refresh token was used before. Sign in again."});
    case auth::Rotation::Kind::unknown:
      return done(
          base::Error{base::Code::unauthenticated, "The session has ended. Sign in again."});
  }
}

void Accounts::logout(const authority::Identity& identity, std::function<void()> done) {
  if (const auto session = sessions_.end(identity.session)) {
    log(Level::info, "logout",
        {{"user", base::to_string(session->user)}, {"session", base::to_string(session->id)}});
    end(*session);
  }
  done();
}

void Accounts::end(const auth::Session& session) {
  if (const auto status = store_.delete_session(session.id); !status.ok()) {
    log(Level::error, "session_not_deleted",
        {{"session", base::to_string(session.id)}, {"error", status.error().message}});
  }
  if (on_session_ended_) on_session_ended_(session);
}

base::Result<authority::Identity> Accounts::verify(const std::string& access_token) {
  SYNC_ASSIGN(const auto claims, tokens_.verify(access_token, now()));
  return sessions_.check(claims);
}

base::Result<authority::Identity> Accounts::present(const authority::Identity& identity) const {
  return sessions_.check({identity.actor.user, identity.session, "", {}, identity.expires_at});
}

std::string Accounts::issue_ticket(const authority::Identity& identity) {
  return tickets_.issue(identity, now());
}

base::Result<authority::Identity> Accounts::redeem_ticket(const std::string& ticket) {
  SYNC_ASSIGN(const auto identity, tickets_.redeem(ticket, now()));
  // The session may have ended since.
  return present(identity);
}

void Accounts::hash_password(std::string password,
                             std::function<void(base::Result<std::string>)> done) {
  if (const auto good = auth::check_password(password); !good.ok()) return done(good.error());
  passwords_.hash(std::move(password), std::move(done));
}

base::Status Accounts::put_password(const base::Id& user, const std::string& hash,
                                    const base::Id& keep) {
  const auto hold = store_.hold();
  SYNC_TRY(store_.put_password_hash(user, hash));
  return store_.delete_sessions_of(user, keep);
}

void Accounts::end_sessions(const base::Id& user, const base::Id& keep) {
  for (const auth::Session& session : sessions_.end_all(user, keep)) end(session);
}

}  // namespace syncline::server::app
