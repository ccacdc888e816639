// A folder on the real disk: what is not SQLite's, such as a database's lock, lies there. Removed in the end.
#pragma once

#include <filesystem>
#include <string>

#include <stdlib.h>

#include "syncline/base/check.hpp"

namespace syncline::disk {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "syncline-disk-XXXXXX").string();
    SYNC_CHECK(::mkdtemp(name.data()) != nullptr, "no temporary folder");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  [[nodiscard]] std::string database() const { return (path_ / "test.db").string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace syncline::disk
