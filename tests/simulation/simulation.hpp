// Simulation: one run. Everything in it is a function of its seed.
//
//   set up ─▶ safety: things go wrong, the checker looks on ─▶ liveness: nothing goes wrong any more, and within minutes
//   everybody must show what the server has ─▶ safety once more …
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "tests/simulation/people.hpp"

namespace syncline::simulation {

struct Report {
  std::vector<std::string> violations;
  std::int64_t virtual_ms = 0;
  std::uint64_t faults = 0;
  std::uint64_t mutations = 0;
};

class Simulation {
 public:
  // `hooks` outlives the simulation.
  Simulation(std::uint64_t seed, const Swarm& swarm, const Hooks& hooks);
  Simulation(const Simulation&) = delete;

  // ---- step by step, for scripted scenarios; nobody does anything by himself
  void set_up();
  void run_for(std::int64_t ms);
  [[nodiscard]] Browser& browser(std::size_t index) { return browsers_[index]; }
  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] Server& server() { return server_; }
  [[nodiscard]] People& people() { return people_; }
  // Nothing goes wrong any more; checks that all converge.
  void converge();

  // ---- all of it
  [[nodiscard]] Report run();
  [[nodiscard]] Report report() const;

 private:
  void wreck();
  void now_and_then(double mean_s, std::function<void()> what);
  void live_in(std::size_t browser);
  void change_tabs(Browser& browser);
  [[nodiscard]] bool is_quiet() const;
  [[nodiscard]] Browser& any_browser();

  std::unique_ptr<mutation::Domain> domain_;
  World world_;
  Network network_;
  Server server_;
  std::deque<Browser> browsers_;
  People people_;
  std::uint64_t phase_ = 0;  // what was planned for an earlier one is void
  base::Timestamp began_;
};

// A run with the weather that belongs to the seed. `tell` hears what happens.
// `editing`: people also type, edit drafts, take back and do again.
[[nodiscard]] Report run_seed(std::uint64_t seed, bool editing, const Hooks& hooks = {},
                              std::function<void(const std::string&)> tell = {});

}  // namespace syncline::simulation
