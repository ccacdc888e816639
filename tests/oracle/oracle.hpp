// The oracle run: random schemas × queries × changes under a seed; after every change the incremental result must equal what
// a naive evaluator that shares no code with the engine makes of all rows (tests/support/naive_evaluator.hpp), and what the
// backend itself says, where it can (plain SQL).
//
// A run that fails is shrunk to the changes that it needs and written down; files in tests/regress are run again for ever.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "syncline/ivm/source.hpp"
#include "syncline/query/ast.hpp"
#include "tests/support/random_world.hpp"

namespace syncline::tests {

// Where the rows are.
class OracleBackend {
 public:
  virtual ~OracleBackend() = default;
  virtual ivm::SourceProvider& sources() = 0;
  virtual void apply(const model::Change& change) = 0;
  // Its own word on a query's rows and groups.
  virtual ::testing::AssertionResult agrees(const query::Query& query,
                                            const NaiveResult& expected) {
    static_cast<void>(query);
    static_cast<void>(expected);
    return ::testing::AssertionSuccess();
  }
};
using OracleBackendFactory = std::function<std::unique_ptr<OracleBackend>(const model::Schema&)>;

// What was seen moving: a run in which nothing moves proves nothing.
struct OracleTally {
  std::size_t steps = 0;
  std::size_t adds = 0;
  std::size_t removes = 0;
  std::size_t edits = 0;
  std::size_t related = 0;
  std::size_t groups = 0;
  std::size_t refills = 0;  // a row left a window and another took its place in one push
};

// Everything a run needs; the schema follows from its seed alone.
struct OracleScript {
  // The row is as `after` says, or gone; whether that is an insert, an update or nothing follows from what is there.
  struct Op {
    model::CollectionId collection = model::kNoCollection;
    base::Id id;
    base::Bytes after;  // a packed record; empty: none
  };
  struct Asked {
    std::size_t from = 0;  // before this op
    query::Query query;
  };
  std::uint64_t schema_seed = 0;
  std::vector<Op> ops;
  std::vector<Asked> queries;
};

[[nodiscard]] OracleScript make_script(std::uint64_t seed);
// On failure says where, of which query, and what differs.
[[nodiscard]] ::testing::AssertionResult run_script(const OracleScript& script,
                                                    const OracleBackendFactory& backend,
                                                    OracleTally& tally);
// One query, and only those ops without which it does not fail. REQUIRES: it fails.
[[nodiscard]] OracleScript shrink(OracleScript script, const OracleBackendFactory& backend);

[[nodiscard]] std::string write_script(const OracleScript& script, const std::string& remark);
[[nodiscard]] base::Result<OracleScript> read_script(const std::string& text);

// Worlds of the seed and those behind it until so many steps are done. A failure is shrunk, and kept in the folder that
// SYNCLINE_REGRESS names.
void run_oracle(std::uint64_t seed, std::size_t steps, const OracleBackendFactory& backend,
                OracleTally& tally);
// SYNCLINE_ORACLE_STEPS, or what is given; a tenth of it under sanitizers, where a step costs ten times as much and other
// mistakes are looked for, and in WebAssembly, where the worlds are the same as here.
[[nodiscard]] std::size_t oracle_steps(std::size_t otherwise);
// The kept scripts of tests/regress.
[[nodiscard]] std::vector<std::string> regress_files();

}  // namespace syncline::tests
