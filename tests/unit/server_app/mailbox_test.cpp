// What is posted arrives once and in order; after the stop nothing is taken any more, and nothing taken is lost.
#include "server/app/mailbox.hpp"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "server/app/clock.hpp"

namespace syncline::server::app {
namespace {

void run(const Mailbox::Delivery& delivery) {
  for (const auto& task : delivery.tasks) task();
}

TEST(Mailbox, DeliversInOrderAndOnce) {
  Mailbox mailbox;
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(mailbox.post([&order, i] { order.push_back(i); }));
  run(mailbox.wait(std::nullopt));
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_TRUE(mailbox.take().tasks.empty());
}

TEST(Mailbox, WaitsNoLongerThanAsked) {
  Mailbox mailbox;
  const Mailbox::Delivery late = mailbox.wait(now() + -1);
  EXPECT_TRUE(late.tasks.empty());
  EXPECT_FALSE(late.stopping);
}

TEST(Mailbox, TheStopWakesAndRefuses) {
  Mailbox mailbox;
  bool ran = false;
  EXPECT_TRUE(mailbox.post([&ran] { ran = true; }));
  mailbox.stop();
  EXPECT_FALSE(mailbox.post([] {}));
  const Mailbox::Delivery last = mailbox.wait(std::nullopt);
  EXPECT_TRUE(last.stopping);
  run(last);
  EXPECT_TRUE(ran) << "what was taken is delivered";
}

TEST(Mailbox, ManyPostersLoseNothing) {
  constexpr int kPosters = 4, kEach = 5'000;
  Mailbox mailbox;
  int sum = 0;  // touched by this thread only
  std::vector<std::thread> posters;
  for (int p = 0; p < kPosters; ++p) {
    posters.emplace_back([&mailbox, &sum] {
      for (int i = 0; i < kEach; ++i) mailbox.post([&sum] { ++sum; });
    });
  }
  while (sum < kPosters * kEach) run(mailbox.wait(std::nullopt));
  for (auto& poster : posters) poster.join();
  EXPECT_EQ(sum, kPosters * kEach);
}

}  // namespace
}  // namespace syncline::server::app
