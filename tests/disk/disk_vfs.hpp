// SQLite on a SimulatedDisk: this becomes the process's default VFS, so the server's own one (wal_vfs) lies over it as it lies
// over the system's. It does what SQLite's own for Unix does where the disk can tell: the folder is synced with the first sync
// of a journal or log, and when a removal asks for it. Shared memory and locks are the process's, and gone with it.
#pragma once

#include <memory>

#include "tests/disk/simulated_disk.hpp"

namespace syncline::disk {

// While it lives, SQLite's files on this thread are the disk's. One at a time; everything is closed before it goes.
class Mount {
 public:
  explicit Mount(SimulatedDisk& disk);
  ~Mount();
  Mount(const Mount&) = delete;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace syncline::disk
