// How a connection that writes reaches its files: as SQLite itself does, but for the write-ahead log, which SQLite writes in
// two small pieces per page. Here the pieces of a transaction are gathered and go to the file in few large writes.
#pragma once

namespace syncline::server::storage {

// The name to open a connection with; nullptr when SQLite does not take it, which is its own way of writing.
[[nodiscard]] const char* wal_vfs();

}  // namespace syncline::server::storage
