#include "tests/disk/simulated_disk.hpp"

#include <algorithm>
#include <utility>

#include <sqlite3.h>

namespace syncline::disk {

bool is_sync(const Operation& operation) {
  using Kind = Operation::Kind;
  return operation.kind == Kind::sync || operation.kind == Kind::sync_folder ||
         operation.kind == Kind::lost_sync;
}

std::string describe(const Operation& operation) {
  constexpr const char* kNames[] = {"create", "remove",      "write",    "resize",
                                    "sync",   "sync folder", "lost sync"};
  std::string text = kNames[static_cast<std::size_t>(operation.kind)];
  if (operation.kind == Operation::Kind::sync_folder) return text;
  text += " " + operation.name.substr(operation.name.rfind('/') + 1);
  if (operation.kind == Operation::Kind::resize) text += " to " + std::to_string(operation.at);
  if (operation.kind == Operation::Kind::write)
    text += " at " + std::to_string(operation.at) + ": " + std::to_string(operation.bytes.size()) +
            " bytes";
  return text;
}

SimulatedDisk::SimulatedDisk(Image image) {
  for (auto& [name, content] : image) {
    folder_.emplace(name, files_.size());
    files_.push_back({name, std::move(content)});
  }
}

std::uint64_t SimulatedDisk::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : folder_) bytes += files_[file].content.size();
  return bytes;
}

std::optional<FileNumber> SimulatedDisk::find(const std::string& name) const {
  const auto found = folder_.find(name);
  return found == folder_.end() ? std::nullopt : std::optional(found->second);
}

void SimulatedDisk::record(Operation operation) {
  if (!lie_) {
    trace_.push_back(std::move(operation));
  } else {
    lie_(std::move(operation), [this](Operation told) { trace_.push_back(std::move(told)); });
  }
}

FileNumber SimulatedDisk::create(const std::string& name) {
  const FileNumber file = files_.size();
  files_.push_back({name, {}});
  folder_[name] = file;
  record({Operation::Kind::create, file, name, 0, {}});
  return file;
}

void SimulatedDisk::remove(const std::string& name) {
  const auto found = folder_.find(name);
  if (found == folder_.end()) return;
  record({Operation::Kind::remove, found->second, name, 0, {}});
  folder_.erase(found);
}

std::optional<SimulatedDisk::Refusal> SimulatedDisk::refused(const Operation& operation) const {
  if (refuse_) {
    if (auto refusal = refuse_(operation)) return refusal;
  }
  if (!capacity_ || is_sync(operation)) return std::nullopt;
  const std::uint64_t size = files_[operation.file].content.size();
  const std::uint64_t end = operation.at + operation.bytes.size();
  const std::uint64_t in_use = used();
  const std::uint64_t free = *capacity_ > in_use ? *capacity_ - in_use : 0;
  if (end <= size || end - size <= free) return std::nullopt;
  // What fits is written.
  const std::uint64_t fits = size + free > operation.at ? size + free - operation.at : 0;
  return Refusal{SQLITE_FULL,
                 static_cast<std::size_t>(std::min<std::uint64_t>(fits, operation.bytes.size()))};
}

void SimulatedDisk::put(const Operation& operation) {
  base::Bytes& content = files_[operation.file].content;
  const std::uint64_t end = operation.at + operation.bytes.size();
  if (content.size() < end) content.resize(end);
  std::copy(operation.bytes.begin(), operation.bytes.end(),
            content.begin() + static_cast<std::ptrdiff_t>(operation.at));
}

int SimulatedDisk::write(FileNumber file, base::ByteView bytes, std::uint64_t at) {
  Operation operation{
      Operation::Kind::write, file, files_[file].name, at, {bytes.begin(), bytes.end()}};
  const auto refusal = refused(operation);
  if (refusal) operation.bytes.resize(std::min(refusal->written, operation.bytes.size()));
  if (!operation.bytes.empty()) {
    put(operation);
    record(std::move(operation));
  }
  return refusal ? refusal->code : SQLITE_OK;
}

int SimulatedDisk::resize(FileNumber file, std::uint64_t size) {
  Operation operation{Operation::Kind::resize, file, files_[file].name, size, {}};
  if (const auto refusal = refused(operation)) return refusal->code;
  files_[file].content.resize(size);
  record(std::move(operation));
  return SQLITE_OK;
}

int SimulatedDisk::sync(FileNumber file) {
  Operation operation{Operation::Kind::sync, file, files_[file].name, 0, {}};
  const auto refusal = refused(operation);
  if (refusal) operation.kind = Operation::Kind::lost_sync;
  record(std::move(operation));
  return refusal ? refusal->code : SQLITE_OK;
}

void SimulatedDisk::sync_folder() { record({Operation::Kind::sync_folder, 0, {}, 0, {}}); }

}  // namespace syncline::disk
