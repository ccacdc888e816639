// Access tokens (JWT, HS256) and refresh tokens. Both are MACs under keys derived from the one signing key.
//
// A refresh token names (session, generation) and nothing is stored for it but the session's current generation: the same
// session and generation always give the same token, so a lost answer can be given again word for word (SEMANTICS 35).
// Thread rule: immutable after construction.
#pragma once

#include <string>
#include <string_view>

#include "server/auth/secret.hpp"
#include "syncline/base/result.hpp"

namespace syncline::server::auth {

struct Claims {
  base::Id user;               // sub
  base::Id session;            // sid
  std::string role;            // for people who read tokens; rights come from the session table
  base::Timestamp issued_at;   // iat, whole seconds
  base::Timestamp expires_at;  // exp, whole seconds
  bool operator==(const Claims&) const = default;
};

struct RefreshClaims {
  base::Id session;
  std::uint32_t generation = 0;
  bool operator==(const RefreshClaims&) const = default;
};

class Tokens {
 public:
  explicit Tokens(const Key& signing_key);
  [[nodiscard]] std::string sign(const Claims& claims) const;
  // Only what sign() makes is accepted: one header, byte for byte, so no other algorithm can be named.
  // Errors: unauthenticated, token_expired.
  [[nodiscard]] base::Result<Claims> verify(std::string_view token, base::Timestamp now) const;

  [[nodiscard]] std::string sign_refresh(const RefreshClaims& claims) const;
  // Errors: unauthenticated. Whether the generation is still good is the session table's business.
  [[nodiscard]] base::Result<RefreshClaims> verify_refresh(std::string_view token) const;

 private:
  Key access_key_;
  Key refresh_key_;
};

}  // namespace syncline::server::auth
