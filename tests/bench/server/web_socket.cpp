#include "tests/bench/server/web_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/support/report.hpp"

namespace syncline::bench {
namespace {

constexpr std::uint8_t kBinary = 0x82, kPing = 0x89, kPong = 0x8A;
constexpr int kPatienceMs = 20'000;

void append_length(base::Bytes& frame, std::size_t size, std::uint8_t mask_bit) {
  if (size < 126) {
    frame.push_back(static_cast<std::uint8_t>(mask_bit | size));
    return;
  }
  const int bytes = size < 65'536 ? 2 : 8;
  frame.push_back(static_cast<std::uint8_t>(mask_bit | (bytes == 2 ? 126 : 127)));
  for (int i = bytes - 1; i >= 0; --i) frame.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
}

base::Bytes client_frame(std::uint8_t kind, base::ByteView message) {
  constexpr std::array<std::uint8_t, 4> kMask{0x5A, 0xC3, 0x17, 0xE8};
  base::Bytes frame{kind};
  append_length(frame, message.size(), 0x80);
  frame.insert(frame.end(), kMask.begin(), kMask.end());
  for (std::size_t i = 0; i < message.size(); ++i) frame.push_back(message[i] ^ kMask[i % 4]);
  return frame;
}

struct Frame {
  std::uint8_t kind = 0;
  base::ByteView message;
  std::size_t size = 0;  // of the whole frame; 0: not all of it is here
};

Frame first_frame(base::ByteView bytes) {
  if (bytes.size() < 2) return {};
  std::size_t size = bytes[1] & 0x7Fu;
  std::size_t head = 2;
  if (size >= 126) {
    const std::size_t wide = size == 126 ? 2 : 8;
    if (bytes.size() < head + wide) return {};
    size = 0;
    for (std::size_t i = 0; i < wide; ++i) size = size << 8 | bytes[head + i];
    head += wide;
  }
  if (bytes.size() < head + size) return {};
  return {bytes[0], bytes.subspan(head, size), head + size};
}

void wait_for(int fd, short what) {
  pollfd waited{fd, what, 0};
  if (poll(&waited, 1, kPatienceMs) != 1) give_up("the other side does not answer");
}

}  // namespace

// ---- Connection

Connection::Connection(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    give_up(std::string("cannot connect: ") + std::strerror(errno));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

Connection::~Connection() {
  if (fd_ >= 0) close(fd_);
}
Connection::Connection(Connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

void Connection::write(base::ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) give_up(std::string("cannot send: ") + std::strerror(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

bool Connection::read(base::Bytes& into, bool wait) const {
  static std::array<std::uint8_t, 64u << 10> room;
  if (wait) wait_for(fd_, POLLIN);
  const ssize_t got = recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
  if (got > 0) into.insert(into.end(), room.begin(), room.begin() + got);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

// ---- WebSocket

WebSocket::WebSocket(std::uint16_t port, const std::string& path, const std::string& protocol)
    : connection_(port) {
  if (path.empty()) return;
  std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  if (!protocol.empty()) request += "Sec-WebSocket-Protocol: " + protocol + "\r\n";
  connection_.write(base::as_bytes(request + "\r\n"));
  for (;;) {
    const auto end = base::as_text(arrived_).find("\r\n\r\n");
    if (end != std::string_view::npos) {
      if (base::as_text(arrived_).substr(0, 12) != "HTTP/1.1 101")
        give_up("no WebSocket: " + std::string(base::as_text(arrived_)));
      arrived_.erase(arrived_.begin(), arrived_.begin() + static_cast<std::ptrdiff_t>(end + 4));
      return;
    }
    if (!connection_.read(arrived_, true)) give_up("the server refuses the handshake");
  }
}

void WebSocket::send(base::ByteView message) { connection_.write(client_frame(kBinary, message)); }

void WebSocket::receive(const std::function<void(base::ByteView)>& visit, bool wait) {
  if (!connection_.read(arrived_, wait)) give_up("the server has closed a connection");
  base::ByteView rest = arrived_;
  for (Frame frame = first_frame(rest); frame.size != 0; frame = first_frame(rest)) {
    rest = rest.subspan(frame.size);
    if (frame.kind == kBinary) {
      visit(frame.message);
    } else if (frame.kind == kPing) {
      connection_.write(client_frame(kPong, frame.message));
    } else if (frame.kind != kPong) {
      give_up("the server closes a connection");
    }
  }
  arrived_.erase(arrived_.begin(), arrived_.end() - static_cast<std::ptrdiff_t>(rest.size()));
}

base::Bytes WebSocket::receive_one() {
  base::Bytes message;
  bool is_there = false;
  while (!is_there) {
    receive(
        [&](base::ByteView bytes) {
          message.assign(bytes.begin(), bytes.end());
          is_there = true;
        },
        true);
  }
  return message;
}

base::Bytes server_frame(base::ByteView message) {
  base::Bytes frame{kBinary};
  append_length(frame, message.size(), 0);
  frame.insert(frame.end(), message.begin(), message.end());
  return frame;
}

// ---- Poller

Poller::Poller() : fd_(epoll_create1(EPOLL_CLOEXEC)) {}
Poller::~Poller() { close(fd_); }

void Poller::add(int fd, std::size_t number) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = number;
  if (epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event) != 0) give_up("epoll takes no more sockets");
}

void Poller::wait(const std::function<void(std::size_t)>& visit) const {
  std::array<epoll_event, 256> events{};
  const int count = epoll_wait(fd_, events.data(), static_cast<int>(events.size()), kPatienceMs);
  if (count <= 0) give_up("nothing arrives any more");
  for (int i = 0; i < count; ++i) visit(events[static_cast<std::size_t>(i)].data.u64);
}

std::string http_post(std::uint16_t port, const std::string& path, const std::string& json) {
  const Connection connection(port);
  const std::string request = "POST " + path +
                              " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                              "\r\nConnection: close\r\nContent-Type: application/json\r\n"
                              "Content-Length: " +
                              std::to_string(json.size()) + "\r\n\r\n" + json;
  connection.write(base::as_bytes(request));
  base::Bytes answer;
  while (connection.read(answer, true)) {
  }
  return std::string(base::as_text(answer));
}

}  // namespace syncline::bench
