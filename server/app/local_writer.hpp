// A database opened by one command, or by the server before it listens: takes the lock, migrates, and gives a new database
// its reference data. Thread rule: one thread.
#pragma once

#include <memory>
#include <string>

#include "server/app/writer.hpp"
#include "server/storage/auth_store.hpp"
#include "server/storage/sqlite_storage.hpp"

namespace syncline::server::app {

// Opens, migrates, and inserts reference data where nothing was ever committed. What is no Syncline database is refused and left as
// it is, without a file beside it. Errors: unavailable, storage_failed, inspect_database()'s and seed::require_complete()'s.
[[nodiscard]] base::Result<std::unique_ptr<storage::SqliteStorage>> open_database(
    const std::string& path, const mutation::Domain& domain);

class LocalWriter final : public Writer {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<LocalWriter>> open(
      const std::string& path, const mutation::Domain& domain);
  // REQUIRES: both outlive it. `seed` makes the ids of new records.
  LocalWriter(const mutation::Domain& domain, storage::SqliteStorage& storage, std::uint64_t seed);

  [[nodiscard]] base::Result<std::vector<WriteOutcome>> write(
      std::vector<authority::Submission> submissions) override;
  // The same as if it were done at this time. REQUIRES: not before the last one.
  [[nodiscard]] base::Result<std::vector<WriteOutcome>> write_at(
      base::Timestamp at, std::vector<authority::Submission> submissions);
  [[nodiscard]] base::Status put_password_hash(const base::Id& user,
                                               const std::string& hash) override;
  [[nodiscard]] storage::SqliteStorage& storage() { return storage_; }

 private:
  std::unique_ptr<storage::SqliteStorage> owned_;
  storage::SqliteStorage& storage_;
  authority::Authority authority_;
};

}  // namespace syncline::server::app
