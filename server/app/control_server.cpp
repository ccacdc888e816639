#include "server/app/control_server.hpp"

#include <condition_variable>
#include <mutex>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/app/log.hpp"
#include "server/app/unix_socket.hpp"

namespace syncline::server::app {
namespace {

constexpr std::size_t kServedAtOnce = 8, kWaitingMax = 64;

}  // namespace

base::Result<std::unique_ptr<ControlServer>> ControlServer::start(const std::string& database,
                                                                  api::Engine& engine,
                                                                  storage::AuthStore& store,
                                                                  const Explainer& explainer) {
  const std::string path = control_path(database);
  int wake[2];
  const int socket = listen_unix(path);
  if (socket < 0 || ::pipe2(wake, O_CLOEXEC) != 0) {
    if (socket >= 0) ::close(socket);
    return base::Error{base::Code::unavailable, "Cannot listen on " + path};
  }
  return std::unique_ptr<ControlServer>(
      new ControlServer(path, socket, wake[0], wake[1], engine, store, explainer));
}

ControlServer::ControlServer(std::string path, int socket, int wake_read, int wake_write,
                             api::Engine& engine, storage::AuthStore& store,
                             const Explainer& explainer)
    : path_(std::move(path)),
      socket_(socket),
      wake_read_(wake_read),
      wake_write_(wake_write),
      engine_(engine),
      store_(store),
      explainer_(explainer),
      connections_(kServedAtOnce, kWaitingMax),
      thread_([this] { run(); }) {}

ControlServer::~ControlServer() {
  ::close(wake_write_);  // the reading end becomes readable: everybody who waits ends
  thread_.join();
  connections_.stop();
  ::close(wake_read_);
  ::close(socket_);
  ::unlink(path_.c_str());
}

bool ControlServer::wait(int descriptor) const {
  pollfd waiting[2] = {{wake_read_, POLLIN, 0}, {descriptor, POLLIN, 0}};
  while (::poll(waiting, 2, -1) < 0 && errno == EINTR) continue;
  return waiting[0].revents == 0;
}

void ControlServer::run() {
  while (wait(socket_)) {
    const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    // A command that stops half-way must not keep the others out.
    const timeval patience{30, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const bool taken = connections_.post([this, connection] {
      serve(connection);
      ::close(connection);
    });
    if (!taken) ::close(connection);
  }
}

void ControlServer::serve(int connection) {
  while (wait(connection)) {
    const auto frame = read_frame(connection);
    if (!frame) return;
    auto request = decode_control_request(*frame);
    const ControlReply reply =
        request.ok() ? answer(std::move(*request)) : ControlReply{request.error(), {}};
    if (!write_frame(connection, encode(reply))) return;
  }
}

ControlReply ControlServer::answer(ControlRequest request) {
  if (auto* writes = std::get_if<ControlWrite>(&request)) {
    log(Level::info, "control_write", {{"submissions", std::uint64_t{writes->submissions.size()}}});
    return write(std::move(writes->submissions));
  }
  if (const auto* explain = std::get_if<ControlExplain>(&request)) {
    auto text = explainer_.answer(explain->ask);
    if (!text.ok()) return {text.error(), {}};
    return {{base::Code::ok, ""}, {}, std::move(*text)};
  }
  const auto& password = std::get<ControlPassword>(request);
  const auto stored = store_.put_password_hash(password.user, password.hash);
  return {stored.ok() ? base::Error{base::Code::ok, ""} : stored.error(), {}};
}

ControlReply ControlServer::write(std::vector<authority::Submission> submissions) {
  std::mutex mutex;
  std::condition_variable done;
  std::size_t missing = submissions.size();
  ControlReply reply{{base::Code::ok, ""}, std::vector<WriteOutcome>(submissions.size())};
  for (std::size_t i = 0; i < submissions.size(); ++i) {
    engine_.submit(std::move(submissions[i]), [&, i](authority::Answer answer) {
      const std::lock_guard lock(mutex);
      reply.outcomes[i] = {std::move(answer.outcome.verdict), std::move(answer.outcome.records)};
      if (--missing == 0) done.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return missing == 0; });
  return reply;
}

}  // namespace syncline::server::app
