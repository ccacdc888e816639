#include "tests/simulation/swarm.hpp"

namespace syncline::simulation {

Swarm draw_swarm(base::Random& random) {
  const auto one_of_two = [&] { return random.below(2) == 0; };
  // Mean seconds from `least` to four times as many, or never.
  const auto sometimes = [&](double least) {
    return one_of_two() ? 0.0 : least * (1 + 3 * random.unit());
  };
  const auto rarely = [&](double most) { return one_of_two() ? 0.0 : most * random.unit(); };
  Swarm swarm;
  swarm.profiles = 2 + random.index(3);
  swarm.tabs_max = 1 + random.index(3);
  swarm.think_ms_max = 400 + static_cast<std::int64_t>(random.below(4'000));
  swarm.phase_ms = 30'000 + static_cast<std::int64_t>(random.below(90'000));
  if (one_of_two()) swarm.token_ms = 20'000 + static_cast<std::int64_t>(random.below(60'000));
  swarm.mutations_per_commit_max = 1 + static_cast<std::uint32_t>(random.below(6));
  swarm.look_ahead_rows = static_cast<std::uint32_t>(random.below(6));
  if (one_of_two()) swarm.backlog_bytes_max = 500 + random.index(4'000);
  if (one_of_two()) swarm.snapshot_ns = random.below(6'000'000);
  swarm.latency_ms_max = 1 + static_cast<std::int64_t>(random.below(one_of_two() ? 20 : 400));
  swarm.late_frame = rarely(0.05);
  swarm.reset_s = sometimes(6);
  swarm.half_open_s = sometimes(15);
  swarm.partition_s = sometimes(12);
  swarm.slow_reader_s = sometimes(8);
  swarm.cut_in_commit = rarely(0.02);
  swarm.cut_before_release = rarely(0.02);
  swarm.disk_error = rarely(0.03);
  swarm.server_crash_s = sometimes(20);
  swarm.server_clock_jump_s = sometimes(30);
  swarm.disk_ms_max = 1 + static_cast<std::int64_t>(random.below(one_of_two() ? 20 : 1'000));
  swarm.browser_crash_s = sometimes(15);
  swarm.tab_change_s = sometimes(8);
  swarm.client_clock_jump_s = sometimes(30);
  swarm.role_change_s = sometimes(10);
  swarm.removal_s = sometimes(30);
  swarm.owner_change_s = sometimes(4);
  swarm.editing = rarely(0.8);
  return swarm;
}

}  // namespace syncline::simulation
