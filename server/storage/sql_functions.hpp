// What the one total order looks like inside SQLite (ARCHITECTURE rule 8): collation SYNCLINE is model::compare_text, and
// syncline_like(text, pattern) is model::like.
#pragma once

struct sqlite3;

namespace syncline::server::storage {

// Once per connection. False: see the connection's error.
[[nodiscard]] bool register_functions(sqlite3* connection);

}  // namespace syncline::server::storage
