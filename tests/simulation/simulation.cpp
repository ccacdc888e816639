#include "tests/simulation/simulation.hpp"

#include <utility>

#include "tests/support/shop_domain.hpp"

namespace syncline::simulation {

namespace {

constexpr int kPhases = 2;
// A half-open connection is noticed after 40 s; the rest is for a few rounds of everything else.
constexpr std::int64_t kNoticedAfterMs = 65'000;
constexpr std::int64_t kConvergedWithinMs = 240'000;
constexpr std::int64_t kQuietMs = 3'000;
constexpr std::int64_t kClockBackMs = 20'000;

}  // namespace

Simulation::Simulation(std::uint64_t seed, const Swarm& swarm, const Hooks& hooks)
    : domain_(tests::make_shop()),
      world_(seed, swarm, *domain_, hooks),
      network_(world_),
      server_(world_, network_),
      people_(world_, server_),
      began_(world_.agenda.now()) {
  network_.set_server(server_);
  for (std::size_t i = 0; i < swarm.profiles; ++i)
    browsers_.emplace_back(world_, network_, server_, i, person(i % (kPeople - 1)));
}

void Simulation::run_for(std::int64_t ms) { world_.agenda.run_until(world_.agenda.now() + ms); }

void Simulation::set_up() {
  server_.start();
  people_.introduce();
  run_for(100);
  for (Browser& browser : browsers_) browser.open_tab();
  run_for(2'000);
}

// ---- safety

// About once in so many seconds of this phase; 0: never.
void Simulation::now_and_then(double mean_s, std::function<void()> what) {
  if (mean_s <= 0) return;
  const auto wait = static_cast<std::int64_t>(mean_s * 2'000 * world_.random.unit());
  world_.agenda.in(wait, [this, mean_s, what = std::move(what), phase = phase_] {
    if (phase != phase_) return;
    what();
    now_and_then(mean_s, what);
  });
}

Browser& Simulation::any_browser() { return browsers_[world_.random.index(browsers_.size())]; }

void Simulation::live_in(std::size_t index) {
  world_.agenda.in(world_.up_to(world_.swarm.think_ms_max), [this, index, phase = phase_] {
    if (phase != phase_) return;
    Browser& browser = browsers_[index];
    if (browser.tabs().empty()) {
      browser.open_tab();
    } else {
      people_.act(browser);
    }
    live_in(index);
  });
}

void Simulation::change_tabs(Browser& browser) {
  const std::size_t count = browser.tabs().size();
  if (count < world_.swarm.tabs_max && world_.random.below(2) == 0) return browser.open_tab();
  if (count == 0) return;
  const std::size_t index = world_.random.below(2) == 0 ? 0 : world_.random.index(count);
  world_.fault("a tab of browser " + std::to_string(browser.number()) + " goes");
  browser.close_tab(index, world_.random.below(2) == 0);
}

void Simulation::wreck() {
  const Swarm& swarm = world_.swarm;
  now_and_then(swarm.reset_s, [this] { network_.reset_one(); });
  now_and_then(swarm.half_open_s, [this] { network_.half_open_one(); });
  now_and_then(swarm.slow_reader_s, [this] { network_.slow_one(); });
  now_and_then(swarm.partition_s,
               [this] { network_.cut_off(any_browser(), world_.up_to(30'000)); });
  now_and_then(swarm.server_crash_s, [this] { server_.crash(); });
  now_and_then(swarm.browser_crash_s, [this] { any_browser().crash(); });
  now_and_then(swarm.tab_change_s, [this] { change_tabs(any_browser()); });
  now_and_then(swarm.role_change_s, [this] { people_.change_role(); });
  now_and_then(swarm.removal_s, [this] { people_.remove_user(); });
  now_and_then(swarm.owner_change_s, [this] { people_.change_owner(); });
  const auto jump = [this] {
    const bool back = world_.random.below(2) == 0;
    return back ? -world_.up_to(kClockBackMs) : world_.up_to(3'600'000);
  };
  now_and_then(swarm.client_clock_jump_s, [this, jump] {
    world_.fault("a browser's clock jumps");
    any_browser().jump(jump());
  });
  now_and_then(swarm.server_clock_jump_s, [this, jump] {
    world_.fault("the server's clock jumps");
    server_.jump(jump());
  });
  now_and_then(5, [this] {
    for (Browser& browser : browsers_) browser.ask_again();
  });
  for (std::size_t i = 0; i < browsers_.size(); ++i) live_in(i);
}

// ---- liveness

bool Simulation::is_quiet() const {
  for (const Browser& browser : browsers_) {
    if (!browser.is_quiet()) return false;
  }
  return server_.is_up() && server_.is_idle();
}

void Simulation::converge() {
  ++phase_;
  world_.calm = true;
  world_.say("calm");
  network_.heal();
  for (Browser& browser : browsers_) {
    if (browser.tabs().empty()) browser.open_tab();
  }
  run_for(5'000);  // the server is back
  people_.readmit();
  const base::Timestamp until = world_.agenda.now() + kConvergedWithinMs;
  run_for(kNoticedAfterMs);
  std::int64_t quiet_ms = 0;
  while (quiet_ms < kQuietMs && world_.agenda.now() < until) {
    for (Browser& browser : browsers_) browser.ask_again();
    run_for(1'000);
    quiet_ms = is_quiet() ? quiet_ms + 1'000 : 0;
  }
  if (quiet_ms < kQuietMs) {
    for (const Browser& browser : browsers_) {
      if (!browser.is_quiet()) world_.checker.violated("still waits: " + browser.describe());
    }
    if (!server_.is_up() || !server_.is_idle()) world_.checker.violated("the server still works");
    return;
  }
  world_.checker.check_disk(server_.disk());
  world_.checker.check_mutations();
  for (Browser& browser : browsers_) browser.check();
}

Report Simulation::run() {
  set_up();
  for (int phase = 0; phase < kPhases && world_.checker.violations().empty(); ++phase) {
    ++phase_;
    world_.calm = false;
    wreck();
    run_for(world_.swarm.phase_ms);
    converge();
  }
  return report();
}

Report Simulation::report() const {
  return {world_.checker.violations(), world_.agenda.now() - began_, world_.faults,
          world_.checker.mutation_count()};
}

Report run_seed(std::uint64_t seed, bool editing, const Hooks& hooks,
                std::function<void(const std::string&)> tell) {
  base::Random random(base::mix64(seed));
  Swarm swarm = draw_swarm(random);
  if (!editing) swarm.editing = 0;
  Simulation simulation(seed, swarm, hooks);
  simulation.world().tell = std::move(tell);
  try {
    return simulation.run();
  } catch (const base::CheckFailure& failure) {
    simulation.world().checker.violated(failure.what());
    return simulation.report();
  }
}

}  // namespace syncline::simulation
