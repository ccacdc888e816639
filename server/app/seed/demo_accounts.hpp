// The demo accounts of a seeded database, and how to recognise a database where they still open the door to everybody.
#pragma once

#include <string_view>

#include "server/storage/sqlite_storage.hpp"

namespace syncline::server::app::seed {

inline constexpr std::string_view kDemoAccounts[] = {"admin@example.com", "manager@example.com",
                                                     "agent@example.com", "engineer@example.com",
                                                     "viewer@example.com"};
inline constexpr std::string_view kDemoPassword = "syncline-demo";

// Does any demo account exist with the demo password? Errors: storage_failed.
[[nodiscard]] base::Result<bool> is_demo(storage::SqliteStorage& storage);

}  // namespace syncline::server::app::seed
