#include "tests/oracle/oracle.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "syncline/protocol/codec.hpp"
#include "syncline/query/canonical.hpp"
#include "tests/oracle/live.hpp"

namespace syncline::tests {

namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

constexpr std::size_t kOpsPerWorld = 200;
constexpr std::size_t kQueriesPerWorld = 3;

query::Query checked_query(base::Random& random, const model::Schema& schema) {
  auto checked = query::check(schema, random_query(random, schema));
  SYNC_CHECK(checked.ok(), "a random query that check() refuses");
  return random.below(2) == 0 ? query::canonical(schema, std::move(*checked)) : std::move(*checked);
}

std::string hex(base::ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text.empty() ? "-" : text;
}

base::Bytes unhex(const std::string& text) {
  base::Bytes bytes;
  for (std::size_t i = 0; text != "-" && i + 1 < text.size(); i += 2)
    bytes.push_back(
        static_cast<std::uint8_t>(std::strtoul(text.substr(i, 2).c_str(), nullptr, 16)));
  return bytes;
}

// Rows as they are now, which say what an op means.
model::Change change_of(const OracleScript::Op& op, const model::Schema& schema,
                        const NaiveEvaluator& rows) {
  model::Change change;
  change.before = rows.get(op.collection, op.id).value_or(model::Record());
  if (!op.after.empty())
    change.after = model::Record::adopt(schema.collection(op.collection), op.after);
  change.kind = !change.before  ? model::ChangeKind::insert
                : !change.after ? model::ChangeKind::remove
                                : model::ChangeKind::update;
  return change;
}

AssertionResult failed(std::size_t step, const std::string& what, const AssertionResult& why) {
  return AssertionFailure() << "op " << step << "\n" << what << "\n" << why.message();
}

}  // namespace

OracleScript make_script(std::uint64_t seed) {
  OracleScript script;
  script.schema_seed = seed;
  base::Random random(seed);
  const RandomSchema schema(random);
  RandomChanges changes(random, schema.schema());
  for (std::size_t i = 0; i < kQueriesPerWorld; ++i)
    script.queries.push_back({i * 15, checked_query(random, schema.schema())});
  for (std::size_t i = 0; i < kOpsPerWorld; ++i) {
    const model::Change change = changes.next();
    OracleScript::Op op{change.collection().id(), change.id(), {}};
    if (change.after) op.after.assign(change.after.bytes().begin(), change.after.bytes().end());
    script.ops.push_back(std::move(op));
  }
  return script;
}

namespace {

AssertionResult run(const OracleScript& script, const OracleBackendFactory& make,
                    OracleTally& tally) {
  base::Random random(script.schema_seed);
  const RandomSchema schema(random);
  const std::unique_ptr<OracleBackend> backend = make(schema.schema());
  NaiveEvaluator rows(schema.schema());
  std::vector<std::unique_ptr<Live>> live;
  for (std::size_t step = 0; step < script.ops.size(); ++step) {
    for (const OracleScript::Asked& asked : script.queries) {
      if (asked.from != step) continue;
      live.push_back(
          std::make_unique<Live>(schema.schema(), asked.query, backend->sources(), tally));
      if (const auto ok = live.back()->hydrate(rows); !ok)
        return failed(step, live.back()->text(), ok);
    }
    const model::Change change = change_of(script.ops[step], schema.schema(), rows);
    if (!change.before && !change.after) continue;
    rows.apply(change);
    backend->apply(change);
    ++tally.steps;
    for (const auto& query : live) {
      if (const auto ok = query->push(change, rows); !ok)
        return failed(step, query->text() + "\nafter " + describe(change), ok);
      if (const auto ok = backend->agrees(query->query(), rows.evaluate(query->query())); !ok)
        return failed(step, query->text() + "\nthe backend", ok);
    }
    if (step == kOpsPerWorld / 2 && !live.empty()) {
      if (const auto ok = live.front()->start_again(rows); !ok)
        return failed(step, live.front()->text(), ok);
    }
  }
  return AssertionSuccess();
}

}  // namespace

AssertionResult run_script(const OracleScript& script, const OracleBackendFactory& make,
                           OracleTally& tally) {
  try {
    return run(script, make, tally);
  } catch (const base::CheckFailure& check) {  // a bug that the engine saw itself
    return AssertionFailure() << check.what();
  }
}

OracleScript shrink(OracleScript script, const OracleBackendFactory& backend) {
  const auto fails = [&backend](const OracleScript& candidate) {
    OracleTally tally;
    return !run_script(candidate, backend, tally);
  };
  for (const OracleScript::Asked& asked : script.queries) {
    OracleScript alone = script;
    alone.queries = {asked};
    if (fails(alone)) {
      script = std::move(alone);
      break;
    }
  }
  // Ever smaller pieces are left out, as long as what is left still fails.
  for (std::size_t piece = script.ops.size() / 2; piece > 0; piece /= 2) {
    for (std::size_t at = 0; at < script.ops.size();) {
      OracleScript without = script;
      const std::size_t count = std::min(piece, script.ops.size() - at);
      const auto first = without.ops.begin() + static_cast<std::ptrdiff_t>(at);
      without.ops.erase(first, first + static_cast<std::ptrdiff_t>(count));
      for (OracleScript::Asked& asked : without.queries) {
        if (asked.from > at) asked.from -= std::min(count, asked.from - at);
      }
      if (!without.ops.empty() && fails(without)) {
        script = std::move(without);
      } else {
        at += count;
      }
    }
  }
  return script;
}

std::string write_script(const OracleScript& script, const std::string& remark) {
  std::ostringstream out;
  std::istringstream lines(remark);
  for (std::string line; std::getline(lines, line);) out << "# " << line << "\n";
  out << "schema " << script.schema_seed << "\n";
  for (const OracleScript::Asked& asked : script.queries)
    out << "query " << asked.from << " " << hex(protocol::encode_query(asked.query)) << "\n";
  for (const OracleScript::Op& op : script.ops)
    out << "op " << op.collection << " " << hex(op.id.bytes) << " " << hex(op.after) << "\n";
  return out.str();
}

base::Result<OracleScript> read_script(const std::string& text) {
  OracleScript script;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind;
    std::string first;
    std::string second;
    words >> kind;
    if (kind == "schema") words >> script.schema_seed;
    if (kind == "query") {
      std::size_t from = 0;
      words >> from >> first;
      SYNC_ASSIGN(query::Query query, protocol::decode_query(unhex(first)));
      script.queries.push_back({from, std::move(query)});
    }
    if (kind == "op") {
      OracleScript::Op op;
      words >> op.collection >> first >> second;
      base::Bytes id = unhex(first);
      id.resize(16);
      op.id = base::id_from_bytes(id.data());
      op.after = unhex(second);
      script.ops.push_back(std::move(op));
    }
  }
  return script;
}

void run_oracle(std::uint64_t seed, std::size_t steps, const OracleBackendFactory& backend,
                OracleTally& tally) {
  for (const std::size_t until = tally.steps + steps; tally.steps < until; ++seed) {
    const OracleScript script = make_script(seed);
    const AssertionResult ok = run_script(script, backend, tally);
    if (ok) continue;
    const std::string kept = write_script(shrink(script, backend), ok.message());
    if (const char* folder = std::getenv("SYNCLINE_REGRESS")) {
      std::ofstream(std::string(folder) + "/world_" + std::to_string(seed) + ".txt") << kept;
    }
    FAIL() << "world " << seed << "\n" << ok.message() << "\nkeep this in tests/regress:\n" << kept;
  }
}

std::size_t oracle_steps(std::size_t otherwise) {
  const char* text = std::getenv("SYNCLINE_ORACLE_STEPS");
  if (text != nullptr) return static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__EMSCRIPTEN__)
  return otherwise / 10;
#else
  return otherwise;
#endif
}

std::vector<std::string> regress_files() {
  std::vector<std::string> files;
#ifndef __EMSCRIPTEN__
  const std::filesystem::path folder = std::filesystem::path(SYNCLINE_SOURCE_DIR) / "tests/regress";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    files.push_back(text.str());
  }
#endif
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace syncline::tests
