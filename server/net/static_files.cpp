#include "server/net/static_files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/net/connection.hpp"

namespace syncline::server::net {
namespace {

constexpr off_t kFileSizeMax = 64 << 20;

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".mp3", "audio/mpeg"},
    {".ogg", "audio/ogg"},
}};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string_view type_of(std::string_view path) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const auto& type) { return ends_with(path, type.first); });
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
    decoded += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    i += 2;
  }
  return decoded;
}

struct File {
  std::string content;
  std::string etag;
};

// A file inside the folder; a link is followed as long as it stays there. O_NONBLOCK: a pipe is opened, and then refused,
// without waiting for its other end.
int open_inside(const std::string& root, const std::string& path) {
  std::error_code missing;
  const std::string folder = std::filesystem::canonical(root, missing).string() + '/';
  const std::string real = missing ? "" : std::filesystem::canonical(root + path, missing).string();
  if (missing || real.compare(0, folder.size(), folder) != 0) return -1;
  return ::open(real.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
}

std::optional<File> read_file(const std::string& root, const std::string& path) {
  const int fd = open_inside(root, path);
  if (fd < 0) return std::nullopt;
  std::optional<File> file;
  struct stat about {};
  if (::fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size <= kFileSizeMax) {
    file.emplace();
    file->content.resize(static_cast<std::size_t>(about.st_size));
    std::size_t done = 0;
    while (done < file->content.size()) {
      const ssize_t n = ::read(fd, file->content.data() + done, file->content.size() - done);
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    if (done != file->content.size()) file.reset();
    if (file)
      file->etag = '"' + std::to_string(about.st_mtim.tv_sec) + '-' +
                   std::to_string(about.st_mtim.tv_nsec) + '-' + std::to_string(about.st_size) +
                   '"';
  }
  ::close(fd);
  return file;
}

// The best form of a file that the client takes; sets its encoding.
std::optional<File> best_form(const std::string& root, const std::string& path,
                              std::string_view accepted, std::string_view& encoding) {
  constexpr std::array<std::array<std::string_view, 2>, 2> kForms{{{"br", ".br"}, {"gzip", ".gz"}}};
  for (const auto& form : kForms) {
    if (accepted.find(form[0]) == std::string_view::npos) continue;
    auto file = read_file(root, path + std::string(form[1]));
    if (file) {
      encoding = form[0];
      return file;
    }
  }
  return read_file(root, path);
}

http::Response file_answer(const http::Request& request, std::string_view path, File file,
                           std::string_view encoding) {
  http::Response response;
  response.headers.emplace_back("content-type", type_of(path));
  response.headers.emplace_back("vary", "Accept-Encoding");
  if (!encoding.empty()) response.headers.emplace_back("content-encoding", encoding);
  response.headers.emplace_back(
      "cache-control", is_hashed_name(path) ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.emplace_back("etag", file.etag);
  add_security_headers(response);
  if (request.header("if-none-match") == file.etag) {
    response.status = 304;
  } else {
    response.body = std::move(file.content);
  }
  return response;
}

}  // namespace

std::string safe_path(std::string_view target) {
  const auto decoded = decode(path_of(target));
  if (!decoded || decoded->empty() || decoded->front() != '/') return {};
  if (decoded->find('\0') != std::string::npos || decoded->find('\\') != std::string::npos)
    return {};
  std::string_view rest = *decoded;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    // Hidden files and parent folders alike.
    if (!segment.empty() && segment.front() == '.') return {};
    rest.remove_prefix(segment.size());
  }
  return decoded->back() == '/' ? *decoded + "index.html" : *decoded;
}

bool is_hashed_name(std::string_view path) {
  constexpr std::size_t kHashLength = 8;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const auto dot = name.find('.', name.rfind('-') == std::string_view::npos ? 0 : name.rfind('-'));
  // The hash itself may hold a dash: look at the eight characters before the extension and the dash before them.
  if (path.find("/assets/") == std::string_view::npos || dot == std::string_view::npos ||
      dot < kHashLength + 1)
    return false;
  const std::string_view hash = name.substr(dot - kHashLength, kHashLength);
  const auto is_hash_character = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  };
  return name[dot - kHashLength - 1] == '-' &&
         std::all_of(hash.begin(), hash.end(), is_hash_character);
}

void add_security_headers(http::Response& response) {
  response.headers.emplace_back("content-security-policy",
                                "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; "
                                "worker-src 'self'; style-src 'self' 'unsafe-inline'; "
                                "img-src 'self' data: blob:; font-src 'self' data:; connect-src "
                                "'self' ws: wss:; object-src 'none'; "
                                "base-uri 'self'; form-action 'self'; frame-ancestors 'none'");
  response.headers.emplace_back("x-content-type-options", "nosniff");
  response.headers.emplace_back("referrer-policy", "strict-origin-when-cross-origin");
  response.headers.emplace_back("cross-origin-opener-policy", "same-origin");
}

http::Response StaticFiles::answer(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    auto refused = problem(405, "method_not_allowed", "Method not allowed",
                           "Files are read with GET or HEAD.");
    refused.headers.emplace_back("allow", "GET, HEAD");
    return refused;
  }
  const auto not_found = [] {
    return problem(404, "not_found", "Not found", "There is no such file.");
  };
  const std::string path = safe_path(request.target);
  if (path.empty() || root_.empty() || ends_with(path, ".br") || ends_with(path, ".gz"))
    return not_found();
  std::string_view encoding;
  const std::string_view accepted = request.header("accept-encoding");
  if (auto file = best_form(root_, path, accepted, encoding))
    return file_answer(request, path, std::move(*file), encoding);
  // A path of the application itself, opened or reloaded in the browser.
  const bool wants_page = request.header("accept").find("text/html") != std::string_view::npos;
  if (!wants_page) return not_found();
  auto page = best_form(root_, "/index.html", accepted, encoding);
  return page ? file_answer(request, "/index.html", std::move(*page), encoding) : not_found();
}

}  // namespace syncline::server::net
