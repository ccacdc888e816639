// Passwords: argon2id in a pool of its own. One hash takes tens of milliseconds and tens of megabytes, so the pool is small
// and its queue bounded: a flood of logins is refused, and never slows the engine or the sockets (SEMANTICS 14).
//
// Thread rule: thread-safe. Completions run on a pool thread and must not block. The destructor drops what still waits
// (its completions are called with `unavailable`) and joins.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "syncline/base/result.hpp"

namespace syncline::server::auth {

inline constexpr std::size_t kPasswordLengthMin = 10;
inline constexpr std::size_t kPasswordBytesMax = 1'024;  // argon2 would take more; nobody needs it

// How much work a hash is. Tests use less than people deserve.
struct PasswordCost {
  unsigned long long operations = 2;
  std::size_t memory_bytes = 64u << 20;
};

// Too short, too long, or fine. Length counts code points.
[[nodiscard]] base::Status check_password(const std::string& password);
// Synchronous forms, for the command line. hash fails only without memory. Errors: unavailable.
[[nodiscard]] base::Result<std::string> hash_password(const std::string& password,
                                                      PasswordCost cost = {});
[[nodiscard]] bool matches_password(const std::string& stored_hash, const std::string& password);

class PasswordPool {
 public:
  struct Options {
    std::size_t threads = 1;
    std::size_t queue_max = 64;
    PasswordCost cost;
  };
  explicit PasswordPool(Options options);
  ~PasswordPool();
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;

  // Errors: unavailable when the queue is full.
  void hash(std::string password, std::function<void(base::Result<std::string>)> done);
  // An empty stored hash (no such account) takes as long as a wrong password and is false. Errors: unavailable.
  void verify(std::string stored_hash, std::string password,
              std::function<void(base::Result<bool>)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace syncline::server::auth
