// The engine thread: the one thread that owns the Authority and its storage. Everybody else hands it closures; it runs them,
// turns the authority until nothing waits, and gives what came out to sockets, callers and listeners. The frames of sessions are
// taken by turns and for a short while at a time: nobody waits behind all that another one has sent.
//
// Thread rule: public functions are thread-safe; set_* are called before start(). Callbacks run on the engine thread and
// must not block.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/api/ports.hpp"
#include "server/app/intake.hpp"
#include "server/app/mailbox.hpp"
#include "server/net/connection.hpp"
#include "syncline/authority/authority.hpp"

namespace syncline::server::app {

struct EngineStatistics {
  authority::Statistics authority;
  std::int64_t lag_ms = 0;      // how long the oldest task of the last round had waited
  std::int64_t lag_max_ms = 0;  // since start
  Intake::Statistics intake;
};

class EngineThread final : public api::Engine, public net::ConnectionHandler {
 public:
  // REQUIRES: domain and storage outlive it.
  EngineThread(const mutation::Domain& domain, authority::Storage& storage,
               authority::Authenticate authenticate, authority::Options options);
  ~EngineThread() override;
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;

  // Inside a turn, before anything of the commit is released (Authority::on_applied).
  void set_on_applied(std::function<void(const authority::LogEntry&)> observer);
  // Such a commit failed after all (Authority::on_undone).
  void set_on_undone(std::function<void(const authority::LogEntry&)> observer);
  // After the commit is durable.
  using Commits = std::vector<std::shared_ptr<const authority::LogEntry>>;
  void set_on_committed(std::function<void(Commits)> listener);
  void start();
  // Runs what was handed over before, then ends. Submissions afterwards are answered with `unavailable`.
  void stop();

  // ---- api::Engine
  void submit(authority::Submission submission,
              std::function<void(authority::Answer)> done) override;

  // ---- net::ConnectionHandler: the sync socket
  void opened(net::ConnectionId id, const net::ConnectionInfo& info,
              std::shared_ptr<net::Connection> connection) override;
  [[nodiscard]] bool received(net::ConnectionId id, base::Bytes message) override;
  void sent(net::ConnectionId id, std::size_t bytes) override;
  void closed(net::ConnectionId id, const std::string& reason) override;

  // See Authority::set_actor. On the engine thread (an observer) it acts at once.
  void set_actor(const base::Id& user, const base::Id& login, std::optional<mutation::Actor> actor);
  [[nodiscard]] EngineStatistics statistics() const;
  // Runs on the engine thread and waits for it. REQUIRES: not called there. Errors: unavailable.
  [[nodiscard]] base::Status inspect(std::function<void(const authority::Authority&)> look);

 private:
  bool post(Mailbox::Task task) { return mailbox_.post(std::move(task)); }
  void run();
  // Its turn comes, as something of it waits that is to be seen to in order.
  void enqueue(net::ConnectionId id);
  void take_frames();
  // False: nothing more of it waits.
  [[nodiscard]] bool take_next(net::ConnectionId id);
  void deliver_outputs();
  void deliver(authority::SendFrame& frame);
  [[nodiscard]] net::Audience audience_of(const std::vector<authority::SessionId>& sessions);
  void forget_socket(net::ConnectionId id);
  void deliver(authority::CloseSession& close);
  void deliver(authority::Answer& answer);
  void publish_statistics(std::int64_t lag_ms);

  const std::size_t unjudged_max_;
  authority::Authority authority_;
  std::function<void(Commits)> on_committed_;
  std::thread thread_;

  Mailbox mailbox_;
  Intake intake_;
  mutable std::mutex statistics_mutex_;
  EngineStatistics statistics_;

  // Engine thread only.
  struct Socket {
    std::shared_ptr<net::Connection> connection;
    bool known = false;  // a frame was sent, so the hello was good
  };
  std::unordered_map<net::ConnectionId, Socket> sockets_;
  std::deque<net::ConnectionId>
      in_turn_;  // of whom something waits in the intake, each once; the first is next
  // Who got the last frames to many: those who watch one query are told of it again and again. None of them has closed.
  struct Watchers {
    std::vector<authority::SessionId> sessions;
    net::Audience audience;
  };
  std::list<Watchers> watchers_;  // most recently told first
  std::unordered_map<authority::Ticket, std::function<void(authority::Answer)>> waiting_answers_;
  std::vector<net::ConnectionId> greeted_;  // in this round
  authority::Ticket next_ticket_ = 1;
};

}  // namespace syncline::server::app
