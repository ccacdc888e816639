#include "server/auth/ticket_table.hpp"

#include "server/auth/secret.hpp"

namespace syncline::server::auth {
namespace {

constexpr std::int64_t kTicketMs = 30'000;
constexpr std::size_t kTicketsMax = 10'000;

}  // namespace

std::string TicketTable::issue(const authority::Identity& identity, base::Timestamp now) {
  prepare_crypto();
  const Key random = random_key();
  std::string ticket = to_base64url(random);
  const std::lock_guard lock(mutex_);
  entries_[ticket] = {identity, now + kTicketMs};
  order_.push_back(ticket);
  while (!order_.empty()) {
    const auto oldest = entries_.find(order_.front());
    const bool keep = oldest != entries_.end() && now < oldest->second.expires_at;
    if (keep && order_.size() <= kTicketsMax) break;
    if (oldest != entries_.end()) entries_.erase(oldest);
    order_.pop_front();
  }
  return ticket;
}

base::Result<authority::Identity> TicketTable::redeem(const std::string& ticket,
                                                      base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(ticket);
  if (found == entries_.end() || found->second.expires_at <= now) {
    return base::Error{base::Code::unauthenticated,
                       "The ticket was used or has expired. Ask for a new one."};
  }
  const authority::Identity identity = found->second.identity;
  entries_.erase(found);
  return identity;
}

}  // namespace syncline::server::auth
