#include "server/auth/session_table.hpp"

namespace syncline::server::auth {

std::vector<Session> SessionTable::set_user(const base::Id& user,
                                            std::optional<mutation::Role> role) {
  const std::lock_guard lock(mutex_);
  std::vector<Session> ended;
  if (role) {
    roles_[user] = *role;
    return ended;
  }
  roles_.erase(user);
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    if (it->second.user == user) {
      ended.push_back(it->second);
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
  sessions_[session.id] = session;
}

base::Result<Session> SessionTable::start(const base::Id& user, base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (!roles_.contains(user)) {
    return base::Error{base::Code::bad_credentials, "E-mail or password is wrong."};
  }
  Session session{random_id(now), user, 1, now, now, now + limits_.session_ms};
  sessions_[session.id] = session;
  return session;
}

Rotation SessionTable::rotate(const RefreshClaims& claims, base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(claims.session);
  if (found == sessions_.end()) return {};
  Session& session = found->second;
  if (session.expires_at <= now) return {};
  if (claims.generation == session.generation) {
    ++session.generation;
    session.rotated_at = now;
    session.expires_at = now + limits_.session_ms;
    return {Rotation::Kind::rotated, session};
  }
  const bool previous = claims.generation + 1 == session.generation;
  if (previous && now - session.rotated_at <= limits_.replay_ms) {
    return {Rotation::Kind::replayed, session};
  }
  const Rotation reused{Rotation::Kind::reused, session};
  sessions_.erase(found);
  return reused;
}

std::optional<Session> SessionTable::end(const base::Id& session) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return std::nullopt;
  Session ended = found->second;
  sessions_.erase(found);
  return ended;
}

std::vector<Session> SessionTable::expire(base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  std::vector<Session> expired;
  for (const auto& [id, session] : sessions_) {
    if (session.expires_at <= now) expired.push_back(session);
  }
  for (const auto& session : expired) sessions_.erase(session.id);
  return expired;
}

base::Result<authority::Identity> SessionTable::check(const Claims& claims) const {
  const std::lock_guard lock(mutex_);
  const auto session = sessions_.find(claims.session);
  const auto role = roles_.find(claims.user);
  if (session == sessions_.end() || role == roles_.end() ||
      !(session->second.user == claims.user)) {
    return base::Error{base::Code::unauthenticated, "The session has ended. Sign in again."};
  }
  return authority::Identity{{claims.user, role->second}, claims.session, claims.expires_at};
}

std::size_t SessionTable::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace syncline::server::auth
