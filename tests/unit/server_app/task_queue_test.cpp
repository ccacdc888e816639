// What the queue takes it runs, in order; what is too much it refuses.
#include "server/app/task_queue.hpp"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace syncline::server::app {
namespace {

TEST(TaskQueue, OneThreadRunsInOrderAndStopFinishesWhatWasTaken) {
  std::vector<int> order;
  TaskQueue queue(1, 1'000);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(queue.post([&order, i] { order.push_back(i); }));
  queue.stop();
  ASSERT_EQ(order.size(), 500u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_FALSE(queue.post([] {}));
}

TEST(TaskQueue, RefusesWhatIsTooMuch) {
  std::promise<void> running, go;
  TaskQueue queue(1, 2);
  ASSERT_TRUE(queue.post([&] {
    running.set_value();
    go.get_future().wait();
  }));
  running.get_future().wait();
  EXPECT_TRUE(queue.post([] {}));
  EXPECT_TRUE(queue.post([] {}));
  EXPECT_FALSE(queue.post([] {}));
  go.set_value();
}

TEST(TaskQueue, SeveralThreadsRunEverythingOnce) {
  std::atomic<int> sum = 0;
  {
    TaskQueue queue(4, 10'000);
    for (int i = 1; i <= 1'000; ++i) ASSERT_TRUE(queue.post([&sum, i] { sum += i; }));
  }
  EXPECT_EQ(sum, 500'500);
}

}  // namespace
}  // namespace syncline::server::app
