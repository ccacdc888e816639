#include "tests/disk/platter.hpp"

#include <algorithm>

namespace syncline::disk {

namespace {

constexpr std::uint64_t kSector = 512;

void put(base::Bytes& content, const Operation& write, std::uint64_t begin, std::uint64_t end) {
  if (content.size() < end) content.resize(end);
  std::copy(write.bytes.begin() + static_cast<std::ptrdiff_t>(begin - write.at),
            write.bytes.begin() + static_cast<std::ptrdiff_t>(end - write.at),
            content.begin() + static_cast<std::ptrdiff_t>(begin));
}

void apply(base::Bytes& content, const Operation& operation) {
  if (operation.kind == Operation::Kind::resize) {
    content.resize(operation.at);
  } else {
    put(content, operation, operation.at, operation.at + operation.bytes.size());
  }
}

// The file has grown, but what was written there is not what is read: nothing, or what lay on the disk before.
void grow_without(base::Bytes& content, std::uint64_t end, base::Random& random) {
  const bool garbage = random.below(2) == 0;
  while (content.size() < end)
    content.push_back(garbage ? static_cast<std::uint8_t>(random.next()) : std::uint8_t{0});
}

}  // namespace

Platter::Platter(const Image& before) {
  for (const auto& [name, content] : before) {
    folder_.emplace(name, files_.size());
    files_.push_back({content, {}});
  }
}

Platter::File& Platter::file(FileNumber number) {
  if (files_.size() <= number) files_.resize(number + 1);
  return files_[number];
}

void Platter::sync(File& file) {
  bool behind_doomed = false;
  for (Pending& pending : file.pending) {
    behind_doomed = behind_doomed || pending.doomed;
    if (!pending.doomed) pending.certain = true;
    if (!behind_doomed) apply(file.synced, *pending.operation);
  }
  const auto first_doomed = std::find_if(file.pending.begin(), file.pending.end(),
                                         [](const Pending& pending) { return pending.doomed; });
  file.pending.erase(file.pending.begin(), first_doomed);
}

void Platter::take(const Operation& operation) {
  File& changed = file(operation.file);
  switch (operation.kind) {
    case Operation::Kind::create: pending_names_.push_back({operation.name, operation.file}); break;
    case Operation::Kind::remove: pending_names_.push_back({operation.name, std::nullopt}); break;
    case Operation::Kind::write:
    case Operation::Kind::resize: changed.pending.push_back({&operation}); break;
    case Operation::Kind::sync: sync(changed); break;
    case Operation::Kind::lost_sync:
      for (Pending& pending : changed.pending) pending.doomed = !pending.certain;
      break;
    case Operation::Kind::sync_folder:
      for (const Name& name : pending_names_) {
        folder_.erase(name.name);
        if (name.file) folder_.emplace(name.name, *name.file);
      }
      pending_names_.clear();
      break;
  }
}

base::Bytes Platter::content_after_cut(const File& file, Loss loss, base::Random& random) {
  base::Bytes content = file.synced;
  const std::size_t one = file.pending.empty() ? 0 : random.index(file.pending.size());
  for (std::size_t i = 0; i < file.pending.size(); ++i) {
    const Operation& operation = *file.pending[i].operation;
    bool kept = file.pending[i].certain;
    bool torn = false;
    switch (loss) {
      case Loss::all: break;
      case Loss::nothing: kept = true; break;
      case Loss::some_writes: kept = kept || random.below(2) == 0; break;
      case Loss::some_sectors: torn = !kept; break;
      case Loss::one_write: kept = kept || i == one; break;
      case Loss::all_but_one_write: kept = kept || i != one; break;
    }
    if (operation.kind == Operation::Kind::resize) torn = false;
    if (kept) apply(content, operation);
    if (!torn) continue;
    const std::uint64_t end = operation.at + operation.bytes.size();
    for (std::uint64_t begin = operation.at; begin < end;) {
      const std::uint64_t next = std::min(end, (begin / kSector + 1) * kSector);
      const auto fate = random.below(5);
      if (fate < 3) put(content, operation, begin, next);
      if (fate == 3) grow_without(content, next, random);
      begin = next;
    }
  }
  return content;
}

Image Platter::after_cut(base::Random& random) const {
  const auto loss = static_cast<Loss>(random.below(6));
  // Of each name's changes the first ones are there.
  std::map<std::string, std::vector<std::optional<FileNumber>>> changes;
  for (const Name& name : pending_names_) changes[name.name].push_back(name.file);
  std::map<std::string, FileNumber> folder = folder_;
  for (const auto& [name, states] : changes) {
    std::size_t kept = random.index(states.size() + 1);
    if (loss == Loss::all) kept = 0;
    if (loss == Loss::nothing) kept = states.size();
    if (kept == 0) continue;
    folder.erase(name);
    if (states[kept - 1]) folder.emplace(name, *states[kept - 1]);
  }
  Image image;
  for (const auto& [name, number] : folder)
    image.emplace(name, content_after_cut(files_[number], loss, random));
  return image;
}

}  // namespace syncline::disk
