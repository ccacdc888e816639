// Who may sign in and who is signed in, in memory: every request checks it, so a logout or a deleted user takes effect at
// once, whatever their token says (SEMANTICS 35). The host loads it at start and stores each change before it answers.
//
// A session is one login and the family of its refresh tokens; its generation grows with each rotation.
// Invariant: every session belongs to a user who may sign in. Thread rule: thread-safe.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "server/auth/tokens.hpp"
#include "syncline/authority/authority.hpp"

namespace syncline::server::auth {

struct Session {
  base::Id id;
  base::Id user;
  std::uint32_t generation = 1;
  base::Timestamp created_at;
  base::Timestamp rotated_at;
  base::Timestamp expires_at;  // of the refresh token; moves with each rotation
  bool operator==(const Session&) const = default;
};

struct Rotation {
  enum class Kind : std::uint8_t {
    rotated,  // store `session`, then answer its tokens
    replayed,  // the answer was lost: give the same tokens again, nothing to store; `session` is as it was then
    reused,   // `session` has ended: delete it and close its sockets
    unknown,  // no such session
  };
  Kind kind = Kind::unknown;
  Session session;
  Session before;  // rotated: for take_back()
};

class SessionTable {
 public:
  struct Limits {
    std::int64_t session_ms = std::int64_t{30} * 24 * 3'600 * 1'000;
    std::int64_t replay_ms = 60'000;
  };
  SessionTable() : SessionTable(Limits()) {}
  explicit SessionTable(Limits limits) : limits_(limits) {}

  // ---- users
  // The user exists, has this role and may sign in; nullopt: is gone or may not, and the sessions that end are returned.
  std::vector<Session> set_user(const base::Id& user, std::optional<mutation::Role> role);
  [[nodiscard]] std::optional<mutation::Role> role(const base::Id& user) const;

  // ---- sessions
  // From the database at start. Expired ones and those of unknown users are left out.
  void restore(const Session& session, base::Timestamp now);
  // Errors: bad_credentials when the user may not sign in (any more).
  [[nodiscard]] base::Result<Session> start(const base::Id& user, base::Timestamp now);
  [[nodiscard]] Rotation rotate(const RefreshClaims& claims, base::Timestamp now);
  // What rotate() gave could not be stored and was told to nobody: the old token is the good one as before.
  void take_back(const Rotation& rotation);
  // The ended session, if there was one.
  std::optional<Session> end(const base::Id& session);
  // Ends a user's sessions but `keep`, and returns them.
  std::vector<Session> end_all(const base::Id& user, const base::Id& keep);
  // Sessions whose refresh token has expired; they are gone afterwards.
  std::vector<Session> expire(base::Timestamp now);
  // Errors: unauthenticated.
  [[nodiscard]] base::Result<authority::Identity> check(const Claims& claims) const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct Login {
    Session now;
    // What the last rotations gave, oldest first, as long as their answers may be asked for again. Not kept over a restart.
    std::deque<Session> given;
  };
  // Requires the lock.
  std::vector<Session> erase_sessions(const base::Id& user, const base::Id& keep);
  [[nodiscard]] std::optional<Session> given_for(const Login& login, std::uint32_t generation,
                                                 base::Timestamp now) const;

  const Limits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<base::Id, mutation::Role, base::IdHash> roles_;
  std::unordered_map<base::Id, Login, base::IdHash> sessions_;
};

}  // namespace syncline::server::auth
