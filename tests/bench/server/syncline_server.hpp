// The real server as a process of its own, on a new database, and one who writes to it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "syncline/base/random.hpp"
#include "syncline/protocol/codec.hpp"
#include "tests/bench/server/child.hpp"
#include "tests/bench/server/options.hpp"
#include "tests/bench/server/web_socket.hpp"

namespace syncline::bench {

// A folder for one database, gone with the object.
class Folder {
 public:
  Folder(const std::string& parent, const std::string& name);
  ~Folder();
  Folder(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class SynclineServer {
 public:
  explicit SynclineServer(const Options& options);

  [[nodiscard]] const Child& process() const { return *process_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& token() const { return token_; }

 private:
  Folder folder_;
  std::unique_ptr<Child> process_;
  std::uint16_t port_ = 0;
  std::string token_;
};

// One browser's connection to /sync.
class SyncSession {
 public:
  SyncSession(const SynclineServer& server, base::Random& random);

  [[nodiscard]] int fd() const { return socket_.fd(); }
  // For who counts frames without reading them.
  [[nodiscard]] WebSocket& socket() { return socket_; }
  [[nodiscard]] const base::Id& user() const { return user_; }
  // The version of the last poke, which is what the next mutation's author has seen.
  [[nodiscard]] model::Version seen() const { return seen_; }
  // Rows of this version were read elsewhere.
  void saw(model::Version version) { seen_ = std::max(seen_, version); }

  void subscribe(std::uint32_t query_id, query::Query query);
  // Numbers the mutations and sends them as one frame.
  void push(std::vector<model::Mutation> mutations);
  // What has arrived; visits every poke. Anything that is no success ends the benchmark.
  void receive(const std::function<void(const protocol::Poke&, base::ByteView frame)>& visit,
               bool wait = false);
  // The next poke.
  protocol::Poke await_poke(base::Bytes* frame = nullptr);

 private:
  WebSocket socket_;
  base::Id client_;
  base::Id user_;
  std::uint64_t sequence_ = 0;
  model::Version seen_ = 0;
};

// Fills the database through this session and returns the ids.
[[nodiscard]] std::vector<base::Id> insert_leads(SyncSession& session, std::size_t count,
                                                 base::Random& random);

}  // namespace syncline::bench
