// What lies at a --db path, looked at before anything is created, locked or changed there: a mistyped path must not leave
// files behind, and another program's data must not become ours.
#pragma once

#include <string>

#include "syncline/base/result.hpp"

namespace syncline::server::app {

enum class DatabaseFile : std::uint8_t {
  missing,  // nothing there, and a database could be made
  empty,    // a file that holds nothing yet
  ours,
};
// REQUIRES: this process has the file not open (closing a file drops the locks that its SQLite holds on it).
// Errors, for people: invalid (a folder, another program's file, no such folder, a second name), unavailable (may not be read or written),
// storage_failed (damaged).
[[nodiscard]] base::Result<DatabaseFile> inspect_database(const std::string& path);
// For commands that work on what is there. Errors: not_found, and inspect_database()'s.
[[nodiscard]] base::Status require_database(const std::string& path);

}  // namespace syncline::server::app
