#include "server/app/unix_socket.hpp"

#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace syncline::server::app {
namespace {

// The address of a path; `folder` keeps the descriptor through which a long path is reached.
class Address {
 public:
  explicit Address(const std::string& path) {
    address_.sun_family = AF_UNIX;
    std::string reachable = path;
    if (path.size() >= sizeof address_.sun_path) {
      const auto slash = path.rfind('/');
      const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
      folder_ = ::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
      reachable = "/proc/self/fd/" + std::to_string(folder_) + "/" + path.substr(slash + 1);
    }
    fits_ = reachable.size() < sizeof address_.sun_path;
    if (fits_) std::memcpy(address_.sun_path, reachable.c_str(), reachable.size() + 1);
  }
  ~Address() {
    if (folder_ >= 0) ::close(folder_);
  }
  Address(const Address&) = delete;
  Address& operator=(const Address&) = delete;
  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t kSize = sizeof(sockaddr_un);

 private:
  sockaddr_un address_{};
  int folder_ = -1;
  bool fits_ = false;
};

}  // namespace

int connect_unix(const std::string& path) {
  const Address address(path);
  const int socket = address.fits() ? ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
  if (socket < 0) return -1;
  if (::connect(socket, address.get(), Address::kSize) == 0) return socket;
  ::close(socket);
  return -1;
}

int listen_unix(const std::string& path) {
  const Address address(path);
  const int socket = address.fits() ? ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
  if (socket < 0) return -1;
  ::unlink(path.c_str());
  // The mode of the socket file comes from the descriptor's, before anybody could connect.
  if (::fchmod(socket, 0600) == 0 && ::bind(socket, address.get(), Address::kSize) == 0 &&
      ::chmod(path.c_str(), 0600) == 0 && ::listen(socket, 16) == 0) {
    return socket;
  }
  ::close(socket);
  return -1;
}

}  // namespace syncline::server::app
