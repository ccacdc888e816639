// The cases of script/bench server. Each prints progress to standard error and returns its lines.
#pragma once

#include <vector>

#include "tests/bench/server/options.hpp"
#include "tests/bench/support/report.hpp"

namespace syncline::bench {

// Durable updates a second: the server with many writers beside SQLite itself with 1 and with 100 updates per transaction.
// p50, p99: until a writer has its verdict; SQLite: a transaction. bytes: 0.
[[nodiscard]] std::vector<Line> run_commits(const Options& options);
// One frame to every subscriber. ops/s: frames per second of the sender's processor time, user and system (`fanout-user`: only
// user). p50, p99: from the change to its arrival. bytes: of a frame.
[[nodiscard]] std::vector<Line> run_fanout(const Options& options);
// One change that concerns one of few, or of very many, subscriptions: all that the server's core does with it, from the write to
// the frame, and the interest index alone (`routing-index`). bytes: 0.
[[nodiscard]] std::vector<Line> run_routing(const Options& options);
// One more live query on a result that somebody has already. bytes: of the server's heap for each.
[[nodiscard]] std::vector<Line> run_live_query_memory(const Options& options);

// One run of SQLite itself, by `per_transaction` updates.
[[nodiscard]] Line run_raw_sqlite(const Options& options, std::size_t per_transaction);

}  // namespace syncline::bench
