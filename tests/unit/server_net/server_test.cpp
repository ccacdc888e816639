// The edge under good and bad clients, over real sockets: everything has a bound, everything refused says why.
#include "server/net/server.hpp"

#include "server_world.hpp"

namespace syncline::server::net {
namespace {

using testing::ends;
using testing::get;
using testing::RawClient;
using testing::ServerTest;
using testing::starts;

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  start();
  RawClient client(port_);
  for (int i = 0; i < 3; ++i) {
    client.write(get("/a?b=" + std::to_string(i), ""));
    ASSERT_TRUE(client.read_until("GET /a?b=" + std::to_string(i) + " 0"));
    EXPECT_TRUE(starts(client.text(), 200));
    client.take(client.text().size());
  }
}

TEST_F(ServerTest, TakesBodiesUpToTheLimit) {
  start();
  const auto post = [](std::size_t size, const std::string& more) {
    return "POST /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + more +
           "Content-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
  };
  EXPECT_TRUE(ends(ask(post(1 << 20, "")), "POST /a 1048576"));
  EXPECT_TRUE(starts(ask(post((1 << 20) + 1, "")), 413));
  EXPECT_TRUE(starts(ask(post(3 << 20, "")), 413));
  const std::string continued = ask(post(1'000, "Expect: 100-continue\r\n"));
  EXPECT_TRUE(starts(continued, 100));
  EXPECT_TRUE(ends(continued, "POST /a 1000"));
  std::string chunked =
      "POST /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunked += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  EXPECT_TRUE(starts(ask(chunked + "0\r\n\r\n"), 413));
}

TEST_F(ServerTest, HeadHasTheLengthAndNoBody) {
  start();
  const std::string answer =
      ask("HEAD /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(starts(answer, 200));
  EXPECT_NE(answer.find("Content-Length: 8"), std::string::npos);
  EXPECT_TRUE(ends(answer, "\r\n\r\n"));
}

TEST_F(ServerTest, ADroppedRequestIs500AndHeadersCannotBeSplit) {
  start();
  EXPECT_TRUE(starts(ask(get("/drop")), 500));
  EXPECT_EQ(ask(get("/a")).find("Set-Cookie"), std::string::npos);
}

TEST_F(ServerTest, RefusesWhatIsNoRequest) {
  start();
  EXPECT_TRUE(starts(ask("\x16\x03\x01 this is TLS\r\n\r\n"), 400));
  EXPECT_TRUE(starts(ask("GET /a\r\n\r\n"), 400));
  EXPECT_TRUE(starts(ask("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"), 400));
  EXPECT_TRUE(starts(ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
                         "chunked\r\n\r\n0\r\n\r\n"),
                     400));
  EXPECT_TRUE(starts(ask(get("/a", "X: " + std::string(20'000, 'x') + "\r\n")), 431));
  EXPECT_TRUE(starts(ask(get("/a")), 200));
}

TEST_F(ServerTest, ForeignPagesMayNotCallAndAllowedOnesMay) {
  start();
  EXPECT_TRUE(starts(ask(get("/a", "Origin: http://evil.example\r\nConnection: close\r\n")), 403));
  EXPECT_TRUE(starts(ask(get("/a", "Origin: http://localhost\r\nConnection: close\r\n")), 200));
  const std::string allowed =
      ask(get("/a", "Origin: https://app.example.com\r\nConnection: close\r\n"));
  EXPECT_TRUE(starts(allowed, 200));
  EXPECT_NE(allowed.find("access-control-allow-origin: https://app.example.com"),
            std::string::npos);
  const std::string preflight =
      ask("OPTIONS /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: "
          "https://app.example.com\r\n"
          "Access-Control-Request-Method: PATCH\r\n\r\n");
  EXPECT_TRUE(starts(preflight, 204));
  EXPECT_NE(preflight.find("PATCH"), std::string::npos);
}

TEST_F(ServerTest, SocketsEchoPieces) {
  start();
  RawClient client(port_);
  ASSERT_TRUE(client.upgrade("/sync", "other, test.v1", "User-Agent: tester\r\n")) << client.head();
  EXPECT_NE(client.head().find("Sec-WebSocket-Protocol: test.v1"), std::string::npos);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.write_frame(2, std::to_string(i)));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.read_frame().payload, "echo " + std::to_string(i));
  EXPECT_EQ(binary_->only_info().user_agent, "tester");
  EXPECT_EQ(binary_->only_info().address, "127.0.0.1");
  client.write_frame(2, "close");
  EXPECT_EQ(client.read_frame().close_code(), 1008);
  client.write_frame(8, std::string("\x03\xf0", 2));
  EXPECT_TRUE(binary_->wait_open(0));
  EXPECT_EQ(binary_->reasons(), std::vector<std::string>{"As asked."});
  EXPECT_EQ(server_->counters().sockets_opened, 1u);
}

TEST_F(ServerTest, SocketsAreRefusedWithAReason) {
  start();
  const struct {
    const char *path, *protocol, *more;
    int status;
  } cases[] = {
      {"/sync", "wrong.v1", "", 400},
      {"/sync", "test.v1+json", "", 400},
      {"/sync", "test.v1", "Origin: http://evil.example\r\n", 403},
      {"/nowhere", "test.v1", "", 200},  // no socket there: an ordinary request
  };
  for (const auto& c : cases) {
    RawClient client(port_);
    EXPECT_FALSE(client.upgrade(c.path, c.protocol, c.more)) << c.protocol;
    EXPECT_TRUE(starts(client.head(), c.status)) << client.head();
  }
  EXPECT_TRUE(starts(ask(get("/sync")), 426));
}

TEST_F(ServerTest, BadMessagesCloseTheirSocketOnly) {
  start();
  RawClient good(port_);
  ASSERT_TRUE(good.upgrade("/sync", "test.v1"));
  const struct {
    const char* what;
    int opcode;
    std::string payload;
    bool masked;
    int expected;
  } cases[] = {
      {"text where binary is spoken", 1, "hello", true, 1003},
      {"more than a message may hold", 2, std::string((1 << 20) + 1, 'x'), true, 1009},
      {"unmasked", 2, "hello", false, 1002},
      {"reserved opcode", 3, "hello", true, 1002},
      {"continuation of nothing", 0, "hello", true, 1002},
      {"control frame that is too long", 9, std::string(200, 'x'), true, 1002},
  };
  for (const auto& c : cases) {
    RawClient client(port_);
    ASSERT_TRUE(client.upgrade("/sync", "test.v1"));
    client.write_frame(c.opcode, c.payload, c.masked);
    EXPECT_EQ(client.read_frame().close_code(), c.expected) << c.what;
  }
  RawClient utf8(port_);
  ASSERT_TRUE(utf8.upgrade("/events", "text.v1"));
  utf8.write_frame(1, "\xff\xfe");
  EXPECT_EQ(utf8.read_frame().close_code(), 1007);
  good.write_frame(2, "still here");
  EXPECT_EQ(good.read_frame().payload, "echo still here");
}

TEST_F(ServerTest, StrangersArePerAddressAndDoNotHurtRequests) {
  ServerOptions options;
  options.limits.addresses.strangers_per_address = 2;
  start(options);
  RawClient first(port_), second(port_), third(port_);
  ASSERT_TRUE(first.upgrade("/sync", "test.v1"));
  ASSERT_TRUE(second.upgrade("/sync", "test.v1"));
  EXPECT_FALSE(third.upgrade("/sync", "test.v1"));
  EXPECT_TRUE(starts(third.head(), 429));
  EXPECT_TRUE(starts(ask(get("/a")), 200));
  first.write_frame(2, "authenticate");
  EXPECT_EQ(first.read_frame().payload, "echo authenticate");
  RawClient fourth(port_);
  EXPECT_TRUE(fourth.upgrade("/sync", "test.v1"));
}

TEST_F(ServerTest, WhoHoldsTooManyConnectionsLosesTheOldestIdleOne) {
  ServerOptions options;
  options.limits.addresses.connections_per_address = 3;
  start(options);
  RawClient busy(port_), oldest(port_), second(port_);
  ASSERT_TRUE(busy.upgrade("/sync", "test.v1"));
  second.write("GET / HT");  // waits for the rest of its request
  EXPECT_TRUE(starts(ask(get("/a")), 200));
  EXPECT_EQ(oldest.read_all(), "");
  EXPECT_TRUE(starts(ask(get("/a")), 200));
  busy.write_frame(2, "still here");
  EXPECT_EQ(busy.read_frame().payload, "echo still here");
}

TEST_F(ServerTest, AClientThatDoesNotReadIsGivenUp) {
  ServerOptions options;
  options.limits.queued_bytes = 4u << 20;
  start(options);
  RawClient client(port_);
  ASSERT_TRUE(client.upgrade("/sync", "test.v1"));
  ASSERT_TRUE(binary_->wait_open(1));
  client.write_frame(2, "flood");
  EXPECT_TRUE(binary_->wait_open(0));
  EXPECT_EQ(binary_->reasons(), std::vector<std::string>{"The client does not read."});
}

// More than the socket takes at once: the answer to a ping comes between two messages, never inside one.
TEST_F(ServerTest, FramesStayWholeWhenTheClientReadsLate) {
  start();
  RawClient client(port_);
  ASSERT_TRUE(client.upgrade("/sync", "test.v1"));
  client.write_frame(2, "flood");
  client.write_frame(9, "still there?");
  client.write_frame(2, "last");
  int whole = 0;
  int pongs = 0;
  for (auto frame = client.read_frame(); frame.payload != "echo last";
       frame = client.read_frame()) {
    ASSERT_TRUE(frame.opcode == 2 || frame.opcode == 10) << frame.opcode;
    if (frame.opcode == 10) {
      EXPECT_EQ(frame.payload, "still there?");
      ++pongs;
    } else {
      EXPECT_TRUE(frame.payload == std::string(1 << 20, 'x'));
      ++whole;
    }
  }
  EXPECT_EQ(whole, 64);
  EXPECT_EQ(pongs, 1);
  // All but the last 64 KiB are reported as sent.
  EXPECT_GE(binary_->sent_bytes() + (64u << 10), std::size_t{64} << 20);
}

// Every ping is answered; whoever does not read the answers is not read from any more, so that they do not pile up.
TEST_F(ServerTest, PingsThatNobodyReadsTheAnswersOfAreNotReadForEver) {
  start();
  RawClient client(port_);
  ASSERT_TRUE(client.upgrade("/sync", "test.v1"));
  std::string pings;
  for (int i = 0; i < 1'000; ++i)
    pings += std::string("\x89\xfd\0\0\0\0", 6) + std::string(125, 'p');
  // Both sockets' buffers take some megabytes; after that the client has to wait.
  constexpr std::size_t kMost = std::size_t{128} << 20;
  const std::size_t taken = client.write_until_blocked(pings, kMost);
  EXPECT_LT(taken, kMost);
  const std::size_t whole = taken / 131;
  for (std::size_t i = 0; i < whole; ++i) {
    const auto frame = client.read_frame();
    ASSERT_EQ(frame.opcode, 10) << i;
  }
}

TEST_F(ServerTest, OfWhomThereIsEnoughNothingIsReadUntilItIsWantedAgain) {
  ServerOptions options;
  options.threads = 1;
  start(options);
  RawClient full(port_), other(port_);
  ASSERT_TRUE(full.upgrade("/sync", "test.v1"));
  ASSERT_TRUE(binary_->wait_open(1));
  ASSERT_TRUE(other.upgrade("/sync", "test.v1"));
  full.write_frame(2, "enough");
  full.write_frame(2, "later");
  EXPECT_EQ(full.read_frame().payload, "echo enough");
  // What is sent to it goes out, and the one loop of both is free for others.
  binary_->first()->send({testing::piece("meanwhile")});
  EXPECT_EQ(full.read_frame().payload, "meanwhile");
  other.write_frame(2, "hello");
  EXPECT_EQ(other.read_frame().payload, "echo hello");
  binary_->first()->send({testing::piece("before it is read")});
  binary_->first()->read_on();
  EXPECT_EQ(full.read_frame().payload, "before it is read");
  EXPECT_EQ(full.read_frame().payload, "echo later");
}

TEST_F(ServerTest, OfWhomThereIsEnoughCanBeClosedAndCanLeave) {
  start();
  RawClient closed(port_);
  ASSERT_TRUE(closed.upgrade("/sync", "test.v1"));
  closed.write_frame(2, "enough");
  closed.write_frame(2, "never seen");
  EXPECT_EQ(closed.read_frame().payload, "echo enough");
  binary_->first()->close(CloseCode::policy_violation, "As asked.");
  EXPECT_EQ(closed.read_frame().close_code(), 1008);
  closed.write_frame(8, std::string("\x03\xf0", 2));
  EXPECT_TRUE(binary_->wait_open(0));
  {
    RawClient leaves(port_);
    ASSERT_TRUE(leaves.upgrade("/sync", "test.v1"));
    leaves.write_frame(2, "enough");
    EXPECT_EQ(leaves.read_frame().payload, "echo enough");
  }
  binary_->first()->read_on();
  EXPECT_TRUE(binary_->wait_open(0));
  RawClient stays(port_);
  ASSERT_TRUE(stays.upgrade("/sync", "test.v1"));
  stays.write_frame(2, "enough");
  EXPECT_EQ(stays.read_frame().payload, "echo enough");
  std::thread peer([&] {
    EXPECT_EQ(stays.read_frame().close_code(), 1001);
    stays.write_frame(8, std::string("\x03\xe9", 2));
  });
  server_->stop();
  peer.join();
  EXPECT_EQ(binary_->reasons()[0], "As asked.");
  EXPECT_EQ(binary_->reasons()[2], "The server is shutting down.");
}

TEST_F(ServerTest, StreamsFlowUntilTheClientLeaves) {
  stream_->greeting = "data: hello\n\n";
  start();
  {
    RawClient client(port_);
    client.write(get("/stream"));
    ASSERT_TRUE(client.read_until("data: hello\n\n"));
    EXPECT_TRUE(starts(client.text(), 200));
    EXPECT_NE(client.text().find("text/event-stream"), std::string::npos);
    EXPECT_TRUE(stream_->wait_open(1));
  }
  EXPECT_TRUE(stream_->wait_open(0));
  EXPECT_EQ(stream_->sent_bytes(), stream_->greeting.size());
}

TEST_F(ServerTest, StopClosesSocketsWith1001AndStreamsWithTheirEnd) {
  stream_->greeting = "data: hello\n\n";
  start();
  RawClient socket(port_), stream(port_), idle(port_);
  ASSERT_TRUE(socket.upgrade("/sync", "test.v1"));
  stream.write(get("/stream"));
  ASSERT_TRUE(stream.read_until("data: hello\n\n"));
  std::thread peer([&] {
    EXPECT_EQ(socket.read_frame().close_code(), 1001);
    socket.write_frame(8, std::string("\x03\xe9", 2));
  });
  server_->stop();
  peer.join();
  EXPECT_TRUE(ends(stream.read_all(), "0\r\n\r\n"));
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(server_->connections(), 0u);
  EXPECT_EQ(binary_->reasons(), std::vector<std::string>{"The server is shutting down."});
}

TEST_F(ServerTest, APortInUseIsAnError) {
  start();
  ServerOptions options;
  options.port = port_;
  Server second(options, [](http::Request, std::shared_ptr<Exchange>) {}, {});
  const auto port = second.start();
  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.error().code, base::Code::unavailable);
}

}  // namespace
}  // namespace syncline::server::net
