#include "server/net/beast/http_session.hpp"

#include <algorithm>
#include <optional>
#include <variant>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "server/net/beast/stream_session.hpp"
#include "server/net/beast/websocket_session.hpp"
#include "server/net/origin.hpp"
#include "server/net/request_rules.hpp"
#include "syncline/base/check.hpp"

namespace syncline::server::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using Code = boost::system::error_code;

// The head as plain values; what the target says of the host counts instead of Host (RFC 9112, 3.2.2). nullopt: its target is
// none.
std::optional<http::Request> plain_request(const UpgradeRequest& from) {
  auto target = parse_request_target(from.target());
  if (!target) return std::nullopt;
  http::Request request;
  request.method = from.method_string();
  request.target = std::move(target->path);
  for (const auto& field : from) {
    std::string name = field.name_string();
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const bool is_overruled = !target->authority.empty() && name == "host";
    const std::string_view value =
        is_overruled ? std::string_view(target->authority) : std::string_view(field.value());
    request.headers.emplace_back(std::move(name), value);
  }
  return request;
}

// RFC 9112, 3.2: exactly one Host, which only HTTP/1.0 may leave out.
bool names_its_host(const UpgradeRequest& request) {
  const std::size_t hosts = request.count(bhttp::field::host);
  return hosts == 1 || (hosts == 0 && request.version() < 11);
}

class HttpSession : public std::enable_shared_from_this<HttpSession>, public Closable {
 public:
  HttpSession(asio::ip::tcp::socket socket, LeasePtr lease)
      : stream_(std::move(socket)), lease_(std::move(lease)), shared_(lease_->shared()) {}

  ~HttpSession() override {
    if (waiting_ && lease_) shared_.idle.remove(lease_->peer(), lease_->id());
  }
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  void run() {
    shared_.registry.add(lease_->id(), weak_from_this());
    asio::post(stream_.get_executor(), [self = shared_from_this()] { self->read(); });
  }
  void shut_down() override {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      // A running request still gets its answer; write() closes after it.
      if (self->waiting_ || self->lingering_) self->hang_up();
    });
  }
  void answer(http::Response response);
  void turn_into_stream(http::Response head, std::shared_ptr<ConnectionHandler> handler);
  [[nodiscard]] asio::any_io_executor executor() { return stream_.get_executor(); }

 private:
  void read();
  void on_header(Code code);
  void on_body(Code code);
  [[nodiscard]] const SocketRoute* find_route(const http::Request& request) const;
  void read_body();
  void refuse(Code code);
  void refuse_malformed(std::string_view why);
  void dispatch();
  void upgrade(const SocketRoute& route);
  template <class Body>
  void write(bhttp::response<Body> message);
  void on_written(Code code, bool keep_alive);
  void linger();
  void drain();
  void hang_up();

  beast::tcp_stream stream_;
  LeasePtr lease_;
  Shared& shared_;
  beast::flat_buffer buffer_;
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  std::variant<std::monostate, bhttp::response<bhttp::string_body>,
               bhttp::response<bhttp::empty_body>>
      response_;
  http::Request request_;  // without its body; handed on with it
  std::string origin_;     // of an allowed other origin: who gets CORS headers
  bool head_ = false;      // answer without a body
  bool options_ = false;   // the answer is in Allow
  bool waiting_ = false;   // for the next request
  bool lingering_ = false;
  bool keep_alive_ = true;
  std::size_t lingered_ = 0;
  std::chrono::steady_clock::time_point linger_until_;
};

// Answers once; a handler that lets go of it without an answer is a bug that the client should not have to wait for.
class HttpExchange : public Exchange {
 public:
  explicit HttpExchange(std::shared_ptr<HttpSession> session) : session_(std::move(session)) {}
  ~HttpExchange() override {
    if (!answered_)
      HttpExchange::respond(
          problem(500, "internal", "Internal error", "The request got no answer."));
  }
  void respond(http::Response response) override {
    if (answered_.exchange(true)) return;
    asio::post(session_->executor(),
               [session = session_, response = std::move(response)]() mutable {
                 session->answer(std::move(response));
               });
  }
  void stream(http::Response head, std::shared_ptr<ConnectionHandler> handler) override {
    if (answered_.exchange(true)) return;
    asio::post(session_->executor(), [session = session_, head = std::move(head),
                                      handler = std::move(handler)]() mutable {
      session->turn_into_stream(std::move(head), std::move(handler));
    });
  }

 private:
  std::shared_ptr<HttpSession> session_;
  std::atomic<bool> answered_{false};
};

void HttpSession::read() {
  if (shared_.registry.closing()) return hang_up();
  parser_.emplace();
  parser_->header_limit(shared_.options.limits.header_bytes);
  parser_->body_limit(shared_.options.limits.body_bytes);
  waiting_ = true;
  shared_.idle.add(lease_->peer(), lease_->id(), weak_from_this());
  origin_.clear();
  head_ = options_ = false;
  // One deadline for head and body together, however many pieces they come in.
  stream_.expires_after(std::chrono::seconds(shared_.options.limits.request_seconds));
  bhttp::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](Code code, std::size_t) { self->on_header(code); });
}

void HttpSession::on_header(Code code) {
  waiting_ = false;
  shared_.idle.remove(lease_->peer(), lease_->id());
  if (code) return refuse(code);
  const auto& message = parser_->get();
  head_ = message.method() == bhttp::verb::head;
  options_ = message.method() == bhttp::verb::options;
  if (!names_its_host(message)) return refuse_malformed("A request names its Host exactly once.");
  auto request = plain_request(message);
  if (!request) return refuse_malformed("The target of a request is a path or an http address.");
  request_ = std::move(*request);
  const SocketRoute* route = find_route(request_);
  if (route != nullptr && !options_) return upgrade(*route);
  read_body();
}

const SocketRoute* HttpSession::find_route(const http::Request& request) const {
  const auto found = std::find_if(
      shared_.routes.begin(), shared_.routes.end(),
      [&](const SocketRoute& candidate) { return candidate.path == path_of(request.target); });
  return found == shared_.routes.end() ? nullptr : &*found;
}

void HttpSession::read_body() {
  const auto read_on = [this] {
    bhttp::async_read(stream_, buffer_, *parser_,
                      [self = shared_from_this()](Code c, std::size_t) { self->on_body(c); });
  };
  if (!beast::iequals(parser_->get()[bhttp::field::expect], "100-continue")) return read_on();
  asio::async_write(stream_, asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25),
                    [self = shared_from_this(), read_on](Code failed, std::size_t) {
                      if (failed) return self->hang_up();
                      read_on();
                    });
}

void HttpSession::on_body(Code code) {
  if (code) return refuse(code);
  dispatch();
}

// What Beast could not read: says why where the client can still hear it.
void HttpSession::refuse(Code code) {
  if (code == bhttp::error::end_of_stream || code == beast::error::timeout ||
      code == asio::error::operation_aborted || code == asio::error::connection_reset ||
      code == bhttp::error::partial_message) {
    return hang_up();
  }
  keep_alive_ = false;
  if (code == bhttp::error::body_limit) {
    return answer(
        problem(413, "too_large", "Content too large", "The body exceeds the limit of 1 MiB."));
  }
  if (code == bhttp::error::header_limit || code == bhttp::error::buffer_overflow) {
    return answer(problem(431, "too_large", "Request header fields too large",
                          "The request line and headers exceed 16 KiB."));
  }
  refuse_malformed("This is not a well-formed HTTP request.");
}

void HttpSession::refuse_malformed(std::string_view why) {
  keep_alive_ = false;
  answer(problem(400, "malformed", "Bad request", why));
}

void HttpSession::dispatch() {
  shared_.counters.requests.fetch_add(1, std::memory_order_relaxed);
  stream_.expires_never();
  keep_alive_ = parser_->get().keep_alive();
  http::Request request = std::move(request_);
  request.body = std::move(parser_->get().body());
  shared_.counters.bytes_received.fetch_add(request.body.size(), std::memory_order_relaxed);
  Client client = client_of(request, lease_->peer(), shared_.options.trusted_proxies);
  request.address = std::move(client.address);
  request.secure = client.secure;

  const auto origin =
      judge_origin(request.header("origin"), request.header("host"), shared_.options.allow_origins);
  if (origin == Origin::foreign) {
    return answer(problem(403, "forbidden", "Forbidden",
                          "This origin may not call this server; see --allow-origin."));
  }
  const bool preflight = options_ && !request.header("access-control-request-method").empty();
  if (preflight && origin == Origin::allowed)
    return answer(preflight_answer(request.header("origin")));
  if (origin == Origin::allowed) origin_ = request.header("origin");
  if (options_ && request.target == "*")
    return answer(options_answer("GET, POST, PUT, PATCH, DELETE"));
  if (options_ && find_route(request) != nullptr) return answer(options_answer("GET"));
  if (head_) request.method = "GET";
  shared_.http(std::move(request), std::make_shared<HttpExchange>(shared_from_this()));
}

void HttpSession::upgrade(const SocketRoute& route) {
  const http::Request request = std::move(request_);
  keep_alive_ = false;
  const auto no = [this](int status, std::string_view code, std::string_view title,
                         std::string_view detail) {
    shared_.counters.sockets_refused.fetch_add(1, std::memory_order_relaxed);
    auto refusal = problem(status, code, title, detail);
    if (status == 426) {
      refusal.headers.emplace_back("upgrade", "websocket");
      refusal.headers.emplace_back("connection", "upgrade");
    }
    if (status == 429) refusal.headers.emplace_back("retry-after", "10");
    answer(std::move(refusal));
  };
  if (!beast::websocket::is_upgrade(parser_->get())) {
    return no(426, "upgrade_required", "Upgrade required", "This path speaks WebSocket only.");
  }
  if (judge_origin(request.header("origin"), request.header("host"),
                   shared_.options.allow_origins) == Origin::foreign) {
    return no(403, "forbidden", "Forbidden",
              "This origin may not call this server; see --allow-origin.");
  }
  // A path may speak several; among those that are offered the server's order decides.
  const auto chosen =
      std::find_if(shared_.routes.begin(), shared_.routes.end(), [&](const SocketRoute& candidate) {
        return candidate.path == route.path &&
               lists(request.header("sec-websocket-protocol"), candidate.protocol);
      });
  if (chosen == shared_.routes.end()) {
    return no(400, "upgrade_required", "Unknown sub-protocol",
              "Offer the sub-protocol " + route.protocol + " in Sec-WebSocket-Protocol.");
  }
  Client client = client_of(request, lease_->peer(), shared_.options.trusted_proxies);
  if (!lease_->become_stranger(client.address)) {
    return no(429, "rate_limited", "Too many connections",
              "This address holds too many sockets that have not signed in.");
  }
  ConnectionInfo info{chosen->path, chosen->protocol, std::move(client.address),
                      std::string(request.header("user-agent"))};
  start_websocket(std::move(stream_), std::move(lease_), parser_->release(), std::move(info),
                  *chosen);
}

void HttpSession::turn_into_stream(http::Response head,
                                   std::shared_ptr<ConnectionHandler> handler) {
  const auto request = plain_request(parser_->get());
  SYNC_CHECK(request.has_value(), "only a request that could be read is answered by a stream");
  Client client = client_of(*request, lease_->peer(), shared_.options.trusted_proxies);
  if (!origin_.empty()) add_cors(head, origin_);
  ConnectionInfo info{std::string(path_of(request->target)), "", std::move(client.address),
                      std::string(request->header("user-agent"))};
  start_stream(std::move(stream_), std::move(lease_), std::move(head), std::move(info),
               std::move(handler));
}

void HttpSession::answer(http::Response response) {
  finish_allow(response, options_);
  if (!origin_.empty()) add_cors(response, origin_);
  const bool bodyless = response.status == 204 || response.status == 304;
  const auto fill = [&](auto& message) {
    message.version(11);
    message.result(static_cast<unsigned>(response.status));
    for (const auto& [name, value] : response.headers) {
      // A line break in a value would start a header of the attacker's own.
      if (value.find_first_of("\r\n") == std::string::npos) message.insert(name, value);
    }
    if (!bodyless) message.content_length(response.body.size());
  };
  if (head_ || bodyless) {
    bhttp::response<bhttp::empty_body> message;
    fill(message);
    return write(std::move(message));
  }
  bhttp::response<bhttp::string_body> message;
  fill(message);
  message.body() = std::move(response.body);
  write(std::move(message));
}

template <class Body>
void HttpSession::write(bhttp::response<Body> message) {
  const bool keep_alive = keep_alive_ && !shared_.registry.closing();
  message.keep_alive(keep_alive);
  auto& kept = response_.template emplace<bhttp::response<Body>>(std::move(message));
  stream_.expires_after(std::chrono::seconds(shared_.options.limits.response_seconds));
  bhttp::async_write(
      stream_, kept, [self = shared_from_this(), keep_alive](Code code, std::size_t bytes) {
        self->shared_.counters.bytes_sent.fetch_add(bytes, std::memory_order_relaxed);
        self->on_written(code, keep_alive);
      });
}

void HttpSession::on_written(Code code, bool keep_alive) {
  response_ = std::monostate();
  if (code) return hang_up();
  if (keep_alive) return read();
  Code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  linger();
}

// Reads what the client still sends: closing with unread bytes would reset the connection, and the client would lose the
// answer that tells it what was wrong. Bounded by bytes, by silence, and in all by the time that a request may take.
void HttpSession::linger() {
  lingering_ = true;
  linger_until_ = std::chrono::steady_clock::now() +
                  std::chrono::seconds(shared_.options.limits.request_seconds);
  buffer_.clear();
  drain();
}

void HttpSession::drain() {
  constexpr std::size_t kLingerBytes = 64u << 20;
  constexpr std::size_t kPiece = 64u << 10;
  constexpr std::chrono::seconds kSilence{2};
  stream_.expires_at(std::min(std::chrono::steady_clock::now() + kSilence, linger_until_));
  stream_.async_read_some(
      buffer_.prepare(kPiece), [self = shared_from_this()](Code code, std::size_t bytes) {
        self->lingered_ += bytes;
        const bool enough = self->lingered_ > kLingerBytes ||
                            std::chrono::steady_clock::now() >= self->linger_until_;
        if (code || enough) return self->hang_up();
        self->drain();
      });
}

void HttpSession::hang_up() {
  Code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.close();
}

}  // namespace

void start_http_session(asio::ip::tcp::socket socket, LeasePtr lease) {
  std::make_shared<HttpSession>(std::move(socket), std::move(lease))->run();
}

}  // namespace syncline::server::net
