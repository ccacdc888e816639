// A database file in a folder of its own that is removed in the end.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "server/storage/sqlite_storage.hpp"

namespace syncline::tests {

class TemporaryDatabase {
 public:
  explicit TemporaryDatabase(const model::Schema& schema) : schema_(schema) {
    std::string name =
        (std::filesystem::temp_directory_path() / "syncline-storage-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~TemporaryDatabase() {
    storage_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TemporaryDatabase(const TemporaryDatabase&) = delete;

  [[nodiscard]] std::string path() const { return (folder_ / "test.db").string(); }
  server::storage::SqliteStorage& storage() {
    if (!storage_) open(schema_);
    return *storage_;
  }
  void open(const model::Schema& schema) {
    storage_.reset();
    auto opened = server::storage::SqliteStorage::open(path(), schema);
    SYNC_CHECK(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
    storage_ = std::move(opened).value();
  }
  void close() { storage_.reset(); }

 private:
  const model::Schema& schema_;
  std::filesystem::path folder_;
  std::unique_ptr<server::storage::SqliteStorage> storage_;
};

}  // namespace syncline::tests
