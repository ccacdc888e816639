#include "server/net/server.hpp"

#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/net/beast/http_session.hpp"
#include "server/net/beast/shared.hpp"

namespace syncline::server::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

struct Loop {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
  std::thread thread;
};

std::string text_of(asio::ip::address address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions options, HttpHandler http, std::vector<SocketRoute> routes)
      : shared(std::make_shared<Shared>(std::move(options), std::move(http), std::move(routes))) {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, shared->options.threads); ++i) {
      loops.push_back(std::make_unique<Loop>());
    }
    retry.emplace(loops.front()->context);
    acceptor.emplace(loops.front()->context);
  }

  base::Result<std::uint16_t> listen() {
    const auto failed = [this](const std::string& why) {
      return base::Error{base::Code::unavailable, "Cannot listen on " + shared->options.host + ":" +
                                                      std::to_string(shared->options.port) + ": " +
                                                      why};
    };
    ErrorCode code;
    tcp::resolver resolver(loops.front()->context);
    const auto found = resolver.resolve(shared->options.host, std::to_string(shared->options.port),
                                        tcp::resolver::passive, code);
    if (code || found.empty()) return failed(code.message());
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor->open(endpoint.protocol(), code);
    if (!code) acceptor->set_option(asio::socket_base::reuse_address(true), code);
    if (!code) acceptor->bind(endpoint, code);
    if (!code) acceptor->listen(4'096, code);
    if (code) return failed(code.message());
    return acceptor->local_endpoint().port();
  }

  void accept() {
    Loop& loop = *loops[next_loop++ % loops.size()];
    acceptor->async_accept(loop.context, [this](ErrorCode code, tcp::socket socket) {
      if (code == asio::error::operation_aborted) return;
      if (code) {
        // Out of file descriptors, mostly: connections that end make room; trying at once would only burn the processor.
        retry->expires_after(std::chrono::milliseconds(100));
        retry->async_wait([this](ErrorCode cancelled) {
          if (!cancelled) accept();
        });
        return;
      }
      serve(std::move(socket));
      accept();
    });
  }

  void serve(tcp::socket socket) {
    ErrorCode code;
    const auto endpoint = socket.remote_endpoint(code);
    if (code) return;
    const std::string peer = text_of(endpoint.address());
    const bool admitted =
        shared->addresses.add_connection(peer) ||
        (shared->idle.give_up_oldest(peer) && shared->addresses.add_connection(peer, true));
    if (!admitted) {
      shared->counters.connections_refused.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    shared->counters.connections_accepted.fetch_add(1, std::memory_order_relaxed);
    socket.set_option(tcp::no_delay(true), code);
    socket.set_option(asio::socket_base::keep_alive(true), code);
    start_http_session(std::move(socket), std::make_unique<Lease>(shared, peer, shared->next_id++));
  }

  SharedPtr shared;
  std::vector<std::unique_ptr<Loop>> loops;
  std::optional<asio::steady_timer> retry;
  std::optional<tcp::acceptor> acceptor;
  std::size_t next_loop = 0;
  bool running = false;
};

Server::Server(ServerOptions options, HttpHandler http, std::vector<SocketRoute> routes)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(http), std::move(routes))) {}

Server::~Server() { stop(); }

base::Result<std::uint16_t> Server::start() {
  auto port = impl_->listen();
  if (!port.ok()) return port;
  impl_->running = true;
  impl_->accept();
  for (auto& loop : impl_->loops) {
    loop->thread = std::thread([context = &loop->context] { context->run(); });
  }
  return port;
}

void Server::stop() {
  if (!impl_->running) return;
  impl_->running = false;
  asio::post(impl_->loops.front()->context, [impl = impl_.get()] {
    ErrorCode ignored;
    impl->acceptor->close(ignored);
    impl->retry->cancel();
  });
  impl_->shared->registry.close_all(
      std::chrono::seconds(impl_->shared->options.limits.shutdown_seconds + 1));
  for (auto& loop : impl_->loops) loop->context.stop();
  for (auto& loop : impl_->loops) loop->thread.join();
}

const Counters& Server::counters() const { return impl_->shared->counters; }
std::size_t Server::connections() const { return impl_->shared->addresses.connections(); }

}  // namespace syncline::server::net
