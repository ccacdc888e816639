// FileLock: one process may open a database for writing (SEMANTICS 43). Held until destruction; the kernel drops it when
// the process dies, so nothing stale is left behind.
#pragma once

#include <string>
#include <string_view>

#include "syncline/base/result.hpp"

namespace syncline::server::storage {

class FileLock {
 public:
  // Creates `path` with mode 0600. Errors: unavailable (another process holds it), storage_failed.
  [[nodiscard]] static base::Result<FileLock> acquire(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// The name of what belongs to a database and lies beside it (lock, socket, key): beside the file itself, whatever link names
// it here, so that there is only one of each.
[[nodiscard]] std::string beside(const std::string& database, std::string_view suffix);

// Opens the file to read and write, and creates it with mode 0600 if it is missing: a descriptor that is the caller's to close.
[[nodiscard]] base::Result<int> open_private(const std::string& path);
// Creates the file with mode 0600 if it is missing; SQLite gives its -wal and -shm files the same mode.
[[nodiscard]] base::Status create_private_file(const std::string& path);

}  // namespace syncline::server::storage
