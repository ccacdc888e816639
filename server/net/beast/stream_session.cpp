#include "server/net/beast/stream_session.hpp"

#include <array>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>

#include "server/net/beast/outgoing.hpp"

namespace syncline::server::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using ErrorCode = boost::system::error_code;

// A read stays pending only to notice that the client has gone; as with sockets, its end is the stream's end.
class StreamSession : public std::enable_shared_from_this<StreamSession>,
                      public Connection,
                      public Closable {
 public:
  StreamSession(beast::tcp_stream stream, LeasePtr lease, ConnectionInfo info,
                std::shared_ptr<ConnectionHandler> handler)
      : stream_(std::move(stream)),
        lease_(std::move(lease)),
        shared_(lease_->shared()),
        id_(lease_->id()),
        info_(std::move(info)),
        handler_(std::move(handler)),
        outgoing_(shared_.options.limits.queued_bytes),
        give_up_(stream_.get_executor()) {}

  void run(http::Response head);

  void send(std::vector<Piece> pieces) override {
    asio::post(stream_.get_executor(),
               [self = shared_from_this(), pieces = std::move(pieces)]() mutable {
                 if (self->closing_ || !self->open_) return;
                 if (!self->outgoing_.push(std::move(pieces)))
                   return self->abandon("The client does not read.");
                 self->write();
               });
  }
  void close(CloseCode, std::string reason) override {
    asio::post(stream_.get_executor(), [self = shared_from_this(), reason = std::move(reason)] {
      self->begin_close(reason);
    });
  }
  void set_authenticated() override {}  // a stream starts authenticated
  void shut_down() override { close(CloseCode::going_away, "The server is shutting down."); }

 private:
  void read();
  void write();
  void begin_close(const std::string& reason);
  void send_end();
  void abandon(const std::string& why);
  void finish(const std::string& reason);

  beast::tcp_stream stream_;
  LeasePtr lease_;
  Shared& shared_;
  const ConnectionId id_;
  const ConnectionInfo info_;
  const std::shared_ptr<ConnectionHandler> handler_;
  bhttp::response<bhttp::empty_body> head_;
  std::optional<bhttp::response_serializer<bhttp::empty_body>> serializer_;
  std::array<char, 512> ignored_{};
  Outgoing outgoing_;
  asio::steady_timer give_up_;
  bool open_ = false;
  bool closing_ = false;
  bool end_sent_ = false;
  std::string why_;
};

void StreamSession::run(http::Response head) {
  shared_.registry.add(id_, weak_from_this());
  stream_.expires_never();
  head_.version(11);
  head_.result(static_cast<unsigned>(head.status));
  for (const auto& [name, value] : head.headers) {
    if (value.find_first_of("\r\n") == std::string::npos) head_.insert(name, value);
  }
  head_.keep_alive(false);
  head_.chunked(true);
  serializer_.emplace(head_);
  bhttp::async_write_header(
      stream_, *serializer_, [self = shared_from_this()](ErrorCode code, std::size_t) {
        if (code) return self->finish(code.message());
        self->open_ = true;
        self->shared_.counters.sockets_opened.fetch_add(1, std::memory_order_relaxed);
        self->handler_->opened(self->id_, self->info_, self);
        self->read();
        if (self->closing_) self->send_end();
      });
}

void StreamSession::read() {
  stream_.async_read_some(
      asio::buffer(ignored_), [self = shared_from_this()](ErrorCode code, std::size_t) {
        if (!code) return self->read();
        self->finish(code == asio::error::eof ? "Closed by the client." : code.message());
      });
}

void StreamSession::write() {
  if (!outgoing_.may_write()) return;
  asio::async_write(stream_, bhttp::make_chunk(outgoing_.begin()),
                    [self = shared_from_this()](ErrorCode code, std::size_t bytes) {
                      const std::size_t size = self->outgoing_.done();
                      if (code) return;  // the read fails too and says so
                      self->shared_.counters.bytes_sent.fetch_add(bytes, std::memory_order_relaxed);
                      if (self->open_) self->handler_->sent(self->id_, size);
                      if (self->closing_ && self->outgoing_.empty()) return self->send_end();
                      self->write();
                    });
}

void StreamSession::begin_close(const std::string& reason) {
  if (closing_) return;
  closing_ = true;
  if (why_.empty()) why_ = reason;
  give_up_.expires_after(std::chrono::seconds(shared_.options.limits.shutdown_seconds));
  give_up_.async_wait([self = shared_from_this()](ErrorCode cancelled) {
    if (!cancelled) self->abandon("The client did not hang up.");
  });
  if (open_ && outgoing_.empty()) send_end();
}

void StreamSession::send_end() {
  if (end_sent_) return;
  end_sent_ = true;
  asio::async_write(
      stream_, bhttp::make_chunk_last(), [self = shared_from_this()](ErrorCode, std::size_t) {
        ErrorCode ignored;
        self->stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
      });
}

void StreamSession::abandon(const std::string& why) {
  closing_ = true;
  if (why_.empty()) why_ = why;
  stream_.close();
}

void StreamSession::finish(const std::string& reason) {
  give_up_.cancel();
  closing_ = true;
  if (open_) {
    open_ = false;
    shared_.counters.sockets_closed.fetch_add(1, std::memory_order_relaxed);
    handler_->closed(id_, why_.empty() ? reason : why_);
  }
  lease_.reset();
  stream_.close();
}

}  // namespace

void start_stream(beast::tcp_stream stream, LeasePtr lease, http::Response head,
                  ConnectionInfo info, std::shared_ptr<ConnectionHandler> handler) {
  std::make_shared<StreamSession>(std::move(stream), std::move(lease), std::move(info),
                                  std::move(handler))
      ->run(std::move(head));
}

}  // namespace syncline::server::net
