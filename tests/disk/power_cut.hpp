// The power is cut at every write and every sync of a workload. After each cut the database must open, hold every commit that
// anybody was told of and no half of another one, and be true to itself.
#pragma once

#include "tests/disk/workload.hpp"

namespace syncline::disk {

struct CutOptions {
  // Cuts beside the syncs: one in so many of the other points; 1: all.
  std::uint64_t one_in = 1;
  // How often the power is cut at one point, each time with another loss.
  std::uint32_t losses = 1;
  const Canary* canary = nullptr;
  // Of one life only this cut, numbered as in the violation; says what the disk had been asked.
  std::optional<std::pair<std::uint32_t, std::size_t>> only;
  std::function<void(const std::string&)> tell;
};

struct CutReport {
  std::vector<std::string> violations;  // the first ones
  std::uint64_t cuts = 0;
  std::uint64_t at_syncs = 0;  // of them
  std::uint64_t sync_points = 0;
  std::uint64_t operations = 0;
  std::uint64_t commits = 0;  // acknowledged
  std::uint64_t refusals = 0;
  void add(const CutReport& other);
};

[[nodiscard]] CutReport cut_everywhere(std::uint64_t seed, const CutOptions& options = {});

}  // namespace syncline::disk
