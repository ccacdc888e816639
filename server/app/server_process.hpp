// The running server: every part built and connected, in the order in which they need each other, and taken down in reverse.
// The composition root; no logic but wiring. Thread rule: start, stop and destruction from one thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "server/api/api.hpp"
#include "server/app/accounts.hpp"
#include "server/app/control_server.hpp"
#include "server/app/database.hpp"
#include "server/app/engine_thread.hpp"
#include "server/app/event_hub.hpp"
#include "server/app/poll_hub.hpp"
#include "server/app/task_queue.hpp"
#include "server/net/server.hpp"
#include "server/net/static_files.hpp"
#include "server/storage/auth_store.hpp"
#include "server/storage/sqlite_reader.hpp"

namespace syncline::server::app {

struct ServeOptions {
  std::string database = "syncline.db";
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string web;  // folder of the application; empty: none
  std::vector<std::string> allow_origins;
  std::vector<std::string> trusted_proxies;
  bool demo_public = false;
  bool limits = true;
  std::uint64_t query_cost_max = authority::kQueryCostMax;
};

class ServerProcess {
 public:
  // Opens the database and listens. Errors: unavailable, storage_failed, forbidden (a demo database beyond loopback).
  [[nodiscard]] static base::Result<std::unique_ptr<ServerProcess>> start(ServeOptions options);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Does a demo account still have the password that everybody knows?
  [[nodiscard]] bool is_demo() const { return is_demo_; }
  // No new connections; what runs is answered; sockets close with 1001; the engine ends its turn; the database is closed.
  void stop();

 private:
  explicit ServerProcess(ServeOptions options);
  [[nodiscard]] base::Status open();
  void connect();
  [[nodiscard]] base::Status listen();
  void follow_users(const authority::LogEntry& entry);
  void take_back_users(const authority::LogEntry& entry);
  void announce(EngineThread::Commits entries);
  void route(http::Request request, std::shared_ptr<net::Exchange> exchange);
  [[nodiscard]] base::Status is_ready();
  [[nodiscard]] std::string metrics() const;

  const ServeOptions options_;
  const std::unique_ptr<mutation::Domain> domain_;
  std::unique_ptr<storage::SqliteStorage> storage_;
  std::unique_ptr<storage::AuthStore> auth_store_;
  std::unique_ptr<storage::ReaderPool> readers_;
  std::unique_ptr<Accounts> accounts_;
  std::shared_ptr<EngineThread> engine_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<api::Api> api_;
  std::shared_ptr<EventHub> events_;
  std::shared_ptr<PollHub> polls_;
  net::StaticFiles files_;
  std::unique_ptr<TaskQueue> requests_;
  std::unique_ptr<net::Server> net_;
  std::unique_ptr<Explainer> explainer_;
  std::unique_ptr<ControlServer> control_;
  // Engine thread: what applied commits did to users, until they are durable.
  std::vector<std::pair<model::Version, UserChange>> user_changes_;
  std::atomic<bool> ready_{false};
  std::uint16_t port_ = 0;
  bool is_demo_ = false;
};

}  // namespace syncline::server::app
