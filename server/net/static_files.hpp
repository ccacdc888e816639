// The web application's files: pre-compressed forms where they lie beside the file, immutable caching for hashed names, and
// index.html for the application's own paths. Pure but for reading files; nothing outside the folder is ever sent, and nothing
// but regular files.
// Thread rule: thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace syncline::server::net {

class StaticFiles {
 public:
  // "" = no application: everything is 404.
  explicit StaticFiles(std::string root) : root_(std::move(root)) {}
  [[nodiscard]] http::Response answer(const http::Request& request) const;

 private:
  std::string root_;
};

// The file that a target names, relative to the root: decoded, "/" for a folder's index. "" when it is no path inside.
[[nodiscard]] std::string safe_path(std::string_view target);
// Does the name carry a content hash, like "index-BqYx1k2A.js"?
[[nodiscard]] bool is_hashed_name(std::string_view path);
// What every page and file is sent with.
void add_security_headers(http::Response& response);

}  // namespace syncline::server::net
