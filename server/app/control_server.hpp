// The running server's end of the control socket: commands on the same machine, with the rights of the database's owner, hand
// it their writes. Some connections are served side by side, each by a thread, so that one that is silent keeps nobody waiting;
// more wait for one of those to end.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "server/api/ports.hpp"
#include "server/app/control_protocol.hpp"
#include "server/app/explainer.hpp"
#include "server/app/task_queue.hpp"
#include "server/storage/auth_store.hpp"

namespace syncline::server::app {

class ControlServer {
 public:
  // Listens beside the database. REQUIRES: this process holds the database's lock; all outlive it. Errors: unavailable.
  [[nodiscard]] static base::Result<std::unique_ptr<ControlServer>> start(
      const std::string& database, api::Engine& engine, storage::AuthStore& store,
      const Explainer& explainer);
  ~ControlServer();  // stops; a request under way is answered first
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  ControlServer(std::string path, int socket, int wake_read, int wake_write, api::Engine& engine,
                storage::AuthStore& store, const Explainer& explainer);
  void run();
  void serve(int connection);
  // Waits until the descriptor can be read; false when it is time to stop.
  [[nodiscard]] bool wait(int descriptor) const;
  [[nodiscard]] ControlReply answer(ControlRequest request);
  [[nodiscard]] ControlReply write(std::vector<authority::Submission> submissions);

  const std::string path_;
  const int socket_, wake_read_, wake_write_;
  api::Engine& engine_;
  storage::AuthStore& store_;
  const Explainer& explainer_;
  TaskQueue connections_;
  std::thread thread_;  // accepts
};

}  // namespace syncline::server::app
