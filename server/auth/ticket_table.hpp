// One-time tickets for requests that cannot carry a header (Server-Sent Events): 30 s, usable once, so that no token appears in
// a URL (SEMANTICS 35). Thread rule: thread-safe.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

#include "syncline/authority/authority.hpp"

namespace syncline::server::auth {

class TicketTable {
 public:
  [[nodiscard]] std::string issue(const authority::Identity& identity, base::Timestamp now);
  // Errors: unauthenticated.
  [[nodiscard]] base::Result<authority::Identity> redeem(const std::string& ticket,
                                                         base::Timestamp now);

 private:
  struct Entry {
    authority::Identity identity;
    base::Timestamp expires_at;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> order_;  // oldest first; bounds the memory
};

}  // namespace syncline::server::auth
