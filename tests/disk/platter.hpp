// Platter: what a disk holds for certain after some operations, and what of the rest is still there when the power goes:
// any part of what was not synced, in any order, torn between sectors of 512 bytes.
#pragma once

#include "syncline/base/random.hpp"
#include "tests/disk/simulated_disk.hpp"

namespace syncline::disk {

class Platter {
 public:
  // Numbers the files of `before` as SimulatedDisk does.
  explicit Platter(const Image& before);
  // The next thing that happens. REQUIRES: the operation outlives the platter.
  void take(const Operation& operation);
  // What is found when the power is back.
  [[nodiscard]] Image after_cut(base::Random& random) const;

 private:
  enum class Loss : std::uint8_t {
    all,      // of what was not synced
    nothing,  // as when the process was killed
    some_writes,
    some_sectors,
    one_write,
    all_but_one_write,
  };
  struct Pending {
    const Operation* operation;
    bool doomed = false;   // a sync that failed forgot it: later ones do not bring it to the disk
    bool certain = false;  // synced, but behind something doomed
  };
  struct File {
    base::Bytes synced;
    std::vector<Pending> pending;
  };
  struct Name {
    std::string name;
    std::optional<FileNumber> file;  // none: removed
  };
  [[nodiscard]] File& file(FileNumber number);
  void sync(File& file);
  [[nodiscard]] static base::Bytes content_after_cut(const File& file, Loss loss,
                                                     base::Random& random);

  std::map<std::string, FileNumber> folder_;
  std::vector<Name> pending_names_;
  std::vector<File> files_;
};

}  // namespace syncline::disk
