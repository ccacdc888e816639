// What the command line of bench_server decides.
#pragma once

#include <cstdint>
#include <string>

namespace syncline::bench {

struct Options {
  std::string binary;  // of the server
  std::string folder;  // where databases are made: all engines on one disk
  std::string node = "node";
  std::string ws_script;  // tests/bench/server/ws_server.mjs
  std::size_t rows = 10'000;
  std::size_t writers = 50;
  std::size_t in_flight = 8;  // mutations of one writer that wait for their verdict
  std::size_t subscribers = 1'000;
  std::size_t subscriptions = 100'000;
  std::size_t runs = 3;  // of each engine, in turns; the median is reported
  double seconds = 4;    // of one run
};

}  // namespace syncline::bench
