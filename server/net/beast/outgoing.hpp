// The queue of one connection's outgoing messages: one write in flight, bounded, pieces kept alive until written.
// Thread rule: the connection's loop.
#pragma once

#include <deque>

#include <boost/asio/buffer.hpp>

#include "server/net/connection.hpp"

namespace syncline::server::net {

class Outgoing {
 public:
  explicit Outgoing(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // False: the client does not read; give it up.
  [[nodiscard]] bool push(std::vector<Piece> pieces) {
    std::size_t size = 0;
    for (const auto& piece : pieces) size += piece->size();
    if (!queue_.empty() && bytes_ + size > bytes_max_) return false;
    bytes_ += size;
    queue_.push_back({std::move(pieces), size});
    return true;
  }
  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] bool may_write() const { return !writing_ && !queue_.empty(); }

  // The message to write now; it stays until done(). REQUIRES: may_write()
  [[nodiscard]] std::vector<boost::asio::const_buffer> begin() {
    writing_ = true;
    std::vector<boost::asio::const_buffer> buffers;
    buffers.reserve(queue_.front().pieces.size());
    for (const auto& piece : queue_.front().pieces)
      buffers.emplace_back(piece->data(), piece->size());
    return buffers;
  }
  // The message has been written; its size.
  std::size_t done() {
    const std::size_t size = queue_.front().size;
    writing_ = false;
    bytes_ -= size;
    queue_.pop_front();
    return size;
  }

 private:
  struct Message {
    std::vector<Piece> pieces;
    std::size_t size = 0;
  };
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  bool writing_ = false;
  std::deque<Message> queue_;
};

}  // namespace syncline::server::net
