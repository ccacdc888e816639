// A client that knows only bytes, so that the server is tried with what no library would send.
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace syncline::server::net::testing {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  bool write(const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (n <= 0) return false;
      done += static_cast<std::size_t>(n);
    }
    return true;
  }
  // Sends this again and again until nobody has taken any of it for 2 s, or `most` bytes are sent. So many were taken.
  std::size_t write_until_blocked(const std::string& bytes, std::size_t most) {
    std::size_t done = 0;
    for (pollfd room{fd_, POLLOUT, 0}; done < most && ::poll(&room, 1, 2'000) == 1;) {
      const std::size_t at = done % bytes.size();
      const ssize_t n =
          ::send(fd_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN) break;
      if (n > 0) done += static_cast<std::size_t>(n);
    }
    return done;
  }
  // Reads until the text holds `end`, or the server closes, or 10 s are over. What was read is kept until take().
  bool read_until(const std::string& end) {
    while (text_.find(end) == std::string::npos) {
      if (!read_more()) return false;
    }
    return true;
  }
  bool read_exactly(std::size_t bytes) {
    while (text_.size() < bytes) {
      if (!read_more()) return false;
    }
    return true;
  }
  // Everything until the server closes.
  std::string read_all() {
    while (read_more()) continue;
    return take(text_.size());
  }
  // Sends one byte after the other, one every 50 ms, until nobody takes them any more; that the server has said its last
  // word does not count. False: so many were taken.
  bool drip_until_refused(int bytes) {
    for (int i = 0; i < bytes; ++i) {
      pollfd gone{fd_, 0, 0};
      if (!write("x") || ::poll(&gone, 1, 50) == 1) return true;
    }
    return false;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  std::string take(std::size_t bytes) {
    std::string taken = text_.substr(0, bytes);
    text_.erase(0, bytes);
    return taken;
  }

  // ---- WebSocket
  // Takes the answer to the upgrade; true when it was accepted.
  bool upgrade(const std::string& path, const std::string& protocol, const std::string& more = "") {
    write("GET " + path +
          " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          "Sec-WebSocket-Protocol: " +
          protocol + "\r\n" + more + "\r\n");
    if (!read_until("\r\n\r\n")) return false;
    head_ = take(text_.find("\r\n\r\n") + 4);
    return head_.find(" 101 ") != std::string::npos;
  }
  [[nodiscard]] const std::string& head() const { return head_; }
  // One masked frame; a zero mask leaves the payload readable.
  bool write_frame(int opcode, const std::string& payload, bool masked = true) {
    std::string frame(1, static_cast<char>(0x80 | opcode));
    const auto mask_bit = static_cast<char>(masked ? 0x80 : 0);
    if (payload.size() < 126) {
      frame += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
    } else {
      frame += static_cast<char>(mask_bit | 127);
      for (int shift = 56; shift >= 0; shift -= 8)
        frame += static_cast<char>((payload.size() >> shift) & 0xff);
    }
    if (masked) frame.append(4, '\0');
    return write(frame + payload);
  }
  struct Frame {
    int opcode = -1;  // -1: the server closed the connection
    std::string payload;
    [[nodiscard]] int close_code() const {
      if (opcode != 8 || payload.size() < 2) return 0;
      return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
    }
  };
  Frame read_frame() {
    if (!read_exactly(2)) return {};
    std::size_t size = static_cast<unsigned char>(text_[1]) & 0x7f, header = 2;
    const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (more != 0) {
      if (!read_exactly(2 + more)) return {};
      size = 0;
      for (std::size_t i = 0; i < more; ++i)
        size = size * 256 + static_cast<unsigned char>(text_[2 + i]);
      header += more;
    }
    if (!read_exactly(header + size)) return {};
    Frame frame{text_[0] & 0x0f, text_.substr(header, size)};
    take(header + size);
    return frame;
  }

 private:
  bool read_more() {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, 10'000) != 1) return false;
    char bytes[16'384];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n <= 0) return false;
    text_.append(bytes, static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string text_, head_;
};

}  // namespace syncline::server::net::testing
