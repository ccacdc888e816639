// Ten failures per account and address and minute, also in parallel; a ticket works once and for 30 s.
#include <gtest/gtest.h>

#include "server/auth/login_limiter.hpp"
#include "server/auth/ticket_table.hpp"

namespace syncline::server::auth {
namespace {

const base::Timestamp kNow{1'800'000'000'000};

void fail(LoginLimiter& limiter, int times, const std::string& account,
          const std::string& address) {
  for (int i = 0; i < times; ++i) ASSERT_TRUE(limiter.begin(account, address, kNow + i).ok()) << i;
}

TEST(LoginLimiter, TheEleventhFailureWaits) {
  LoginLimiter limiter;
  fail(limiter, 10, "a@example.com", "1.2.3.4");
  const auto refused = limiter.begin("A@Example.com", "1.2.3.4", kNow + 100);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::rate_limited);
  EXPECT_TRUE(limiter.begin("a@example.com", "1.2.3.5", kNow + 100).ok());
  EXPECT_TRUE(limiter.begin("b@example.com", "1.2.3.4", kNow + 100).ok());
}

TEST(LoginLimiter, TheWindowSlides) {
  LoginLimiter limiter;
  fail(limiter, 10, "a", "x");
  EXPECT_FALSE(limiter.begin("a", "x", kNow + 59'999).ok());
  EXPECT_TRUE(limiter.begin("a", "x", kNow + 60'000).ok());   // the first one has gone
  EXPECT_FALSE(limiter.begin("a", "x", kNow + 60'000).ok());  // the second one not yet
}

TEST(LoginLimiter, SuccessForgivesAndLaterFailuresCountAgain) {
  LoginLimiter limiter;
  fail(limiter, 9, "a", "x");
  ASSERT_TRUE(limiter.begin("a", "x", kNow + 20).ok());
  limiter.succeeded("a", "x");
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(limiter.begin("a", "x", kNow + 30'000 + i).ok());
  // The forgiven attempts leave the window now; they must not take the younger ones with them.
  EXPECT_FALSE(limiter.begin("a", "x", kNow + 61'000).ok());
}

TEST(LoginLimiter, MemoryIsBounded) {
  LoginLimiter limiter({.failures = 10, .window_ms = 60'000, .keys = 100});
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(limiter.begin(std::to_string(i), "x", kNow).ok());
  EXPECT_TRUE(limiter.begin("0", "x", kNow).ok());
}

TEST(LoginLimiter, CanBeSwitchedOff) {
  LoginLimiter limiter({.enabled = false});
  fail(limiter, 1'000, "a", "x");
}

TEST(TicketTable, WorksOnceAndFor30Seconds) {
  TicketTable tickets;
  const authority::Identity identity{{{}, mutation::Role::agent}, {}, kNow + 900'000};
  const std::string ticket = tickets.issue(identity, kNow);
  EXPECT_NE(ticket, tickets.issue(identity, kNow));
  const auto redeemed = tickets.redeem(ticket, kNow + 29'999);
  ASSERT_TRUE(redeemed.ok());
  EXPECT_EQ(redeemed->actor, identity.actor);
  EXPECT_FALSE(tickets.redeem(ticket, kNow + 29'999).ok());
  EXPECT_FALSE(tickets.redeem(tickets.issue(identity, kNow), kNow + 30'000).ok());
  EXPECT_FALSE(tickets.redeem("", kNow).ok());
}

}  // namespace
}  // namespace syncline::server::auth
