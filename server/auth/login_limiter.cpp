#include "server/auth/login_limiter.hpp"

#include <algorithm>

namespace syncline::server::auth {
namespace {

std::string fold(std::string account) {
  constexpr std::size_t kAccountMax =
      320;  // longer is no e-mail address, and must not fill the memory
  account.resize(std::min(account.size(), kAccountMax));
  std::transform(account.begin(), account.end(), account.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return account;
}

}  // namespace

void LoginLimiter::forget(base::Timestamp now) {
  while (!order_.empty() &&
         (now - order_.front().first >= limits_.window_ms || order_.size() > limits_.keys)) {
    const auto found = attempts_.find(order_.front().second);
    // A success has forgiven the account's attempts meanwhile: then there is nothing, or only younger ones.
    if (found != attempts_.end() && !found->second.empty() &&
        found->second.front() <= order_.front().first) {
      found->second.pop_front();
      if (found->second.empty()) attempts_.erase(found);
    }
    order_.pop_front();
  }
}

base::Status LoginLimiter::begin(const std::string& account, const std::string& address,
                                 base::Timestamp now) {
  if (!limits_.enabled) return {};
  const std::lock_guard lock(mutex_);
  forget(now);
  const KeyOf key{fold(account), address};
  auto& attempts = attempts_[key];
  if (attempts.size() >= limits_.failures) {
    return base::Error{base::Code::rate_limited,
                       "Too many failed sign-ins. Wait a minute and try again."};
  }
  attempts.push_back(now);
  order_.emplace_back(now, key);
  return {};
}

void LoginLimiter::succeeded(const std::string& account, const std::string& address) {
  const std::lock_guard lock(mutex_);
  attempts_.erase(KeyOf{fold(account), address});
}

}  // namespace syncline::server::auth
