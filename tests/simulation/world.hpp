// World: what all parts of one simulated run share: time, chance, the weather, the checker that watches, and the hooks by
// which a canary plants its bug.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "syncline/authority/storage.hpp"
#include "syncline/base/random.hpp"
#include "syncline/client/client_core.hpp"
#include "syncline/mutation/transaction.hpp"
#include "tests/simulation/agenda.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/swarm.hpp"

namespace syncline::simulation {

// Wrappers around parts; each does nothing unless a canary sets it.
struct Hooks {
  // Between the authority and its disk.
  std::function<std::unique_ptr<authority::Storage>(authority::Storage& disk)> storage;
  // The server's rules are these instead.
  std::shared_ptr<const mutation::Domain> server_domain;
  // A frame may be changed; false: it is lost, though the connection lives.
  std::function<bool(base::Bytes& frame, std::uint64_t connection)> towards_browser;
  std::function<bool(base::Bytes& frame, std::uint64_t connection)> towards_server;
  // The browsers' rules are these instead.
  std::shared_ptr<const mutation::Domain> browser_domain;
  // What the browser's disk writes as a mutation.
  std::function<void(const model::MutationId& id, base::Bytes& mutation)> stored_as;
  // The browser's host around the core; false: it does not do it, or does not pass it on.
  std::function<bool(client::Effect& effect)> effect;
  std::function<bool(client::ViewUpdate& update)> view_update;
  // What a core finds in its outbox when it starts.
  std::function<void(std::vector<model::Mutation>& outbox, const base::Id& client)> outbox;
  bool server_commits_late = false;        // commit() returns before its data is on the disk
  bool roles_stay = false;                 // nobody tells the sessions of a changed role
  bool stored_too_early = false;           // the core hears `stored` before the outbox has it
  bool newest_is_lost = false;             // a crash takes the newest mutation of the outbox along
  bool old_connections_are_heard = false;  // the host still listens to a socket that it left
  bool reads_are_assumed = false;          // frames count as read when they are sent
  bool timers_are_lost = false;            // the host never wakes the core
  bool blind_undo = false;                 // undo writes what was before, whoever wrote since
  bool undo_bounces = false;               // one key press takes two steps back
  bool decisions_swapped = false;          // "keep mine" takes theirs, and the other way round
  bool keys_differ = false;                // what is typed does not look like one edit
};

struct World {
  World(std::uint64_t seed, Swarm options, const mutation::Domain& rules, const Hooks& planted)
      : random(seed),
        swarm(options),
        domain(rules),
        hooks(planted),
        checker(rules.schema, agenda) {}
  World(const World&) = delete;

  [[nodiscard]] bool chance(double probability) {
    return !calm && probability > 0 && random.unit() < probability;
  }
  [[nodiscard]] std::int64_t up_to(std::int64_t most) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most) + 1));
  }
  void say(const std::string& what) {
    if (tell) tell(base::to_string(agenda.now()) + " " + what);
  }
  void fault(const std::string& what) {
    ++faults;
    if (tell) say("! " + what);
  }

  base::Random random;
  const Swarm swarm;
  const mutation::Domain& domain;
  const Hooks& hooks;
  Agenda agenda;
  Checker checker;
  bool calm = true;  // nothing goes wrong now
  std::uint64_t faults = 0;
  std::uint64_t names = 0;                       // given by people so far
  std::function<void(const std::string&)> tell;  // none: nobody listens
};

}  // namespace syncline::simulation
