#include "tests/disk/canaries.hpp"

#include <utility>

namespace syncline::disk {

namespace {

using simulation::StorageLayer;
using Kind = Operation::Kind;
using Record = SimulatedDisk::Record;

bool is_log(const Operation& operation) { return operation.name.ends_with("-wal"); }
bool is_database(const Operation& operation) { return operation.name.ends_with(".db"); }

// ---- the disk, as it would look if something above it forgot something

template <class Forgets>
std::function<SimulatedDisk::Lie()> forgets(Forgets forgotten) {
  return [forgotten] {
    return [forgotten](Operation operation, const Record& record) {
      if (!forgotten(operation)) record(std::move(operation));
    };
  };
}

// `is_held` waits for the next operation that `lets_go` accepts.
template <class IsHeld, class LetsGo>
std::function<SimulatedDisk::Lie()> delays(IsHeld is_held, LetsGo lets_go) {
  return [is_held, lets_go] {
    return [is_held, lets_go, held = std::optional<Operation>()](Operation operation,
                                                                 const Record& record) mutable {
      if (held && lets_go(operation)) {
        record(std::move(*held));
        held.reset();
      }
      if (!held && is_held(operation)) {
        held = std::move(operation);
      } else {
        record(std::move(operation));
      }
    };
  };
}

// ---- the storage

// Rows are committed before the entry of the log that tells of them.
class RowsBeforeLog final : public StorageLayer {
 public:
  using StorageLayer::StorageLayer;
  base::Status append(const authority::LogEntry& entry) override {
    SYNC_TRY(StorageLayer::commit());
    SYNC_TRY(StorageLayer::begin());
    return StorageLayer::append(entry);
  }
};

// The ledger learns what a client has sent one transaction later.
class LateLedger final : public StorageLayer {
 public:
  using StorageLayer::StorageLayer;
  base::Status begin() override {
    SYNC_TRY(StorageLayer::begin());
    for (const auto& [client, state] : std::exchange(late_, {}))
      SYNC_TRY(StorageLayer::put_client(client, state));
    return {};
  }
  base::Status put_client(const base::Id& client, const authority::ClientState& state) override {
    late_.emplace_back(client, state);
    return {};
  }

 private:
  std::vector<std::pair<base::Id, authority::ClientState>> late_;
};

// Every seventh row of the log is not written to its table.
class LostRow final : public StorageLayer {
 public:
  using StorageLayer::StorageLayer;
  base::Status apply(const model::Change& change) override {
    if (++changes_ % 7 == 0 && change.kind == model::ChangeKind::update) return {};
    return StorageLayer::apply(change);
  }

 private:
  int changes_ = 0;
};

template <class Layer>
std::unique_ptr<StorageLayer> layer(authority::Storage& below) {
  return std::make_unique<Layer>(below);
}

}  // namespace

const std::vector<Canary>& canaries() {
  const auto always = [](const Operation&) { return true; };
  static const std::vector<Canary> all = {
      {"skip-commit-fsync",
       "a commit does not sync the log",
       forgets([](const Operation& each) { return each.kind == Kind::sync && is_log(each); }),
       {}},
      {"skip-checkpoint-fsync",
       "a checkpoint does not sync the database before the log is reused",
       forgets([](const Operation& each) { return each.kind == Kind::sync && is_database(each); }),
       {}},
      {"skip-folder-fsync",
       "the names of new files are not synced",
       forgets([](const Operation& each) { return each.kind == Kind::sync_folder; }),
       {}},
      {"acknowledge-early",
       "a commit is acknowledged while its sync is still under way",
       delays([](const Operation& each) { return each.kind == Kind::sync && is_log(each); },
              always),
       {}},
      {"held-write",
       "what is gathered for the log is not written before it is synced",
       delays([](const Operation& each) { return each.kind == Kind::write && is_log(each); },
              [](const Operation& each) { return !is_sync(each); }),
       {}},
      {"synchronous-off", "SQLite is told not to sync", {}, {}, "PRAGMA synchronous = OFF"},
      {"synchronous-normal",
       "SQLite is told to sync with checkpoints only",
       {},
       {},
       "PRAGMA synchronous = NORMAL"},
      {"rows-before-log", "rows and log are two transactions", {}, layer<RowsBeforeLog>},
      {"late-ledger", "rows and ledger are two transactions", {}, layer<LateLedger>},
      {"lost-row", "a row is in the log and not in its table", {}, layer<LostRow>},
  };
  return all;
}

std::optional<std::string> catch_canary(const Canary& canary) {
  CutOptions options;
  options.canary = &canary;
  options.one_in = 8;
  for (std::uint64_t seed = 1; seed <= kCanarySeedsMax; ++seed) {
    CutReport report = cut_everywhere(seed, options);
    if (!report.violations.empty()) return std::move(report.violations.front());
  }
  return std::nullopt;
}

}  // namespace syncline::disk
