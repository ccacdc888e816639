// A server over real sockets whose handlers tell what they were given.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "raw_client.hpp"
#include "server/net/server.hpp"

namespace syncline::server::net::testing {

inline Piece piece(const std::string& text) {
  return std::make_shared<const base::Bytes>(text.begin(), text.end());
}

// Sends every message back in two pieces; "close" closes, "flood" sends more than fits, after "enough" it wants no more for now.
class Echo : public ConnectionHandler {
 public:
  void opened(ConnectionId id, const ConnectionInfo& info,
              std::shared_ptr<Connection> connection) override {
    const std::lock_guard lock(mutex_);
    if (!greeting.empty()) connection->send({piece(greeting)});
    infos_[id] = info;
    open_[id] = std::move(connection);
    changed_.notify_all();
  }
  bool received(ConnectionId id, base::Bytes message) override {
    const std::lock_guard lock(mutex_);
    const std::string text(message.begin(), message.end());
    answer(id, text);
    return text != "enough";
  }
  void sent(ConnectionId, std::size_t bytes) override {
    const std::lock_guard lock(mutex_);
    sent_ += bytes;
  }
  void closed(ConnectionId id, const std::string& reason) override {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(open_.erase(id), 1u);
    reasons_.push_back(reason);
    changed_.notify_all();
  }

  // Waits until so many connections are open and returns whether it came so.
  bool wait_open(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return open_.size() == count; });
  }
  // The first that was opened.
  std::shared_ptr<Connection> first() {
    const std::lock_guard lock(mutex_);
    return open_.begin()->second;
  }
  std::vector<std::string> reasons() {
    const std::lock_guard lock(mutex_);
    return reasons_;
  }
  std::size_t sent_bytes() {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  ConnectionInfo only_info() {
    const std::lock_guard lock(mutex_);
    return infos_.begin()->second;
  }
  std::string greeting;

 private:
  void answer(ConnectionId id, const std::string& text) {
    if (text == "close") return open_[id]->close(CloseCode::policy_violation, "As asked.");
    if (text == "authenticate") open_[id]->set_authenticated();
    if (text == "flood") {
      const Piece big = piece(std::string(1 << 20, 'x'));
      for (int i = 0; i < 64; ++i) open_[id]->send({big});
      return;
    }
    open_[id]->send({piece("echo "), piece(text)});
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ConnectionId, std::shared_ptr<Connection>> open_;
  std::map<ConnectionId, ConnectionInfo> infos_;
  std::vector<std::string> reasons_;
  std::size_t sent_ = 0;
};

class ServerTest : public ::testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    options.allow_origins = {"https://app.example.com"};
    options.limits.shutdown_seconds = 2;
    server_ = std::make_unique<Server>(
        options,
        [this](http::Request request, std::shared_ptr<Exchange> exchange) {
          serve(std::move(request), std::move(exchange));
        },
        std::vector<SocketRoute>{{"/sync", "test.v1", true, binary_},
                                 {"/events", "text.v1", false, text_}});
    const auto port = server_->start();
    ASSERT_TRUE(port.ok()) << port.error().message;
    port_ = *port;
  }
  void serve(http::Request request, std::shared_ptr<Exchange> exchange) {
    if (request.target == "/stream")
      return exchange->stream({200, {{"content-type", "text/event-stream"}}, ""}, stream_);
    if (request.target == "/drop") return;
    http::Response response;
    if (request.target == "/lists" && request.method != "GET" && request.method != "POST") {
      response.status = 405;
      response.headers.emplace_back("allow", "GET, POST");
      response.body = "not this method";
      return exchange->respond(response);
    }
    response.headers.emplace_back("content-type", "text/plain");
    response.headers.emplace_back("x-evil", "a\r\nSet-Cookie: b");
    response.body =
        request.method + " " + request.target + " " + std::to_string(request.body.size());
    // From another thread, as the engine answers.
    std::thread([exchange, response] { exchange->respond(response); }).detach();
  }
  std::string ask(const std::string& request) {
    RawClient client(port_);
    client.write(request);
    return client.read_all();
  }

  std::shared_ptr<Echo> binary_ = std::make_shared<Echo>(), text_ = std::make_shared<Echo>(),
                        stream_ = std::make_shared<Echo>();
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

inline std::string get(const std::string& target,
                       const std::string& more = "Connection: close\r\n") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}
inline bool starts(const std::string& answer, int status) {
  return answer.rfind("HTTP/1.1 " + std::to_string(status), 0) == 0;
}
inline bool ends(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace syncline::server::net::testing
