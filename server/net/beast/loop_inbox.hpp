// What other threads hand to the connections of one loop, taken by the loop in one go: a message to each of a thousand
// connections wakes it once, not a thousand times. In order also with what is posted to the loop itself.
// Thread rule: put() from anywhere.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>

#include "server/net/beast/queued_stream.hpp"

namespace syncline::server::net {

class LoopInbox : public boost::asio::execution_context::service {
 public:
  class Addressee {
   public:
    virtual ~Addressee() = default;
    // On the loop.
    virtual void deliver(const Message& message) = 0;
  };

  inline static boost::asio::execution_context::id id;
  explicit LoopInbox(boost::asio::execution_context& context) : service(context) {}

  // On the loop: what its connections share.
  FrameCache frames;

  // `executor`: of the loop that this is the inbox of.
  template <class Executor>
  void put(const Executor& executor, std::shared_ptr<Addressee> to, Message message) {
    bool is_first = false;
    {
      const std::lock_guard lock(mutex_);
      is_first = waiting_.empty();
      waiting_.emplace_back(std::move(to), std::move(message));
    }
    if (is_first) boost::asio::post(executor, [this] { deliver_all(); });
  }

 private:
  using Entry = std::pair<std::shared_ptr<Addressee>, Message>;

  void deliver_all() {
    std::vector<Entry> taken;
    {
      const std::lock_guard lock(mutex_);
      taken.swap(waiting_);
    }
    for (const Entry& entry : taken) entry.first->deliver(entry.second);
    frames = {};
  }

  void shutdown() override {
    std::vector<Entry> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(waiting_);
  }

  std::mutex mutex_;
  std::vector<Entry> waiting_;
};

}  // namespace syncline::server::net
