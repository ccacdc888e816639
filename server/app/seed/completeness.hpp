// A database keeps a mark while it is seeded, so that one whose seeding was killed is never taken for a whole one.
#pragma once

#include <string>

#include "server/storage/sqlite_storage.hpp"

namespace syncline::server::app::seed {

// Errors: storage_failed.
[[nodiscard]] base::Status mark_incomplete(storage::SqliteStorage& storage);
[[nodiscard]] base::Status mark_complete(storage::SqliteStorage& storage);
// Errors: rule_violation, said for people; storage_failed.
[[nodiscard]] base::Status require_complete(storage::SqliteStorage& storage);

}  // namespace syncline::server::app::seed
