// Counts failed logins per account and address (SEMANTICS 37). An attempt counts as failed from its start and is forgiven when
// it succeeds, so that a burst of parallel guesses does not slip through while the first ones are still being hashed.
// Memory is bounded: with too many keys the oldest are forgotten. Thread rule: thread-safe.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "syncline/base/result.hpp"
#include "syncline/base/time.hpp"

namespace syncline::server::auth {

class LoginLimiter {
 public:
  struct Limits {
    std::size_t failures = 10;
    std::int64_t window_ms = 60'000;
    std::size_t keys = 50'000;
    bool enabled = true;  // --limits off
  };
  LoginLimiter() = default;
  explicit LoginLimiter(Limits limits) : limits_(limits) {}

  // Errors: rate_limited.
  [[nodiscard]] base::Status begin(const std::string& account, const std::string& address,
                                   base::Timestamp now);
  void succeeded(const std::string& account, const std::string& address);

 private:
  using KeyOf = std::pair<std::string, std::string>;  // account in lower case, address
  void forget(base::Timestamp now);

  const Limits limits_;
  std::mutex mutex_;
  std::map<KeyOf, std::deque<base::Timestamp>> attempts_;
  std::deque<std::pair<base::Timestamp, KeyOf>> order_;  // every attempt, oldest first
};

}  // namespace syncline::server::auth
