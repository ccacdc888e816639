#include "tests/disk/disk_vfs.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include <sqlite3.h>

#include "syncline/base/check.hpp"

namespace syncline::disk {

namespace {

struct OpenFile {
  Mount::State* mount;
  FileNumber file;
  std::string name;
  bool syncs_folder = false;  // with its next sync
  bool removed_at_end = false;
  int lock = SQLITE_LOCK_NONE;
  unsigned shared_slots = 0, exclusive_slots = 0;  // of the shared memory
};

}  // namespace

struct Mount::State {
  explicit State(SimulatedDisk& on) : disk(on) {}
  SimulatedDisk& disk;
  std::vector<OpenFile*> open;
  std::map<FileNumber, std::vector<std::unique_ptr<base::Bytes>>> shared_memory;
  std::size_t nameless = 0;

  template <class Predicate>
  [[nodiscard]] bool another(const OpenFile& file, Predicate predicate) const {
    return std::any_of(open.begin(), open.end(), [&](const OpenFile* other) {
      return other != &file && other->file == file.file && predicate(*other);
    });
  }
};

namespace {

thread_local Mount::State* mounted = nullptr;

// What SQLite sees of a file.
struct Handle {
  sqlite3_file base;
  OpenFile* file;
};
OpenFile& of(sqlite3_file* handle) { return *reinterpret_cast<Handle*>(handle)->file; }
SimulatedDisk& disk_of(sqlite3_file* handle) { return of(handle).mount->disk; }

int close(sqlite3_file* handle) {
  OpenFile& file = of(handle);
  auto& open = file.mount->open;
  open.erase(std::find(open.begin(), open.end(), &file));
  if (file.removed_at_end) file.mount->disk.remove(file.name);
  delete &file;
  return SQLITE_OK;
}

int read(sqlite3_file* handle, void* into, int size, sqlite3_int64 at) {
  const base::Bytes& content = disk_of(handle).content(of(handle).file);
  const auto begin = std::min<std::size_t>(static_cast<std::size_t>(at), content.size());
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(size), content.size() - begin);
  if (count > 0) std::memcpy(into, content.data() + begin, count);
  if (count == static_cast<std::size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<std::uint8_t*>(into) + count, 0, static_cast<std::size_t>(size) - count);
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* handle, const void* data, int size, sqlite3_int64 at) {
  return disk_of(handle).write(
      of(handle).file, {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)},
      static_cast<std::uint64_t>(at));
}

int sync(sqlite3_file* handle, int) {
  OpenFile& file = of(handle);
  const int code = file.mount->disk.sync(file.file);
  if (code == SQLITE_OK && std::exchange(file.syncs_folder, false)) file.mount->disk.sync_folder();
  return code;
}

int file_size(sqlite3_file* handle, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(disk_of(handle).content(of(handle).file).size());
  return SQLITE_OK;
}

int lock(sqlite3_file* handle, int level) {
  OpenFile& file = of(handle);
  if (file.lock >= level) return SQLITE_OK;
  const auto held_from = [&](int least) {
    return file.mount->another(file, [&](const OpenFile& other) { return other.lock >= least; });
  };
  if (held_from(level == SQLITE_LOCK_SHARED ? SQLITE_LOCK_PENDING : SQLITE_LOCK_RESERVED))
    return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && held_from(SQLITE_LOCK_SHARED)) {
    file.lock = SQLITE_LOCK_PENDING;
    return SQLITE_BUSY;
  }
  file.lock = level;
  return SQLITE_OK;
}

int unlock(sqlite3_file* handle, int level) {
  of(handle).lock = std::min(of(handle).lock, level);
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* handle, int* held) {
  const auto reserved = [](const OpenFile& each) { return each.lock >= SQLITE_LOCK_RESERVED; };
  *held = reserved(of(handle)) || of(handle).mount->another(of(handle), reserved) ? 1 : 0;
  return SQLITE_OK;
}

int file_control(sqlite3_file*, int operation, void* argument) {
  if (operation != SQLITE_FCNTL_HAS_MOVED) return SQLITE_NOTFOUND;
  *static_cast<int*>(argument) = 0;
  return SQLITE_OK;
}

int map_shared(sqlite3_file* handle, int region, int size, int extend, void volatile** memory) {
  auto& regions = of(handle).mount->shared_memory[of(handle).file];
  *memory = nullptr;
  while (extend != 0 && regions.size() <= static_cast<std::size_t>(region))
    regions.push_back(std::make_unique<base::Bytes>(static_cast<std::size_t>(size)));
  if (static_cast<std::size_t>(region) < regions.size())
    *memory = regions[static_cast<std::size_t>(region)]->data();
  return SQLITE_OK;
}

int lock_shared(sqlite3_file* handle, int first, int count, int flags) {
  OpenFile& file = of(handle);
  const unsigned mask = ((1u << count) - 1) << first;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    file.shared_slots &= ~mask;
    file.exclusive_slots &= ~mask;
    return SQLITE_OK;
  }
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if (file.mount->another(file, [&](const OpenFile& other) {
        return ((other.exclusive_slots | (exclusive ? other.shared_slots : 0u)) & mask) != 0;
      }))
    return SQLITE_BUSY;
  (exclusive ? file.exclusive_slots : file.shared_slots) |= mask;
  return SQLITE_OK;
}

int unmap_shared(sqlite3_file* handle, int) {
  OpenFile& file = of(handle);
  file.shared_slots = file.exclusive_slots = 0;
  if (!file.mount->another(file, [](const OpenFile&) { return true; }))
    file.mount->shared_memory.erase(file.file);
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {2,
                                     close,
                                     read,
                                     write,
                                     [](sqlite3_file* handle, sqlite3_int64 size) {
                                       return disk_of(handle).resize(
                                           of(handle).file, static_cast<std::uint64_t>(size));
                                     },
                                     sync,
                                     file_size,
                                     lock,
                                     unlock,
                                     check_reserved,
                                     file_control,
                                     [](sqlite3_file*) { return 4096; },
                                     [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; },
                                     map_shared,
                                     lock_shared,
                                     [](sqlite3_file*) {},
                                     unmap_shared,
                                     nullptr,
                                     nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* handle, int flags, int* opened_flags) {
  handle->pMethods = nullptr;
  SYNC_CHECK(mounted != nullptr, "no disk is mounted on this thread");
  const std::string called =
      name != nullptr ? name : "nameless-" + std::to_string(mounted->nameless++);
  const auto found = mounted->disk.find(called);
  const bool may_create = (flags & SQLITE_OPEN_CREATE) != 0;
  if (!found && !may_create) return SQLITE_CANTOPEN;
  constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  auto file = std::make_unique<OpenFile>();
  file->mount = mounted;
  file->name = called;
  file->file = found ? *found : mounted->disk.create(called);
  file->syncs_folder = may_create && (flags & kJournals) != 0;
  file->removed_at_end = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  mounted->open.push_back(file.get());
  reinterpret_cast<Handle*>(handle)->file = file.release();
  handle->pMethods = &kMethods;
  if (opened_flags != nullptr) *opened_flags = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char* name, int sync_folder) {
  if (!mounted->disk.find(name)) return SQLITE_IOERR_DELETE_NOENT;
  mounted->disk.remove(name);
  if (sync_folder != 0) mounted->disk.sync_folder();
  return SQLITE_OK;
}

int access(sqlite3_vfs*, const char* name, int flags, int* result) {
  const auto found = mounted->disk.find(name);
  // As SQLite's own does: an empty file is none.
  *result = found && (flags != SQLITE_ACCESS_EXISTS || !mounted->disk.content(*found).empty());
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* into) {
  return std::snprintf(into, static_cast<std::size_t>(size), "%s", name) < size ? SQLITE_OK
                                                                                : SQLITE_CANTOPEN;
}

void become_default() {
  static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);
  static const int registered = [] {
    vfs.zName = "simulated-disk";
    vfs.pNext = nullptr;
    vfs.szOsFile = static_cast<int>(sizeof(Handle));
    vfs.xOpen = open;
    vfs.xDelete = remove;
    vfs.xAccess = access;
    vfs.xFullPathname = full_path;
    return sqlite3_vfs_register(&vfs, 1);
  }();
  SYNC_CHECK(registered == SQLITE_OK, "SQLite does not take the simulated disk");
}

}  // namespace

Mount::Mount(SimulatedDisk& disk) : state_(std::make_unique<State>(disk)) {
  become_default();
  SYNC_CHECK(mounted == nullptr, "a disk is mounted already");
  mounted = state_.get();
}

Mount::~Mount() {
  SYNC_CHECK(state_->open.empty(), "a file is open when its disk goes");
  mounted = nullptr;
}

}  // namespace syncline::disk
