// The key that signs tokens, in a file of its own beside the database: 64 hex digits, mode 0600, made on first start.
#pragma once

#include <string>

#include "server/auth/secret.hpp"
#include "syncline/base/result.hpp"

namespace syncline::server::auth {

// Reads the key, or makes it where the file does not exist. A key that others may read is refused, not repaired: it may have
// been copied already. Errors: storage_failed with a sentence that says what to do.
[[nodiscard]] base::Result<Key> load_or_create_key(const std::string& path);

}  // namespace syncline::server::auth
