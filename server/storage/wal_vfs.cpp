// A VFS over SQLite's own one. Only files opened as a log are wrapped; all others are the other VFS's from their opening on.
//
// Invariants: what is held follows what was written last, so it is the log's end and nothing else; whoever reads, measures,
// cuts or syncs the log through this handle finds it in the file. Other connections are shown a transaction after its last
// frame was written, and from that frame's head on nothing is held, whatever `synchronous` says. A failure to write what was
// held fails the call that needed it in the file, and the transaction with it.
#include "server/storage/wal_vfs.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include <sqlite3.h>

namespace syncline::server::storage {

namespace {

constexpr int kFrameHeadSize = 24;
// SQLite's own VFS writes less than 128 KiB at once.
constexpr std::size_t kHeldMax = std::size_t{124} << 10;

// The database's size behind it, which only the last frame of a transaction has.
bool is_last_frame(const std::uint8_t* head) {
  return (head[4] | head[5] | head[6] | head[7]) != 0;
}

class Log {
 public:
  explicit Log(sqlite3_file* file) : file_(file) { held_.reserve(kHeldMax); }
  [[nodiscard]] sqlite3_file* file() const { return file_; }

  int write(const void* data, int size, sqlite3_int64 at) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    const auto count = static_cast<std::size_t>(size);
    if (size == kFrameHeadSize) ends_transaction_ = is_last_frame(bytes);
    const bool may_wait = at == end_ && !ends_transaction_ && count <= kHeldMax;
    if (!may_wait || held_.size() + count > kHeldMax) {
      if (const int code = flush(); code != SQLITE_OK) return code;
    }
    end_ = at + size;
    if (!may_wait) return file_->pMethods->xWrite(file_, data, size, at);
    held_.insert(held_.end(), bytes, bytes + count);
    return SQLITE_OK;
  }

  int flush() {
    if (held_.empty()) return SQLITE_OK;
    const auto size = static_cast<int>(held_.size());
    const int code = file_->pMethods->xWrite(file_, held_.data(), size, end_ - size);
    held_.clear();
    if (code != SQLITE_OK) end_ = -1;
    return code;
  }

 private:
  sqlite3_file* const file_;
  std::vector<std::uint8_t>
      held_;                // up to end_; never grows beyond its first room, so it cannot throw
  sqlite3_int64 end_ = -1;  // behind the last write
  bool ends_transaction_ = false;
};

// What SQLite sees of the log's file; the other VFS's file lies behind it in the same memory.
struct LogFile {
  sqlite3_file base;
  Log* log;
};
constexpr std::size_t kAlignment = alignof(std::max_align_t);
constexpr std::size_t kLogFileSize = (sizeof(LogFile) + kAlignment - 1) / kAlignment * kAlignment;

Log& log_of(sqlite3_file* file) { return *reinterpret_cast<LogFile*>(file)->log; }
sqlite3_file* below(sqlite3_file* file) { return log_of(file).file(); }

int close(sqlite3_file* file) {
  Log* const log = &log_of(file);
  sqlite3_file* const real = log->file();
  const int flushed = log->flush();
  const int closed = real->pMethods->xClose(real);
  delete log;
  return flushed != SQLITE_OK ? flushed : closed;
}

// A call that must find everything in the file.
template <class Call>
int in_file(sqlite3_file* file, Call call) {
  const int code = log_of(file).flush();
  return code != SQLITE_OK ? code : call(below(file));
}

const sqlite3_io_methods kLogMethods = {
    1,
    close,
    [](sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
      return in_file(file, [&](auto* real) { return real->pMethods->xRead(real, into, size, at); });
    },
    [](sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
      return log_of(file).write(data, size, at);
    },
    [](sqlite3_file* file, sqlite3_int64 size) {
      return in_file(file, [&](auto* real) { return real->pMethods->xTruncate(real, size); });
    },
    [](sqlite3_file* file, int flags) {
      return in_file(file, [&](auto* real) { return real->pMethods->xSync(real, flags); });
    },
    [](sqlite3_file* file, sqlite3_int64* size) {
      return in_file(file, [&](auto* real) { return real->pMethods->xFileSize(real, size); });
    },
    [](sqlite3_file* file, int level) { return below(file)->pMethods->xLock(below(file), level); },
    [](sqlite3_file* file, int level) {
      return below(file)->pMethods->xUnlock(below(file), level);
    },
    [](sqlite3_file* file, int* held) {
      return below(file)->pMethods->xCheckReservedLock(below(file), held);
    },
    [](sqlite3_file* file, int operation, void* argument) {
      return below(file)->pMethods->xFileControl(below(file), operation, argument);
    },
    [](sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); },
    [](sqlite3_file* file) { return below(file)->pMethods->xDeviceCharacteristics(below(file)); },
    nullptr,  // the rest is of later versions of the interface: shared memory and mapping, which a log's file has not
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr};

sqlite3_vfs* own_vfs() { return sqlite3_vfs_find(nullptr); }

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* opened_flags) {
  sqlite3_vfs* const own = own_vfs();
  if ((flags & SQLITE_OPEN_WAL) == 0) return own->xOpen(own, name, file, flags, opened_flags);
  file->pMethods = nullptr;
  auto* const real =
      reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::uint8_t*>(file) + kLogFileSize);
  real->pMethods = nullptr;
  try {
    auto log = std::make_unique<Log>(real);
    const int code = own->xOpen(own, name, real, flags, opened_flags);
    if (code != SQLITE_OK) {
      if (real->pMethods != nullptr) real->pMethods->xClose(real);
      return code;
    }
    reinterpret_cast<LogFile*>(file)->log = log.release();
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
  file->pMethods = &kLogMethods;
  return SQLITE_OK;
}

const char* register_vfs() {
  const sqlite3_vfs* const own = own_vfs();
  if (own == nullptr) return nullptr;
  static sqlite3_vfs vfs = *own;
  vfs.zName = "syncline";
  vfs.pNext = nullptr;
  vfs.szOsFile += static_cast<int>(kLogFileSize);
  vfs.xOpen = open;
  return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? vfs.zName : nullptr;
}

}  // namespace

const char* wal_vfs() {
  static const char* const name = register_vfs();
  return name;
}

}  // namespace syncline::server::storage
