// The stream below a WebSocket: reads go through to TCP, writes into one queue. A WebSocket's own small frames (handshake,
// pong, close) come here as bytes from Beast; messages come as pieces that many connections share, are given their frame's head
// here and go to the socket with as little around them as can be: a change that a thousand people watch is a thousand messages.
//
// Invariants: what is queued leaves in order, each frame whole; the queue is empty unless the socket takes no more.
// Thread rule: the connection's loop.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

#include "server/net/connection.hpp"

namespace syncline::server::net {

// RFC 6455, 5.2: the head of one unmasked frame.
struct FrameHead {
  FrameHead(std::size_t content, bool binary) {
    const std::uint8_t wide = content < 126 ? 0 : content < 65'536 ? 2 : 8;
    bytes[0] = binary ? 0x82 : 0x81;
    bytes[1] = wide == 0 ? static_cast<std::uint8_t>(content) : wide == 2 ? 126 : 127;
    for (std::uint8_t i = 0; i < wide; ++i)
      bytes[2u + i] = static_cast<std::uint8_t>(content >> (8 * (wide - 1 - i)));
    size = static_cast<std::uint8_t>(2 + wide);
  }
  FrameHead() = default;
  std::array<std::uint8_t, 10> bytes{};
  std::uint8_t size = 0;
};

[[nodiscard]] inline std::size_t content_size(const Message& message) {
  std::size_t size = 0;
  for (const Piece& piece : *message) size += piece->size();
  return size;
}

// The frame of a short message in one piece, made once for all who get it one after the other.
class FrameCache {
 public:
  struct Frame {
    base::Bytes bytes;  // empty: the message is not short
    std::size_t content = 0;
  };
  [[nodiscard]] const Frame& frame(const Message& message, bool binary) {
    if (message == message_ && binary == binary_) return frame_;
    message_ = message;
    binary_ = binary;
    frame_.bytes.clear();
    frame_.content = content_size(message);
    constexpr std::size_t kShort = 16u << 10;
    if (frame_.content > kShort) return frame_;
    const FrameHead head(frame_.content, binary);
    frame_.bytes.assign(head.bytes.begin(), head.bytes.begin() + head.size);
    for (const Piece& piece : *message)
      frame_.bytes.insert(frame_.bytes.end(), piece->begin(), piece->end());
    return frame_;
  }

 private:
  Message message_;
  bool binary_ = false;
  Frame frame_;
};

// What a message to one of a thousand connections looks at, for their owner to have at hand: what the layers of streams hold
// lies in memory of their own, and none of it is in the processor's cache.
class DirectWay {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  // REQUIRES: the socket outlives the last send(), and stays where it is.
  void lead_to(Socket& socket) { socket_ = &socket; }

  // How much the network took at once; nothing where others wait before it, or where it takes nothing now.
  [[nodiscard]] std::size_t send(const base::Bytes& frame) {
    if (!is_free || frame.empty()) return 0;
    // A socket that was closed meanwhile says so by its handle.
    const ssize_t sent =
        ::send(socket_->native_handle(), frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }
  void expect() const { __builtin_prefetch(socket_); }
  bool is_free = true;  // nothing is queued, nothing has failed

 private:
  Socket* socket_ = nullptr;
};

class QueuedStream {
 public:
  using next_layer_type = boost::beast::tcp_stream;
  using executor_type = next_layer_type::executor_type;
  using ErrorCode = boost::system::error_code;

  // Who holds the stream, and hears of it.
  class Owner {
   public:
    virtual ~Owner() = default;
    // The owner, for as long as something waits for the socket.
    virtual std::shared_ptr<void> hold() = 0;
    // So many bytes of messages have gone to the network.
    virtual void written(std::size_t bytes) = 0;
    // Nothing is queued any more, after something was.
    virtual void drained() = 0;
  };

  QueuedStream(next_layer_type stream, DirectWay& direct, Owner& owner)
      : stream_(std::move(stream)), direct_(direct), owner_(owner) {
    direct_.lead_to(stream_.socket());
  }
  QueuedStream(const QueuedStream&) = delete;

  executor_type get_executor() noexcept { return stream_.get_executor(); }
  next_layer_type& next_layer() { return stream_; }
  [[nodiscard]] const next_layer_type& next_layer() const { return stream_; }

  // A message, as a frame of its own, of which the first `sent` bytes have gone the direct way. False: more than `queued_max`
  // bytes wait; the client does not read.
  [[nodiscard]] bool send_rest(const Message& message, bool binary, std::size_t sent,
                               std::size_t queued_max) {
    const std::size_t content = content_size(message);
    if (direct_.is_free)
      sent_of_first_ = sent;
    else if (queued_ + content > queued_max)
      return false;
    enqueue({FrameHead(content, binary), message, content});
    return true;
  }
  [[nodiscard]] bool is_empty() const { return queue_.empty(); }

  // ---- what Beast needs of a stream

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return stream_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  // Beast's bytes are taken at once, so its frames are never between the parts of another one. It has one write at a time, and
  // reads on after it: whoever makes it answer (pings) and does not read is not read from either, once much waits.
  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(ErrorCode, std::size_t)>(
        [this](auto&& done, const Buffers& from) {
          base::Bytes bytes;
          for (const auto& buffer : boost::beast::buffers_range_ref(from)) {
            const auto* data = static_cast<const std::uint8_t*>(buffer.data());
            bytes.insert(bytes.end(), data, data + buffer.size());
          }
          const std::size_t size = bytes.size();
          enqueue({{},
                   std::make_shared<const std::vector<Piece>>(
                       std::vector<Piece>{std::make_shared<const base::Bytes>(std::move(bytes))}),
                   0,
                   size});
          answer_beast(std::forward<decltype(done)>(done), size);
        },
        handler, buffers);
  }

  // Calls back when all that was queued has left, or cannot any more.
  template <class Handler>
  void when_empty(Handler handler) {
    if (queue_.empty()) return handler();
    when_empty_ = [handler = std::make_shared<Handler>(std::move(handler))] { (*handler)(); };
  }

 private:
  struct Queued {
    FrameHead head;  // of size 0: bytes of Beast's
    Message message;
    std::size_t content = 0;  // of a message; 0 for Beast's
    std::size_t beast = 0;    // bytes of Beast's
  };
  static constexpr std::size_t kBeastBytesMax = 16u << 10;

  template <class Done>
  void answer_beast(Done done, std::size_t size) {
    auto answer = [this, done = std::make_shared<std::decay_t<Done>>(std::move(done)), size] {
      boost::asio::post(get_executor(),
                        boost::beast::bind_front_handler(std::move(*done), error_, size));
    };
    if (error_ || beast_queued_ <= kBeastBytesMax) return answer();
    held_answer_ = std::move(answer);
  }
  void tell_beast() {
    if (held_answer_ && beast_queued_ <= kBeastBytesMax) std::exchange(held_answer_, nullptr)();
  }

  void enqueue(Queued queued) {
    if (error_) return;
    direct_.is_free = false;
    queued_ += queued.content;
    beast_queued_ += queued.beast;
    queue_.push_back(std::move(queued));
    if (queue_.size() == 1) flush();
  }

  // Sends until the queue is empty or the socket takes no more.
  void flush() {
    while (!queue_.empty()) {
      std::array<iovec, 64> parts;
      msghdr header{};
      header.msg_iov = parts.data();
      header.msg_iovlen = gather(parts);
      const ssize_t sent =
          ::sendmsg(stream_.socket().native_handle(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        take(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return wait_for_room();
      } else if (errno != EINTR) {
        return fail({errno, boost::system::system_category()});
      }
    }
  }

  // The unsent parts of the first messages.
  std::size_t gather(std::array<iovec, 64>& parts) const {
    std::size_t count = 0;
    std::size_t skipped = sent_of_first_;
    const auto add = [&](const std::uint8_t* data, std::size_t size) {
      const std::size_t from = std::min(skipped, size);
      skipped -= from;
      if (from == size || count == parts.size()) return;
      parts[count++] = {const_cast<std::uint8_t*>(data) + from, size - from};
    };
    for (const Queued& queued : queue_) {
      add(queued.head.bytes.data(), queued.head.size);
      for (const Piece& piece : *queued.message) add(piece->data(), piece->size());
      if (count == parts.size()) break;
    }
    return count;
  }

  void take(std::size_t sent) {
    sent_of_first_ += sent;
    std::size_t content = 0;
    while (!queue_.empty()) {
      const Queued& first = queue_.front();
      const std::size_t whole = first.head.size + content_size(first.message);
      if (sent_of_first_ < whole) break;
      sent_of_first_ -= whole;
      content += first.content;
      beast_queued_ -= first.beast;
      queue_.pop_front();
    }
    queued_ -= content;
    if (content > 0) owner_.written(content);
    tell_beast();
    if (!queue_.empty()) return;
    direct_.is_free = true;
    tell_empty();
  }

  void wait_for_room() {
    stream_.socket().async_wait(boost::asio::socket_base::wait_write,
                                [this, owner = owner_.hold()](ErrorCode code) {
                                  if (code) return fail(code);
                                  flush();
                                });
  }

  // The read fails too and says so; here only nobody must wait any longer.
  void fail(ErrorCode code) {
    error_ = code;
    queue_.clear();
    queued_ = beast_queued_ = 0;
    tell_beast();
    tell_empty();
  }

  void tell_empty() {
    if (when_empty_) std::exchange(when_empty_, nullptr)();
    owner_.drained();
  }

  next_layer_type stream_;
  DirectWay& direct_;
  Owner& owner_;
  std::deque<Queued> queue_;
  std::size_t queued_ = 0;        // content of the messages in it
  std::size_t beast_queued_ = 0;  // of Beast's bytes
  std::function<void()> held_answer_;
  std::size_t sent_of_first_ = 0;  // bytes of the first one that have left
  ErrorCode error_;
  std::function<void()> when_empty_;
};

// A close that was queued leaves before the socket is shut.
template <class Handler>
void async_teardown(boost::beast::role_type role, QueuedStream& stream, Handler&& handler) {
  stream.when_empty([role, &stream, handler = std::forward<Handler>(handler)]() mutable {
    using boost::beast::websocket::async_teardown;
    async_teardown(role, stream.next_layer().socket(), std::move(handler));
  });
}

}  // namespace syncline::server::net
