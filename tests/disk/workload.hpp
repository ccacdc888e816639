// A life of a server on a simulated disk, as a function of a seed: the database is opened (and made, where there is none),
// browsers and programs write through the authority, people sign in, the log is checkpointed, readers hold snapshots, the
// database is closed and opened again; and some disks refuse now and then what they are asked.
#pragma once

#include <functional>
#include <memory>

#include "tests/disk/witness.hpp"

namespace syncline::disk {

// A bug planted around a part of what ships.
struct Canary {
  const char* name;
  const char* about;
  // What the disk claims to have done; a new one for each life.
  std::function<SimulatedDisk::Lie()> lie;
  std::function<std::unique_ptr<simulation::StorageLayer>(authority::Storage&)> layer;
  const char* pragmas = "";
};

// What somebody was told.
struct Heard {
  std::size_t at = 0;          // so many operations had happened
  model::MutationId mutation;  // of a browser; else nil
  model::Version version = 0;  // that it became; 0: it changed nothing
  base::Id user;               // of a program
  std::string key;             // of a program's request
  base::Bytes answer;
};

struct Opened {
  std::size_t at = 0;
  base::Id epoch;
};

struct Life {
  Image before;
  std::vector<Operation> trace;
  std::vector<Attempt> attempts;
  std::vector<Heard> heard;
  std::vector<Opened> opened;
  std::uint64_t refusals = 0;
  // Something went wrong without any cut; empty: no.
  std::string failure;
};

[[nodiscard]] const model::Schema& workload_schema();
// `path` names the database on the simulated disk; what is not SQLite's (the lock) lies on the real one. `number` counts the
// lives of one workload: what they write does not collide.
[[nodiscard]] Life live(const std::string& path, Image before, std::uint64_t seed,
                        std::uint32_t number, const Canary* canary);

}  // namespace syncline::disk
