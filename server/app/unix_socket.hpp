// Unix sockets by path, of any length: a path longer than the kernel's 107 bytes goes through its folder's descriptor.
#pragma once

#include <string>

namespace syncline::server::app {

// A connected socket, or -1.
[[nodiscard]] int connect_unix(const std::string& path);
// A listening socket (mode 0600) in place of whatever lay there, or -1. REQUIRES: the caller holds the database's lock, so
// nobody else listens there.
[[nodiscard]] int listen_unix(const std::string& path);

}  // namespace syncline::server::app
