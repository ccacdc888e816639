// SimulatedDisk: one folder of files in memory, and everything that was done to them, in order: so that afterwards the power
// can be cut at any point of it (platter.hpp). It may refuse what it is asked, as a full or a broken disk does.
//
// Thread rule: one thread. What is read is what was written, synced or not, as with a real disk behind the system's cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "syncline/base/bytes.hpp"

namespace syncline::disk {

// Names and contents.
using Image = std::map<std::string, base::Bytes>;
using FileNumber = std::size_t;  // of a file, whatever it is called; never reused

struct Operation {
  enum class Kind : std::uint8_t {
    create,
    remove,
    write,
    resize,
    sync,
    sync_folder,  // the names in it
    lost_sync,    // it failed, and what it was asked for may never reach the disk
  };
  Kind kind = Kind::write;
  FileNumber file = 0;
  std::string name;      // as it was opened
  std::uint64_t at = 0;  // write: where; resize: to
  base::Bytes bytes;
};
[[nodiscard]] bool is_sync(const Operation& operation);
[[nodiscard]] std::string describe(const Operation& operation);

class SimulatedDisk {
 public:
  // The code of SQLite's that a refused operation gets, and how much of a write reached the file all the same.
  struct Refusal {
    int code = 0;
    std::size_t written = 0;
  };
  // Asked before a write, a resize or a sync.
  using Refuse = std::function<std::optional<Refusal>(const Operation&)>;
  // Writes down what happened; a disk that lies writes down something else.
  using Record = std::function<void(Operation)>;
  using Lie = std::function<void(Operation, const Record&)>;

  explicit SimulatedDisk(Image image = {});
  void set_refuse(Refuse refuse) { refuse_ = std::move(refuse); }
  void set_lie(Lie lie) { lie_ = std::move(lie); }
  // All files together may hold so many bytes; none: without end.
  void set_capacity(std::optional<std::uint64_t> bytes) { capacity_ = bytes; }
  [[nodiscard]] std::uint64_t used() const;

  [[nodiscard]] std::optional<FileNumber> find(const std::string& name) const;
  FileNumber create(const std::string& name);
  void remove(const std::string& name);
  [[nodiscard]] const base::Bytes& content(FileNumber file) const { return files_[file].content; }
  // SQLite's codes.
  [[nodiscard]] int write(FileNumber file, base::ByteView bytes, std::uint64_t at);
  [[nodiscard]] int resize(FileNumber file, std::uint64_t size);
  [[nodiscard]] int sync(FileNumber file);
  void sync_folder();

  // What happened since it was made.
  [[nodiscard]] const std::vector<Operation>& trace() const { return trace_; }

 private:
  struct File {
    std::string name;
    base::Bytes content;
  };
  [[nodiscard]] std::optional<Refusal> refused(const Operation& operation) const;
  void record(Operation operation);
  void put(const Operation& operation);

  std::map<std::string, FileNumber> folder_;
  std::vector<File> files_;
  std::vector<Operation> trace_;
  Refuse refuse_;
  Lie lie_;
  std::optional<std::uint64_t> capacity_;
};

}  // namespace syncline::disk
