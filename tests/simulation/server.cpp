#include "tests/simulation/server.hpp"

#include <algorithm>
#include <utility>

#include "tests/simulation/network.hpp"
#include "tests/simulation/rights.hpp"
#include "tests/support/describe.hpp"

namespace syncline::simulation {

using authority::SessionId;

namespace {

constexpr std::int64_t kSilentForMs = 60'000;  // then the server closes a socket

base::Id database_id() {
  base::Id id;
  id.bytes[0] = 0xdb;
  return id;
}

void say_committed(World& world, const authority::LogEntry& entry) {
  std::string text = "commits " + entry.mutator + " " + base::to_string(entry.mutation.client) +
                     ":" + std::to_string(entry.mutation.sequence) + " as version " +
                     std::to_string(entry.version);
  for (const model::Change& change : entry.changes.changes) text += "; " + tests::describe(change);
  world.say(text);
}

}  // namespace

Server::Server(World& world, Network& network)
    : world_(world),
      network_(network),
      domain_(world.hooks.server_domain ? *world.hooks.server_domain : world.domain),
      disk_(world, domain_.schema, database_id()) {}

void Server::start() {
  if (is_up()) return;
  world_.say("the server starts");
  ++life_;
  waking_ = false;
  timer_.reset();
  world_.checker.started(disk_);
  authority::Options options;
  options.seed = world_.random.next();
  options.mutations_per_commit_max = world_.swarm.mutations_per_commit_max;
  options.look_ahead_rows = world_.swarm.look_ahead_rows;
  options.session_backlog_bytes_max = world_.swarm.backlog_bytes_max;
  if (world_.swarm.snapshot_ns != 0)
    options.stopwatch = [this] { return stopwatch_ns_ += world_.swarm.snapshot_ns; };
  authority::Storage* storage = &disk_;
  if (world_.hooks.storage) {
    layer_ = world_.hooks.storage(disk_);
    storage = layer_.get();
  }
  authority_ = std::make_unique<authority::Authority>(
      domain_, *storage,
      [this](const std::string& token, base::Timestamp now) { return authenticate(token, now); },
      options);
  authority_->on_applied([this](const authority::LogEntry& entry) { follow_users(entry); });
  authority_->on_undone([this](const authority::LogEntry& entry) { follow_users(entry); });
}

void Server::crash() {
  if (!is_up()) return;
  world_.fault("the server dies");
  authority_.reset();
  ++life_;
  heard_.clear();
  tickets_.clear();
  disk_.lose_power();
  network_.server_died();
  world_.agenda.in(100 + world_.up_to(4'000), [this] { start(); });
}

base::Timestamp Server::clock() {
  const base::Timestamp now = world_.agenda.now() + clock_ahead_ms_;
  if (last_clock_ < now) last_clock_ = now;
  return last_clock_;
}

// ---- accounts

std::optional<mutation::Role> Server::role_of(const base::Id& user) {
  const auto row = disk_.sources().source(tests::kPeopleId).get(user);
  if (!row.ok() || !*row) return std::nullopt;
  return role_named(row->text(tests::Person::secret));
}

// "<user>:<when it expires>"
std::string Server::token_of(const base::Id& user) {
  if (!role_of(user)) return {};
  return base::to_string(user) + ":" + std::to_string((clock() + world_.swarm.token_ms).ms);
}

base::Result<authority::Identity> Server::authenticate(const std::string& token, base::Timestamp) {
  const base::Id user = *base::parse_id(token.substr(0, 36));
  const auto role = role_of(user);
  if (!role) return base::Error(base::Code::unauthenticated, "The account was removed.");
  authority::Identity identity;
  identity.actor = {user, *role};
  identity.session = user;
  identity.expires_at.ms = std::stoll(token.substr(37));
  return identity;
}

void Server::follow_users(const authority::LogEntry& entry) {
  if (world_.hooks.roles_stay) return;
  for (const model::Change& change : entry.changes.changes) {
    if (change.collection().id() != tests::kPeopleId) continue;
    const auto role = role_of(change.id());
    std::optional<mutation::Actor> actor;
    if (role) actor = mutation::Actor{change.id(), *role};
    authority_->set_actor(change.id(), {}, actor);
  }
}

void Server::write(model::Mutation mutation) {
  if (!is_up()) return;
  authority::Submission submission;
  submission.actor.role = mutation::Role::system;
  submission.mutations.push_back(std::move(mutation));
  tickets_.insert(++last_ticket_);
  authority_->submit(last_ticket_, std::move(submission));
  wake(0);
}

// ---- sockets

void Server::open(SessionId session) {
  world_.checker.opened(session, world_.swarm.backlog_bytes_max);
  authority_->open(session, clock());
  heard_[session] = world_.agenda.now();
  expect_word(session);
  wake(0);
}

void Server::expect_word(SessionId session) {
  world_.agenda.in(kSilentForMs, [this, session, life = life_] {
    const auto found = heard_.find(session);
    if (life != life_ || found == heard_.end()) return;
    if (world_.agenda.now() - found->second < kSilentForMs) return expect_word(session);
    world_.say("the server closes a silent connection " + std::to_string(session));
    closed(session);
    network_.server_closed(session);
  });
}

void Server::receive(SessionId session, base::ByteView frame) {
  const auto found = heard_.find(session);
  if (!is_up() || found == heard_.end()) return;
  found->second = world_.agenda.now();
  authority_->receive(session, frame, clock());
  wake(world_.up_to(5));
}

void Server::closed(SessionId session) {
  if (heard_.erase(session) > 0) authority_->close(session);
}

void Server::handed_over(SessionId session, std::size_t bytes) {
  if (!is_up() || !heard_.contains(session)) return;
  world_.checker.handed_over(session, bytes);
  authority_->sent(session, bytes);
  wake(0);
}

// ---- turns

void Server::wake(std::int64_t in_ms) {
  if (waking_ && in_ms > 0) return;
  waking_ = true;
  world_.agenda.in(in_ms, [this, life = life_] {
    if (life == life_ && is_up()) turn();
  });
}

void Server::turn() {
  waking_ = false;
  bool busy = false;
  try {
    busy = authority_->turn(clock());
  } catch (const PowerCut&) {
    return crash();
  }
  if (world_.chance(world_.swarm.cut_before_release)) return crash();
  deliver();
  if (busy) return wake(world_.up_to(3));
  watch_deadlines();
}

void Server::watch_deadlines() {
  const auto due = authority_->next_timeout();
  if (!due || (timer_ && *timer_ <= *due)) return;
  timer_ = due;
  world_.agenda.in(std::max<std::int64_t>(*due - clock(), 1), [this, at = *due, life = life_] {
    if (life != life_ || !is_up() || !timer_ || !(*timer_ == at)) return;
    timer_.reset();
    wake(0);
  });
}

void Server::deliver() {
  std::vector<std::pair<SessionId, base::Bytes>> frames;
  std::vector<SessionId> ended;
  while (auto output = authority_->poll()) {
    if (auto* send = std::get_if<authority::SendFrame>(&*output)) {
      base::Bytes frame;
      for (const authority::Piece& piece : send->pieces)
        frame.insert(frame.end(), piece->begin(), piece->end());
      for (const SessionId session : send->sessions) frames.emplace_back(session, frame);
    } else if (auto* close = std::get_if<authority::CloseSession>(&*output)) {
      ended.push_back(close->session);
    } else if (auto* answer = std::get_if<authority::Answer>(&*output)) {
      tickets_.erase(answer->ticket);
      world_.checker.answered(answer->outcome.verdict);
    } else {
      const authority::LogEntry& entry = *std::get<authority::Committed>(*output).entry;
      if (world_.tell) say_committed(world_, entry);
      world_.checker.told_of_commit(entry);
    }
  }
  // The order among sessions is not promised, and may depend on addresses in memory.
  std::stable_sort(frames.begin(), frames.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [session, frame] : frames) network_.towards_browser(session, std::move(frame));
  for (const SessionId session : ended) {
    heard_.erase(session);
    network_.server_closed(session);
  }
}

}  // namespace syncline::simulation
