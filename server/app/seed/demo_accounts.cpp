#include "server/app/seed/demo_accounts.hpp"

#include "domain/platform/users.hpp"
#include "server/auth/passwords.hpp"
#include "server/storage/auth_store.hpp"

namespace syncline::server::app::seed {

base::Result<bool> is_demo(storage::SqliteStorage& storage) {
  storage::AuthStore store(storage);
  std::vector<base::Id> users;
  for (const std::string_view email : kDemoAccounts) {
    SYNC_TRY(
        storage.sources()
            .source(domain::kUsersId)
            .fetch_by(domain::platform::User::email, email, [&users](const model::Record& user) {
              users.push_back(user.id());
              return true;
            }));
  }
  for (const base::Id& user : users) {
    SYNC_ASSIGN(const auto hash, store.password_hash(user));
    if (hash && auth::matches_password(*hash, std::string(kDemoPassword))) return true;
  }
  return false;
}

}  // namespace syncline::server::app::seed
