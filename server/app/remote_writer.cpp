#include "server/app/remote_writer.hpp"

#include <unistd.h>

#include "server/app/unix_socket.hpp"

namespace syncline::server::app {

std::unique_ptr<RemoteWriter> RemoteWriter::connect(const std::string& database) {
  const int socket = connect_unix(control_path(database));
  return socket < 0 ? nullptr : std::unique_ptr<RemoteWriter>(new RemoteWriter(socket));
}

RemoteWriter::~RemoteWriter() { ::close(socket_); }

base::Result<ControlReply> RemoteWriter::ask(const ControlRequest& request) {
  const auto gone = [] {
    return base::Error{base::Code::unavailable, "The server went away while it was asked."};
  };
  if (!write_frame(socket_, encode(request))) return gone();
  const auto frame = read_frame(socket_);
  if (!frame) return gone();
  SYNC_ASSIGN(auto reply, decode_control_reply(*frame));
  if (reply.error.code != base::Code::ok) return reply.error;
  return reply;
}

base::Result<std::vector<WriteOutcome>> RemoteWriter::write(
    std::vector<authority::Submission> submissions) {
  SYNC_ASSIGN(auto reply, ask(ControlWrite{std::move(submissions)}));
  return std::move(reply.outcomes);
}

base::Status RemoteWriter::put_password_hash(const base::Id& user, const std::string& hash) {
  SYNC_ASSIGN(const auto reply, ask(ControlPassword{user, hash}));
  return {};
}

base::Result<std::string> RemoteWriter::explain(const std::string& question) {
  SYNC_ASSIGN(auto reply, ask(ControlExplain{question}));
  return std::move(reply.text);
}

}  // namespace syncline::server::app
