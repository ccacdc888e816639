#include "server/storage/history_note.hpp"

#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "server/storage/file_lock.hpp"

namespace syncline::server::storage {

namespace {

constexpr std::size_t kIdLetters = 36;
constexpr std::size_t kVersionDigits = 20;
constexpr std::size_t kLineLength = kIdLetters + 1 + kVersionDigits + 1;

std::optional<HistoryNote::Position> read_line(int descriptor) {
  char text[kLineLength];
  if (::pread(descriptor, text, kLineLength, 0) != static_cast<ssize_t>(kLineLength))
    return std::nullopt;
  const auto epoch = base::parse_id(std::string_view(text, kIdLetters));
  HistoryNote::Position position;
  const char* const digits = text + kIdLetters + 1;
  const char* const end = digits + kVersionDigits;
  const auto read = std::from_chars(digits, end, position.version);
  if (!epoch || read.ec != std::errc() || read.ptr != end || *end != '\n') return std::nullopt;
  position.epoch = *epoch;
  return position;
}

}  // namespace

base::Result<HistoryNote> HistoryNote::open(const std::string& path) {
  SYNC_ASSIGN(const int descriptor, open_private(path));
  return HistoryNote(descriptor);
}

HistoryNote::HistoryNote(HistoryNote&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

HistoryNote::~HistoryNote() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool HistoryNote::is_before(const Position& now) const {
  const auto noted = read_line(descriptor_);
  return noted && noted->epoch == now.epoch && noted->version <= now.version;
}

void HistoryNote::write(const Position& position) {
  char line[kLineLength + 1];
  std::snprintf(line, sizeof line, "%s %020llu\n", base::to_string(position.epoch).c_str(),
                static_cast<unsigned long long>(position.version));
  // What cannot be noted is not: see above.
  static_cast<void>(::pwrite(descriptor_, line, kLineLength, 0) == 0);
}

}  // namespace syncline::server::storage
