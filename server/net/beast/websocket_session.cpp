#include "server/net/beast/websocket_session.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "server/net/beast/loop_inbox.hpp"
#include "server/net/beast/queued_stream.hpp"

namespace syncline::server::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using ErrorCode = boost::system::error_code;

// Sent bytes are reported in lots: to whom a report goes it costs more than the sending. Far below every bound on what may wait.
constexpr std::size_t kUnreportedMax = 64u << 10;

// One read is pending at any time, unless the handler wants no more for now. The read loop decides the end: whatever closes the
// socket reads on if need be and makes the read fail, and only that reports closed().
class WebSocketSession : public std::enable_shared_from_this<WebSocketSession>,
                         public Connection,
                         public Closable,
                         private Addressee,
                         private QueuedStream::Owner {
 public:
  WebSocketSession(beast::tcp_stream stream, LeasePtr lease, ConnectionInfo info,
                   const SocketRoute& route)
      : binary_(route.binary),
        inbox_(boost::asio::use_service<LoopInbox>(
            boost::asio::query(stream.get_executor(), boost::asio::execution::context))),
        socket_(std::move(stream), direct_, static_cast<QueuedStream::Owner&>(*this)),
        executor_(socket_.get_executor()),
        lease_(std::move(lease)),
        shared_(lease_->shared()),
        id_(lease_->id()),
        info_(std::move(info)),
        route_(route),
        give_up_(executor_) {}

  void run(UpgradeRequest request);

  void send(std::vector<Piece> pieces) override {
    inbox_.put(std::make_shared<const std::vector<Piece>>(std::move(pieces)),
               std::make_shared<const Addressees>(1, as_addressee()));
  }
  bool join(Audience& audience) override {
    audience.add(inbox_, as_addressee());
    return true;
  }
  void read_on() override {
    asio::post(executor_, [self = shared_from_this()] { self->resume(); });
  }
  void close(CloseCode code, std::string reason) override {
    asio::post(executor_, [self = shared_from_this(), code, reason = std::move(reason)] {
      self->begin_close(code, reason);
    });
  }
  void set_authenticated() override {
    asio::post(executor_, [self = shared_from_this()] {
      if (self->lease_) self->lease_->set_authenticated();
    });
  }
  void shut_down() override { close(CloseCode::going_away, "The server is shutting down."); }

 private:
  void read();
  void on_read(ErrorCode code, std::size_t bytes);
  void resume();
  std::shared_ptr<Addressee> as_addressee() { return {shared_from_this(), this}; }
  void expect() const override { direct_.expect(); }
  void deliver(const Message& message) override;
  std::shared_ptr<void> hold() override { return shared_from_this(); }
  void written(std::size_t bytes) override;
  void report_written();
  void drained() override;
  void begin_close(CloseCode code, const std::string& reason);
  void send_close();
  void abandon(const std::string& why);
  void finish(const std::string& reason);
  [[nodiscard]] QueuedStream& queue() { return socket_.next_layer(); }

  // First what every message looks at, together: of a thousand connections none is in the processor's cache.
  bool open_ = false;     // opened() was called, closed() not yet
  bool closing_ = false;  // nothing more is accepted for sending
  bool paused_ = false;   // no read is pending
  const bool binary_;
  std::size_t unreported_ = 0;
  LoopInbox& inbox_;
  DirectWay direct_;
  websocket::stream<QueuedStream> socket_;
  asio::any_io_executor executor_;
  LeasePtr lease_;
  Shared& shared_;
  const ConnectionId id_;
  const ConnectionInfo info_;
  const SocketRoute& route_;
  UpgradeRequest request_;
  beast::flat_buffer buffer_;
  asio::steady_timer give_up_;
  bool close_sent_ = false;
  websocket::close_reason close_reason_;
  std::string why_;  // the first reason wins
};

void WebSocketSession::run(UpgradeRequest request) {
  shared_.registry.add(id_, weak_from_this());
  request_ = std::move(request);
  beast::get_lowest_layer(socket_).expires_never();
  websocket::stream_base::timeout timeout{};
  timeout.handshake_timeout = std::chrono::seconds(10);
  timeout.idle_timeout = std::chrono::seconds(shared_.options.limits.socket_idle_seconds);
  timeout.keep_alive_pings = true;
  socket_.set_option(timeout);
  socket_.set_option(websocket::stream_base::decorator(
      [protocol = info_.protocol](websocket::response_type& response) {
        response.set(beast::http::field::sec_websocket_protocol, protocol);
      }));
  socket_.read_message_max(shared_.options.limits.message_bytes);
  socket_.auto_fragment(false);
  socket_.binary(route_.binary);
  socket_.async_accept(request_, [self = shared_from_this()](ErrorCode code) {
    self->request_ = {};
    if (code) return self->finish("The handshake failed.");
    self->open_ = true;
    self->shared_.counters.sockets_opened.fetch_add(1, std::memory_order_relaxed);
    self->route_.handler->opened(self->id_, self->info_, self);
    self->read();
    if (self->closing_) self->send_close();  // asked for during the handshake
  });
}

void WebSocketSession::read() {
  socket_.async_read(buffer_, [self = shared_from_this()](ErrorCode code, std::size_t bytes) {
    self->on_read(code, bytes);
  });
}

void WebSocketSession::on_read(ErrorCode code, std::size_t bytes) {
  if (code) {
    if (code == websocket::error::closed) return finish("Closed by the client.");
    if (code == beast::error::timeout) return finish("No sign of life.");
    if (code == websocket::error::message_too_big) return finish("The message is too large.");
    return finish(code.message());
  }
  shared_.counters.bytes_received.fetch_add(bytes, std::memory_order_relaxed);
  if (socket_.got_binary() != route_.binary) {
    begin_close(CloseCode::unsupported_data,
                route_.binary ? "Only binary messages." : "Only text messages.");
  } else if (!closing_) {
    const auto data = buffer_.cdata();
    const auto* from = static_cast<const std::uint8_t*>(data.data());
    paused_ = !route_.handler->received(id_, base::Bytes(from, from + data.size()));
  }
  constexpr std::size_t kKeptBuffer = 64u << 10;
  buffer_.clear();
  if (buffer_.capacity() > kKeptBuffer) buffer_.shrink_to_fit();
  if (!paused_) read();
}

void WebSocketSession::resume() {
  if (std::exchange(paused_, false)) read();
}

void WebSocketSession::deliver(const Message& message) {
  if (closing_ || !open_) return;
  const FrameCache::Frame& frame = inbox_.frames.frame(message, binary_);
  const std::size_t sent = direct_.send(frame.bytes);
  if (sent > 0 && sent == frame.bytes.size()) return written(frame.content);
  if (!queue().send_rest(message, binary_, sent, shared_.options.limits.queued_bytes))
    abandon("The client does not read.");
}

void WebSocketSession::written(std::size_t bytes) {
  unreported_ += bytes;
  if (unreported_ >= kUnreportedMax) report_written();
}

void WebSocketSession::report_written() {
  const std::size_t bytes = std::exchange(unreported_, 0);
  shared_.counters.bytes_sent.fetch_add(bytes, std::memory_order_relaxed);
  if (open_) route_.handler->sent(id_, bytes);
}

void WebSocketSession::drained() {
  if (closing_ && open_ && close_reason_.code != websocket::close_code::none) send_close();
}

void WebSocketSession::begin_close(CloseCode code, const std::string& reason) {
  if (closing_) return;
  closing_ = true;
  if (why_.empty()) why_ = reason;
  constexpr std::size_t kReasonMax = 123;  // RFC 6455: a control frame has 125 bytes
  close_reason_ = websocket::close_reason(static_cast<websocket::close_code>(code),
                                          reason.substr(0, kReasonMax));
  give_up_.expires_after(std::chrono::seconds(shared_.options.limits.shutdown_seconds));
  give_up_.async_wait([self = shared_from_this()](ErrorCode cancelled) {
    if (!cancelled) self->abandon("The client did not answer the close.");
  });
  resume();  // for the client's own close; what else comes is dropped
  if (open_ && queue().is_empty()) send_close();
}

void WebSocketSession::send_close() {
  if (close_sent_) return;
  close_sent_ = true;
  socket_.async_close(close_reason_, [self = shared_from_this()](ErrorCode) {});
}

void WebSocketSession::abandon(const std::string& why) {
  closing_ = true;
  if (why_.empty()) why_ = why;
  beast::get_lowest_layer(socket_).close();
  resume();  // only a read hears of it
}

void WebSocketSession::finish(const std::string& reason) {
  give_up_.cancel();
  report_written();
  closing_ = true;
  if (open_) {
    open_ = false;
    shared_.counters.sockets_closed.fetch_add(1, std::memory_order_relaxed);
    route_.handler->closed(id_, why_.empty() ? reason : why_);
  }
  lease_.reset();
}

}  // namespace

void start_websocket(beast::tcp_stream stream, LeasePtr lease, UpgradeRequest request,
                     ConnectionInfo info, const SocketRoute& route) {
  std::make_shared<WebSocketSession>(std::move(stream), std::move(lease), std::move(info), route)
      ->run(std::move(request));
}

}  // namespace syncline::server::net
