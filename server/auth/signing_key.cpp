#include "server/auth/signing_key.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace syncline::server::auth {
namespace {

constexpr std::size_t kTextSize = kKeySize * 2 + 1;  // hex digits and a newline

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] bool ok() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

void sync_folder_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  const File file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  // Some filesystems cannot; a key that is lost is made anew, and everybody signs in again.
  if (file.ok()) static_cast<void>(::fsync(file.fd()));
}

base::Error failure(const std::string& path, const std::string& what) {
  return {base::Code::storage_failed, "The signing key " + path + " " + what};
}

// Under its name only when it is whole: a disk that is full, or loses its power, must not leave half a key.
base::Result<Key> create(const std::string& path) {
  const std::string unfinished = path + ".new";
  ::unlink(unfinished.c_str());
  const File file(unfinished, O_CREAT | O_EXCL | O_WRONLY);
  if (!file.ok()) return failure(path, std::string("cannot be created: ") + std::strerror(errno));
  const Key key = random_key();
  char text[kTextSize];
  sodium_bin2hex(text, sizeof text, key.data(), key.size());
  text[kTextSize - 1] = '\n';
  if (::write(file.fd(), text, sizeof text) != static_cast<ssize_t>(sizeof text) ||
      ::fsync(file.fd()) != 0 || ::rename(unfinished.c_str(), path.c_str()) != 0) {
    const int why = errno;
    ::unlink(unfinished.c_str());
    return failure(path, std::string("cannot be written: ") + std::strerror(why));
  }
  sync_folder_of(path);
  return key;
}

}  // namespace

base::Result<Key> load_or_create_key(const std::string& path) {
  prepare_crypto();
  const File file(path, O_RDONLY);
  if (!file.ok()) {
    if (errno == ENOENT) return create(path);
    return failure(path, std::string("cannot be read: ") + std::strerror(errno));
  }
  struct stat about {};
  if (::fstat(file.fd(), &about) != 0 || (about.st_mode & 077) != 0) {
    return failure(
        path,
        "may be read by others. Remove it (everybody signs in again) or set its mode to 0600.");
  }
  char text[kTextSize];
  Key key;
  std::size_t size = 0;
  if (::read(file.fd(), text, sizeof text) < static_cast<ssize_t>(kKeySize * 2) ||
      sodium_hex2bin(key.data(), key.size(), text, kKeySize * 2, nullptr, &size, nullptr) != 0 ||
      size != kKeySize) {
    return failure(path, "is not a key of 64 hex digits. Remove it; everybody signs in again.");
  }
  return key;
}

}  // namespace syncline::server::auth
