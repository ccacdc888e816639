// Swarm: what can go wrong in one run, and how often, drawn from the seed: each class of faults is off in many runs, so that
// also the rare combination of few of them is met.
#pragma once

#include <cstdint>

#include "syncline/base/random.hpp"

namespace syncline::simulation {

struct Swarm {
  // Who is there.
  std::size_t profiles = 3;
  std::size_t tabs_max = 2;
  std::int64_t think_ms_max = 2'000;  // between two acts of a tab
  std::int64_t phase_ms = 60'000;     // how long things go wrong
  std::int64_t token_ms = 3'600'000;  // life of an access token
  // Limits of the server, small so that they are met.
  std::uint32_t mutations_per_commit_max = 200;
  std::uint32_t look_ahead_rows = 25;
  std::size_t backlog_bytes_max = 8u << 20;
  std::uint64_t snapshot_ns = 0;  // that each takes, of the 5 ms of a turn
  // Network. Chances are per frame; seconds are the mean time between two faults, 0: none.
  std::int64_t latency_ms_max = 50;
  double late_frame = 0;
  double reset_s = 0, half_open_s = 0, partition_s = 0, slow_reader_s = 0;
  // Server. Chances are per commit or turn.
  double cut_in_commit = 0, cut_before_release = 0, disk_error = 0;
  double server_crash_s = 0, server_clock_jump_s = 0;
  // Browsers.
  std::int64_t disk_ms_max = 20;
  double browser_crash_s = 0, tab_change_s = 0, client_clock_jump_s = 0;
  // People.
  double role_change_s = 0, removal_s = 0, owner_change_s = 0;
  double editing = 0;  // the part of what people do that is typing, drafts, undo and the like
};

[[nodiscard]] Swarm draw_swarm(base::Random& random);
// Nothing goes wrong; for scripted scenarios.
[[nodiscard]] inline Swarm calm() { return {}; }

}  // namespace syncline::simulation
