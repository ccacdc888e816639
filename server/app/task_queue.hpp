// A bounded queue of tasks and the threads that run them in order. One thread: tasks never overlap, so what they share needs
// no lock. Thread rule: thread-safe. stop() runs what was accepted, then joins.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace syncline::server::app {

class TaskQueue {
 public:
  using Task = std::function<void()>;

  TaskQueue(std::size_t threads, std::size_t waiting_max);
  ~TaskQueue();
  TaskQueue(const TaskQueue&) = delete;
  TaskQueue& operator=(const TaskQueue&) = delete;

  // False: too many wait, or it was stopped; the task was not taken.
  [[nodiscard]] bool post(Task task);
  void stop();

 private:
  void run();

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace syncline::server::app
