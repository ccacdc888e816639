#include "server/app/database_file.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "server/storage/sqlite.hpp"

namespace syncline::server::app {
namespace {

using base::Code;
using base::Error;

std::string why(int error) { return std::generic_category().message(error); }

// A database keeps files beside itself: the lock, SQLite's log, the key.
base::Status check_folder(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  struct stat about {};
  if (::stat(folder.c_str(), &about) != 0)
    return Error{Code::invalid, "The folder of the database " + path + ": " + why(errno) + "."};
  if (!S_ISDIR(about.st_mode))
    return Error{Code::invalid, folder + " is no folder, so " + path + " cannot be a database."};
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return Error{Code::unavailable, "The folder " + folder + " may not be written (" + why(errno) +
                                        "), and a database keeps files beside itself."};
  }
  return {};
}

// SQLite's first bytes; an empty file is an empty database to it.
bool may_be_sqlite(const std::string& path) {
  constexpr std::string_view kMagic{"SQLite format 3\0", 16};
  std::array<char, kMagic.size()> head{};
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), head.size());
  return std::string_view(head.data(), static_cast<std::size_t>(file.gcount())) == kMagic;
}

// Opened for writing although only read: of a database in WAL mode a read-only connection leaves files behind.
base::Result<DatabaseFile> inspect_tables(const std::string& path) {
  const auto damaged = [&path](const storage::Connection& connection) {
    return Error{Code::storage_failed, path + ": " + connection.error("be read").message + "."};
  };
  SYNC_ASSIGN(const auto connection,
              storage::Connection::open(path, storage::Connection::Mode::write));
  auto tables = connection->prepare(
      "SELECT count(*), coalesce(sum(name = 'syncline_migrations'), 0) FROM sqlite_schema");
  if (!tables.ok()) return damaged(*connection);
  const auto row = tables->step();
  if (!row.ok()) return damaged(*connection);
  if (tables->integer(0) == 0) return DatabaseFile::empty;
  if (tables->integer(1) != 0) return DatabaseFile::ours;
  return Error{Code::invalid, path + " is the database of another program."};
}

}  // namespace

base::Result<DatabaseFile> inspect_database(const std::string& path) {
  if (path.empty()) return Error{Code::invalid, "--db needs the name of a file."};
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    if (errno != ENOENT)
      return Error{Code::unavailable, "Cannot open " + path + ": " + why(errno) + "."};
    if (::lstat(path.c_str(), &about) == 0)
      return Error{Code::invalid, path + " is a link to a file that is not there."};
    SYNC_TRY(check_folder(path));
    return DatabaseFile::missing;
  }
  if (S_ISDIR(about.st_mode)) return Error{Code::invalid, path + " is a folder, not a database."};
  if (!S_ISREG(about.st_mode)) return Error{Code::invalid, path + " is no file."};
  // Under each name there would be another lock and another log of SQLite's.
  if (about.st_nlink > 1) {
    return Error{
        Code::invalid,
        path + " has another name (a hard link); a database has only one. Remove the others."};
  }
  if (::access(path.c_str(), R_OK | W_OK) != 0)
    return Error{Code::unavailable, path + " may not be read and written: " + why(errno) + "."};
  SYNC_TRY(check_folder(path));
  if (about.st_size == 0) return DatabaseFile::empty;
  if (!may_be_sqlite(path)) return Error{Code::invalid, path + " is no Syncline database."};
  return inspect_tables(path);
}

base::Status require_database(const std::string& path) {
  SYNC_ASSIGN(const DatabaseFile file, inspect_database(path));
  if (file == DatabaseFile::ours) return {};
  return Error{Code::not_found, "There is no database " + path + "; syncline migrate makes one."};
}

}  // namespace syncline::server::app
