#include <utility>

#include "tests/simulation/canary_lists.hpp"
#include "tests/simulation/storage_layer.hpp"

namespace syncline::simulation {

namespace {

using Chance = std::shared_ptr<base::Random>;

// The ledger's line for a client is not always written.
class ForgetfulLedger final : public StorageLayer {
 public:
  ForgetfulLedger(authority::Storage& below, Chance chance)
      : StorageLayer(below), chance_(std::move(chance)) {}
  base::Status put_client(const base::Id& client, const authority::ClientState& state) override {
    if (chance_->below(8) == 0) return {};
    return StorageLayer::put_client(client, state);
  }

 private:
  Chance chance_;
};

class ForgottenVerdicts final : public StorageLayer {
 public:
  using StorageLayer::StorageLayer;
  base::Status put_verdict(const model::MutationId&, base::ByteView) override { return {}; }
};

class WrongRowVersion final : public StorageLayer {
 public:
  WrongRowVersion(authority::Storage& below, Chance chance)
      : StorageLayer(below), chance_(std::move(chance)) {}
  base::Status apply(const model::Change& change) override {
    model::Change wrong = change;
    if (wrong.kind == model::ChangeKind::insert && chance_->below(10) == 0)
      wrong.after = model::with_version(wrong.after, wrong.after.version() - 1);
    return StorageLayer::apply(wrong);
  }

 private:
  Chance chance_;
};

class LostRow final : public StorageLayer {
 public:
  LostRow(authority::Storage& below, Chance chance)
      : StorageLayer(below), chance_(std::move(chance)) {}
  base::Status apply(const model::Change& change) override {
    if (chance_->below(40) == 0) return {};
    return StorageLayer::apply(change);
  }

 private:
  Chance chance_;
};

class BlindToOthers final : public StorageLayer {
 public:
  using StorageLayer::StorageLayer;
  base::Result<std::vector<authority::RecordWrite>> writes_after(model::CollectionId,
                                                                 const base::Id&,
                                                                 model::Version) override {
    return std::vector<authority::RecordWrite>();
  }
};

// From some commit on it counts one too few.
class RepeatedVersion final : public StorageLayer {
 public:
  using StorageLayer::StorageLayer;
  model::Version version() const override {
    const model::Version version = StorageLayer::version();
    return version > kFrom ? version - 1 : version;
  }
  base::Status append(const authority::LogEntry& entry) override {
    authority::LogEntry right = entry;
    right.version = StorageLayer::version() + 1;
    return StorageLayer::append(right);
  }

 private:
  static constexpr model::Version kFrom = 12;
};

// What could not be committed is there all the same.
class KeptFailure final : public StorageLayer {
 public:
  using StorageLayer::StorageLayer;
  void rollback() override {
    while (!commit().ok()) continue;
  }
};

template <class Layer>
Hooks with_chance(std::uint64_t seed) {
  Hooks hooks;
  hooks.storage = [chance = std::make_shared<base::Random>(seed)](authority::Storage& disk) {
    return std::make_unique<Layer>(disk, chance);
  };
  return hooks;
}

template <class Layer>
Hooks with(std::uint64_t) {
  Hooks hooks;
  hooks.storage = [](authority::Storage& disk) { return std::make_unique<Layer>(disk); };
  return hooks;
}

}  // namespace

std::vector<Canary> storage_canaries() {
  return {
      {"skip-fsync", "the server's commit returns before its data is on the disk",
       [](std::uint64_t) {
         Hooks hooks;
         hooks.server_commits_late = true;
         return hooks;
       }},
      {"ledger-forgets", "the ledger does not always learn what a client has sent",
       with_chance<ForgetfulLedger>},
      {"verdicts-forgotten", "a verdict is not kept for one who asks again",
       with<ForgottenVerdicts>},
      {"wrong-row-version", "a new row is stored with the version before its own",
       with_chance<WrongRowVersion>},
      {"lost-row", "a row of a transaction is not written", with_chance<LostRow>},
      {"blind-to-others", "conflict detection sees nobody else's writes", with<BlindToOthers>},
      {"repeated-version", "two commits get the same number", with<RepeatedVersion>},
      {"kept-failure", "a transaction that failed is not taken back", with<KeptFailure>},
  };
}

}  // namespace syncline::simulation
