#include "server/auth/session_table.hpp"

namespace syncline::server::auth {
namespace {

// Nobody rotates so often in a minute; what is older counts as reuse.
constexpr std::size_t kGivenMax = 32;

}  // namespace

std::vector<Session> SessionTable::set_user(const base::Id& user,
                                            std::optional<mutation::Role> role) {
  const std::lock_guard lock(mutex_);
  if (role) {
    roles_[user] = *role;
    return {};
  }
  roles_.erase(user);
  return erase_sessions(user, {});
}

std::vector<Session> SessionTable::end_all(const base::Id& user, const base::Id& keep) {
  const std::lock_guard lock(mutex_);
  return erase_sessions(user, keep);
}

std::vector<Session> SessionTable::erase_sessions(const base::Id& user, const base::Id& keep) {
  std::vector<Session> ended;
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    if (it->second.now.user == user && !(it->first == keep)) {
      ended.push_back(it->second.now);
      it = sessions_.erase(it);
    } else {
      ++it;
    }
  }
  return ended;
}

std::optional<mutation::Role> SessionTable::role(const base::Id& user) const {
  const std::lock_guard lock(mutex_);
  const auto found = roles_.find(user);
  return found == roles_.end() ? std::nullopt : std::optional(found->second);
}

void SessionTable::restore(const Session& session, base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (session.expires_at <= now || !roles_.contains(session.user)) return;
  sessions_[session.id] = Login{session, {}};
}

base::Result<Session> SessionTable::start(const base::Id& user, base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (!roles_.contains(user)) {
    return base::Error{base::Code::bad_credentials, "E-mail or password is wrong."};
  }
  Session session{random_id(now), user, 1, now, now, now + limits_.session_ms};
  sessions_[session.id] = Login{session, {}};
  return session;
}

std::optional<Session> SessionTable::given_for(const Login& login, std::uint32_t generation,
                                               base::Timestamp now) const {
  const auto fresh = [&](const Session& given) {
    return given.generation == generation + 1 && now - given.rotated_at <= limits_.replay_ms;
  };
  for (const Session& given : login.given) {
    if (fresh(given)) return given;
  }
  // The last rotation is in the database, so it is known after a restart too.
  return login.now.generation > 1 && fresh(login.now) ? std::optional(login.now) : std::nullopt;
}

Rotation SessionTable::rotate(const RefreshClaims& claims, base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(claims.session);
  if (found == sessions_.end()) return {};
  Login& login = found->second;
  if (login.now.expires_at <= now) return {};
  if (claims.generation == login.now.generation) {
    const Session before = login.now;
    ++login.now.generation;
    login.now.rotated_at = now;
    login.now.expires_at = now + limits_.session_ms;
    login.given.push_back(login.now);
    while (login.given.size() > kGivenMax ||
           now - login.given.front().rotated_at > limits_.replay_ms) {
      login.given.pop_front();
    }
    return {Rotation::Kind::rotated, login.now, before};
  }
  if (const auto given = given_for(login, claims.generation, now)) {
    return {Rotation::Kind::replayed, *given, {}};
  }
  const Rotation reused{Rotation::Kind::reused, login.now, {}};
  sessions_.erase(found);
  return reused;
}

void SessionTable::take_back(const Rotation& rotation) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(rotation.session.id);
  if (found == sessions_.end() || !(found->second.now == rotation.session)) return;
  found->second.now = rotation.before;
  if (!found->second.given.empty()) found->second.given.pop_back();
}

std::optional<Session> SessionTable::end(const base::Id& session) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return std::nullopt;
  Session ended = found->second.now;
  sessions_.erase(found);
  return ended;
}

std::vector<Session> SessionTable::expire(base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  std::vector<Session> expired;
  for (const auto& [id, login] : sessions_) {
    if (login.now.expires_at <= now) expired.push_back(login.now);
  }
  for (const auto& session : expired) sessions_.erase(session.id);
  return expired;
}

base::Result<authority::Identity> SessionTable::check(const Claims& claims) const {
  const std::lock_guard lock(mutex_);
  const auto session = sessions_.find(claims.session);
  const auto role = roles_.find(claims.user);
  if (session == sessions_.end() || role == roles_.end() ||
      !(session->second.now.user == claims.user)) {
    return base::Error{base::Code::unauthenticated, "The session has ended. Sign in again."};
  }
  return authority::Identity{{claims.user, role->second}, claims.session, claims.expires_at};
}

std::size_t SessionTable::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace syncline::server::auth
