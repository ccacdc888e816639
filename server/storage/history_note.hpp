// HistoryNote: how far a database has come, in a file beside it ("<database>.history", one line of text). A backup that is
// copied back is at an earlier version than the note says, or has none: then the database's history is another one from there
// on, and its epoch must be renewed (SEMANTICS 17), or browsers would keep rows of commits that never were. Versions go on far
// behind all that were given: what somebody says he has seen then means what it meant.
//
// It is written after each commit and never synced: one that is too old only fails to tell of a backup taken in the last
// moments before a power cut, and one that is missing or torn only costs every browser one full load. A copy of a whole
// machine brings the note with it, so whoever restores one deletes it. Thread rule: as the storage.
#pragma once

#include <string>

#include "syncline/base/id.hpp"
#include "syncline/base/result.hpp"

namespace syncline::server::storage {

class HistoryNote {
 public:
  struct Position {
    base::Id epoch;
    std::uint64_t version = 0;
  };

  // Creates `path` with mode 0600. Errors: storage_failed.
  [[nodiscard]] static base::Result<HistoryNote> open(const std::string& path);
  HistoryNote(HistoryNote&& other) noexcept;
  HistoryNote& operator=(HistoryNote&&) = delete;
  ~HistoryNote();

  // May a database that is here now have been there when the note was written?
  [[nodiscard]] bool is_before(const Position& now) const;
  void write(const Position& position);

 private:
  explicit HistoryNote(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace syncline::server::storage
