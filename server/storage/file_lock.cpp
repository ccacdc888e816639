#include "server/storage/file_lock.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace syncline::server::storage {

namespace {

base::Error failed(const std::string& path) {
  return {base::Code::storage_failed,
          "Cannot open " + path + ": " + std::generic_category().message(errno)};
}

}  // namespace

base::Result<int> open_private(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return failed(path);
  return descriptor;
}

base::Result<FileLock> FileLock::acquire(const std::string& path) {
  SYNC_ASSIGN(const int descriptor, open_private(path));
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed(path);
    return base::Error(base::Code::unavailable, "Another Syncline process has this database open.");
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string beside(const std::string& database, std::string_view suffix) {
  std::error_code unknown;
  const auto real = std::filesystem::weakly_canonical(database, unknown);
  return (unknown ? database : real.string()) + std::string(suffix);
}

base::Status create_private_file(const std::string& path) {
  SYNC_ASSIGN(const int descriptor, open_private(path));
  ::close(descriptor);
  return {};
}

}  // namespace syncline::server::storage
