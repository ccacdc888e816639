// What other threads hand to the connections of one loop, taken by the loop in one go: a message to each of a thousand
// connections wakes it once, not a thousand times. In order also with what is posted to the loop itself.
// Thread rule: put() from anywhere.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "server/net/beast/queued_stream.hpp"

namespace syncline::server::net {

class LoopInbox : public boost::asio::execution_context::service, public Outlet {
 public:
  inline static boost::asio::execution_context::id id;
  // REQUIRES: the context is an io_context.
  explicit LoopInbox(boost::asio::execution_context& context) : service(context) {}

  // On the loop: what its connections share.
  FrameCache frames;

  void put(const Message& message, std::shared_ptr<const Addressees> to) override {
    bool is_first = false;
    {
      const std::lock_guard lock(mutex_);
      is_first = waiting_.empty();
      waiting_.push_back({message, std::move(to)});
    }
    if (!is_first) return;
    boost::asio::post(static_cast<boost::asio::io_context&>(context()), [this] { deliver_all(); });
  }

 private:
  struct Entry {
    Message message;
    std::shared_ptr<const Addressees> to;
  };

  void deliver_all() {
    std::vector<Entry> taken;
    {
      const std::lock_guard lock(mutex_);
      taken.swap(waiting_);
    }
    for (const Entry& entry : taken) {
      // Each is a look into cold memory, so it is fetched while those before it are served.
      constexpr std::size_t kAhead = 4;
      constexpr std::size_t kSoon = 2;
      constexpr std::size_t kCacheLine = 64;
      const Addressees& to = *entry.to;
      for (std::size_t i = 0; i < to.size(); ++i) {
        if (i + kAhead < to.size()) {
          const auto* next = reinterpret_cast<const char*>(to[i + kAhead].get());
          __builtin_prefetch(next);
          __builtin_prefetch(next + kCacheLine);
        }
        if (i + kSoon < to.size()) to[i + kSoon]->expect();
        to[i]->deliver(entry.message);
      }
    }
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
