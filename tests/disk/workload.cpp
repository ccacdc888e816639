#include "tests/disk/workload.hpp"

#include <sqlite3.h>

#include "server/storage/sqlite_reader.hpp"
#include "syncline/base/random.hpp"
#include "tests/disk/disk_vfs.hpp"
#include "tests/unit/authority/world.hpp"

namespace syncline::disk {

namespace {

using namespace server::storage;
using mutation::Role;
using tests::test_id;

constexpr std::uint32_t kCards = 30;
// The ledger forgets whoever was not seen for 90 days of the system's clock.
constexpr std::int64_t kInTheFutureMs = std::int64_t{50} * 365 * 86'400'000;

// What is usual in one life.
struct Habits {
  explicit Habits(base::Random& random) {
    constexpr int kCachePages[] = {10, 10, 40, 2'000};
    constexpr int kCheckpointPages[] = {6, 25, 80, 8'000};
    cache_pages = kCachePages[random.below(4)];
    checkpoint_pages = kCheckpointPages[random.below(4)];
    steps = 8 + static_cast<int>(random.below(25));
    has_reader = random.below(2) == 0;
    refuses_one_in = random.below(4) == 0 ? 20 + random.below(60) : 0;
    long_labels = random.below(2) == 0;
  }
  int cache_pages = 0;
  int checkpoint_pages = 0;
  int steps = 0;
  bool has_reader = false;
  std::uint64_t refuses_one_in = 0;  // 0: never
  bool long_labels = false;
};

// The server from opening to closing.
class Server {
 public:
  Server(Life& life, SimulatedDisk& disk, std::string path, const Habits& habits,
         base::Random& random, const Canary* canary)
      : life_(life),
        disk_(disk),
        path_(std::move(path)),
        habits_(habits),
        random_(random),
        canary_(canary) {}

  // False: it could not be opened.
  bool open(std::uint32_t first_client);
  void step();
  // Everything that waits is decided, and everybody hears.
  void settle();

 private:
  void make_world(std::uint32_t first_client);
  [[nodiscard]] model::Mutation random_mutation();
  void push();
  void submit();
  void sign_in();
  void change_password();
  void checkpoint();
  void look();
  void listen();

  Life& life_;
  SimulatedDisk& disk_;
  const std::string path_;
  const Habits& habits_;
  base::Random& random_;
  const Canary* const canary_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<simulation::StorageLayer> layer_;
  std::unique_ptr<Witness> witness_;
  std::unique_ptr<tests::World> world_;
  std::vector<std::unique_ptr<tests::Browser>> browsers_;
  std::vector<std::size_t> verdicts_heard_;
  std::unique_ptr<ReaderPool> readers_;
  std::unique_ptr<ReadSnapshot> snapshot_;
  std::uint32_t next_number_ = 0;
};

bool Server::open(std::uint32_t first_client) {
  auto opened = SqliteStorage::open(path_, workload_schema());
  if (!opened.ok()) {
    life_.failure = opened.error().message;
    return false;
  }
  storage_ = std::move(opened).value();
  life_.opened.push_back({disk_.trace().size(), storage_->epoch()});
  const std::string pragmas =
      "PRAGMA cache_size = " + std::to_string(habits_.cache_pages) +
      "; PRAGMA wal_autocheckpoint = " + std::to_string(habits_.checkpoint_pages) + ";" +
      (canary_ == nullptr ? "" : canary_->pragmas);
  SYNC_CHECK(storage_->connection().exec(pragmas).ok(), "pragmas");
  make_world(first_client);
  return true;
}

void Server::make_world(std::uint32_t first_client) {
  authority::Storage* below = storage_.get();
  if (canary_ != nullptr && canary_->layer) {
    layer_ = canary_->layer(*below);
    below = layer_.get();
  }
  witness_ = std::make_unique<Witness>(*below, disk_, life_.attempts);
  authority::Options options;
  options.mutations_per_commit_max = 1 + static_cast<std::uint32_t>(random_.below(12));
  options.seed = random_.next();
  world_ = std::make_unique<tests::World>(*witness_, options);
  world_->advance(kInTheFutureMs);
  for (std::uint32_t i = 0; i < 2; ++i) {
    browsers_.push_back(std::make_unique<tests::Browser>(
        *world_, i == 0 ? Role::admin : Role::agent, 900 + i, first_client + i));
    browsers_.back()->connect();
    browsers_.back()->subscribe(1, tests::cards());
  }
  verdicts_heard_.resize(browsers_.size());
  next_number_ = first_client;
  settle();
}

model::Mutation Server::random_mutation() {
  const auto id = 1 + static_cast<std::uint32_t>(random_.below(kCards));
  const std::size_t length = habits_.long_labels ? 150 : 8;
  std::vector<tests::FieldValue> fields = {
      {tests::kLabel,
       std::string(1 + random_.index(length), static_cast<char>('a' + random_.below(26)))},
      {tests::kPoints, static_cast<int>(random_.below(100))}};
  if (random_.below(4) == 0) fields.push_back({tests::kParent, test_id(id)});
  switch (random_.below(5)) {
    case 0: return tests::remove_card(id);
    case 1: return tests::update_card(id, fields);
    default: return tests::insert_card(id, fields);
  }
}

void Server::push() {
  for (auto count = 1 + random_.below(5); count > 0; --count)
    browsers_[random_.index(browsers_.size())]->push(random_mutation());
}

void Server::submit() {
  authority::Submission submission;
  submission.actor = {test_id(990), Role::system};
  for (auto count = 1 + random_.below(3); count > 0; --count)
    submission.mutations.push_back(random_mutation());
  if (random_.below(2) == 0) submission.idempotency_key = "key " + std::to_string(++next_number_);
  submission.render = [](const authority::SubmissionOutcome& outcome) {
    return base::Bytes(base::as_bytes(outcome.verdict.error.message).begin(),
                       base::as_bytes(outcome.verdict.error.message).end());
  };
  const std::string key = submission.idempotency_key;
  const authority::Answer answer = world_->submit(std::move(submission));
  const model::Verdict& verdict = answer.outcome.verdict;
  if (verdict.outcome == model::Outcome::applied) {
    Heard heard{disk_.trace().size(), {}, 0, test_id(990), key, answer.rendered};
    if (!answer.outcome.changes.changes.empty()) heard.version = verdict.version;
    life_.heard.push_back(std::move(heard));
  }
  listen();
}

void Server::sign_in() {
  LoginSession session;
  session.sid = test_id(++next_number_);
  session.user = test_id(900 + static_cast<std::uint32_t>(random_.below(2)));
  session.created = session.rotated = world_->now();
  session.expires = world_->now() + 1'000'000;
  Transaction transaction;
  transaction.sessions.push_back(session);
  witness_->watch(std::move(transaction),
                  [&] { return AuthStore(*storage_).put_session(session); });
}

void Server::change_password() {
  const base::Id user = test_id(900 + static_cast<std::uint32_t>(random_.below(3)));
  const std::string hash = "hash " + std::to_string(++next_number_);
  Transaction transaction;
  transaction.passwords.emplace_back(user, hash);
  witness_->watch(std::move(transaction),
                  [&] { return AuthStore(*storage_).put_password_hash(user, hash); });
}

// One that waits for readers is asked for only when there are none.
void Server::checkpoint() {
  constexpr const char* kHow[] = {"PASSIVE", "FULL", "RESTART", "TRUNCATE"};
  const char* const how = kHow[snapshot_ ? 0 : random_.below(4)];
  static_cast<void>(storage_->connection().exec(std::string("PRAGMA wal_checkpoint(") + how + ")"));
}

// A reader keeps the log from being begun anew.
void Server::look() {
  if (!habits_.has_reader) return;
  if (snapshot_) return snapshot_.reset();
  if (!readers_) {
    auto pool = ReaderPool::open(path_, workload_schema(), 1);
    SYNC_CHECK(pool.ok(), "a reader could not be opened");
    readers_ = std::move(pool).value();
  }
  auto snapshot = readers_->snapshot();
  if (snapshot.ok()) snapshot_ = std::move(snapshot).value();
}

void Server::listen() {
  for (std::size_t i = 0; i < browsers_.size(); ++i) {
    const auto& verdicts = browsers_[i]->verdicts;
    for (std::size_t& next = verdicts_heard_[i]; next < verdicts.size(); ++next) {
      const auto& [client, verdict] = verdicts[next];
      const bool applied =
          verdict.outcome == model::Outcome::applied || verdict.outcome == model::Outcome::merged;
      Heard heard{disk_.trace().size(), {client, verdict.sequence}, 0, {}, {}, {}};
      if (applied) heard.version = verdict.version;
      life_.heard.push_back(std::move(heard));
    }
  }
}

// Whoever was sent away because the disk refused comes back, and sends again what nobody has decided.
void Server::settle() {
  world_->run();
  listen();
  for (auto& browser : browsers_) {
    if (browser->session != 0) continue;
    browser->connect();
    browser->subscribe(1, tests::cards());
    std::vector<model::Mutation> undecided;
    for (const model::Mutation& mutation : browser->sent) {
      if (browser->verdict(mutation.id.sequence) == nullptr) undecided.push_back(mutation);
    }
    if (!undecided.empty()) browser->resend(std::move(undecided));
  }
}

void Server::step() {
  world_->advance(static_cast<std::int64_t>(random_.below(50)));
  switch (random_.below(12)) {
    case 0: return sign_in();
    case 1: return change_password();
    case 2: return checkpoint();
    case 3:
    case 4: return look();
    case 5:
    case 6: return submit();
    default: push();
  }
  if (random_.below(2) == 0) settle();
}

SimulatedDisk::Refuse refuse_now_and_then(const Habits& habits, base::Random random, Life& life) {
  return [&habits, &life,
          random](const Operation& operation) mutable -> std::optional<SimulatedDisk::Refusal> {
    if (habits.refuses_one_in == 0 || random.below(habits.refuses_one_in) != 0) return std::nullopt;
    ++life.refusals;
    if (operation.kind == Operation::Kind::sync)
      return SimulatedDisk::Refusal{SQLITE_IOERR_FSYNC, 0};
    if (operation.kind == Operation::Kind::resize)
      return SimulatedDisk::Refusal{SQLITE_IOERR_TRUNCATE, 0};
    return SimulatedDisk::Refusal{
        random.below(2) == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE,
        operation.bytes.empty() ? 0 : random.index(operation.bytes.size())};
  };
}

}  // namespace

const model::Schema& workload_schema() { return tests::card_domain().schema; }

Life live(const std::string& path, Image before, std::uint64_t seed, std::uint32_t number,
          const Canary* canary) {
  Life life;
  life.before = before;
  base::Random random(base::mix64(seed) + number);
  const Habits habits(random);
  SimulatedDisk disk(std::move(before));
  if (canary != nullptr && canary->lie) disk.set_lie(canary->lie());
  const Mount mount(disk);
  std::uint32_t client = 1'000 + number * 100'000;
  for (auto openings = 1 + random.below(2); openings > 0; --openings, client += 10'000) {
    Server server(life, disk, path, habits, random, canary);
    disk.set_refuse({});
    if (!server.open(client)) break;
    disk.set_refuse(refuse_now_and_then(habits, base::Random(random.next()), life));
    for (int i = 0; i < habits.steps; ++i) server.step();
    server.settle();
    disk.set_refuse({});
    server.settle();
    server.settle();
  }
  life.trace = disk.trace();
  return life;
}

}  // namespace syncline::disk
