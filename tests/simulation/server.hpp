// Server: the authority with what its process gives it: a disk, sockets, a clock, accounts. It may die at any moment and
// starts again from its disk.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "syncline/authority/authority.hpp"
#include "tests/simulation/server_disk.hpp"

namespace syncline::simulation {

class Network;

class Server {
 public:
  // `network` outlives the server.
  Server(World& world, Network& network);

  void start();
  void crash();
  [[nodiscard]] bool is_up() const { return authority_ != nullptr; }
  // The process sees time run, though its clock may jump.
  void jump(std::int64_t ms) { clock_ahead_ms_ += ms; }

  // ---- by the network
  void open(authority::SessionId session);
  void receive(authority::SessionId session, base::ByteView frame);
  void closed(authority::SessionId session);
  void handed_over(authority::SessionId session, std::size_t bytes);

  // What a canary does instead: nobody has read it.
  void assume_read(authority::SessionId session, std::size_t bytes) {
    if (is_up()) authority_->sent(session, bytes);
  }

  // ---- by people
  // A new access token; empty: the user was removed.
  [[nodiscard]] std::string token_of(const base::Id& user);
  [[nodiscard]] std::optional<mutation::Role> role_of(const base::Id& user);
  // A write of the system itself, as by the command line.
  void write(model::Mutation mutation);

  [[nodiscard]] ServerDisk& disk() { return disk_; }
  [[nodiscard]] bool is_idle() const { return tickets_.empty() && !waking_; }

 private:
  [[nodiscard]] base::Timestamp clock();
  [[nodiscard]] base::Result<authority::Identity> authenticate(const std::string& token,
                                                               base::Timestamp now);
  void follow_users(const authority::LogEntry& entry);
  void wake(std::int64_t in_ms);
  void turn();
  void watch_deadlines();
  void deliver();
  void expect_word(authority::SessionId session);

  World& world_;
  Network& network_;
  const mutation::Domain& domain_;
  ServerDisk disk_;
  std::unique_ptr<authority::Storage> layer_;
  std::unique_ptr<authority::Authority> authority_;
  std::uint64_t life_ = 0;  // what was planned for an earlier one is void
  bool waking_ = false;
  std::optional<base::Timestamp> timer_;                   // the deadline that is watched
  std::map<authority::SessionId, base::Timestamp> heard_;  // open sessions
  std::set<authority::Ticket> tickets_;
  authority::Ticket last_ticket_ = 0;
  std::int64_t clock_ahead_ms_ = 0;
  base::Timestamp last_clock_;
  std::uint64_t stopwatch_ns_ = 0;
};

}  // namespace syncline::simulation
