// Writes through the server that runs on the database, and asks it what it does. Thread rule: one thread.
#pragma once

#include <memory>

#include "server/app/control_protocol.hpp"

namespace syncline::server::app {

class RemoteWriter final : public Writer {
 public:
  // nullptr: no server listens there.
  [[nodiscard]] static std::unique_ptr<RemoteWriter> connect(const std::string& database);
  ~RemoteWriter() override;
  RemoteWriter(const RemoteWriter&) = delete;
  RemoteWriter& operator=(const RemoteWriter&) = delete;

  [[nodiscard]] base::Result<std::vector<WriteOutcome>> write(
      std::vector<authority::Submission> submissions) override;
  [[nodiscard]] base::Status put_password_hash(const base::Id& user,
                                               const std::string& hash) override;
  // See Explainer::answer.
  [[nodiscard]] base::Result<std::string> explain(const std::string& ask);

 private:
  explicit RemoteWriter(int socket) : socket_(socket) {}
  [[nodiscard]] base::Result<ControlReply> ask(const ControlRequest& request);
  const int socket_;
};

}  // namespace syncline::server::app
