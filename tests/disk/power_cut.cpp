#include "tests/disk/power_cut.hpp"

#include "syncline/base/random.hpp"
#include "tests/disk/disk_vfs.hpp"
#include "tests/disk/folder.hpp"
#include "tests/disk/platter.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::disk {

namespace {

using server::storage::AuthStore;
using server::storage::SqliteStorage;

constexpr std::size_t kViolationsMax = 3;

// What must be there after a cut at some point of a life, and what may be.
class Expectation {
 public:
  Expectation(const Life& life, Contents at_start) : life_(life), certain_(std::move(at_start)) {}

  // REQUIRES: points never go backwards.
  void move_to(std::size_t point) {
    point_ = point;
    for (std::size_t i = next_; i < life_.attempts.size(); ++i) {
      const Attempt& attempt = life_.attempts[i];
      if (!attempt.acknowledged || *attempt.acknowledged > point) continue;
      certain_.apply(attempt.transaction);
      next_ = i + 1;
    }
  }

  // Empty: it is as it may be.
  [[nodiscard]] std::string violated_by(const Contents& found) const {
    const std::string from_certain = difference(certain_, found);
    if (from_certain.empty()) return {};
    // One that nobody was told of may have reached the disk, as a whole.
    for (std::size_t i = next_; i < life_.attempts.size(); ++i) {
      if (life_.attempts[i].begun > point_) break;
      Contents possible = certain_;
      possible.apply(life_.attempts[i].transaction);
      if (difference(possible, found).empty()) return {};
    }
    return "not what was committed: " + from_certain;
  }

 private:
  const Life& life_;
  Contents certain_;
  std::size_t next_ = 0;  // attempts before it are in certain_, or can never be there
  std::size_t point_ = 0;
};

// Whatever anybody was told, by itself.
std::string broken_promise(const Life& life, std::size_t point, const Contents& found) {
  for (const Heard& heard : life.heard) {
    if (heard.at > point) continue;
    if (heard.version > found.log.size())
      return "version " + std::to_string(heard.version) + " was acknowledged and is lost";
    if (!heard.key.empty()) {
      const auto kept = found.answers.find({heard.user, heard.key});
      if (kept == found.answers.end() || kept->second != heard.answer)
        return "the answer to a request is lost";
    }
    if (heard.mutation.sequence == 0) continue;
    const auto client = found.clients.find(heard.mutation.client);
    if (client == found.clients.end() || client->second.last_sequence < heard.mutation.sequence)
      return "the ledger has lost a mutation that was decided";
    if (!found.verdicts.contains({heard.mutation.client, heard.mutation.sequence}))
      return "a verdict is lost";
  }
  return {};
}

std::string wrong_epoch(const Life& life, std::size_t point, const base::Id& epoch) {
  for (const Opened& opened : life.opened) {
    if (opened.at <= point && !(opened.epoch == epoch)) return "it is another database";
  }
  return {};
}

struct Found {
  std::string violation;
  Contents contents;
};

// The note of how far the database has come lies on no simulated disk: here it tells of nothing but the epoch.
void forget_how_far(const std::string& path, const base::Id& epoch) {
  auto note = server::storage::HistoryNote::open(server::storage::beside(path, ".history"));
  SYNC_CHECK(note.ok(), "a note can be written");
  note->write({epoch, 0});
}

// The server starts again on what the cut has left.
Found start_again(const std::string& path, const Image& image, const Life& life,
                  const Expectation& expectation, std::size_t point) {
  Found found;
  SimulatedDisk disk(image);
  const Mount mount(disk);
  if (!life.opened.empty()) forget_how_far(path, life.opened.front().epoch);
  auto opened = SqliteStorage::open(path, workload_schema());
  if (!opened.ok()) {
    found.violation = "it does not open: " + opened.error().message;
    return found;
  }
  SqliteStorage& storage = **opened;
  auto contents = read_contents(storage, workload_schema());
  if (!contents.ok()) {
    found.violation = contents.error().message;
    return found;
  }
  found.contents = std::move(contents).value();
  found.contents.epoch = storage.epoch();
  found.violation = inconsistency(storage, found.contents);
  if (found.violation.empty()) found.violation = wrong_epoch(life, point, storage.epoch());
  if (found.violation.empty()) found.violation = broken_promise(life, point, found.contents);
  if (found.violation.empty()) found.violation = expectation.violated_by(found.contents);
  if (found.violation.empty() &&
      !AuthStore(storage).put_password_hash(tests::test_id(1), "hash").ok())
    found.violation = "it cannot be written any more";
  return found;
}

bool is_at_sync(const Life& life, std::size_t point) {
  return (point < life.trace.size() && is_sync(life.trace[point])) ||
         (point > 0 && is_sync(life.trace[point - 1]));
}

// One life, cut everywhere; what its last cut left is where the next one begins.
class LifeCutter {
 public:
  LifeCutter(const Folder& folder, std::uint64_t seed, std::uint32_t number,
             const CutOptions& options, CutReport& report)
      : folder_(folder), seed_(seed), number_(number), options_(options), report_(report) {}

  void run(Image& image, Contents& contents) {
    forget_how_far(folder_.database(), contents.epoch);
    const Life life = live(folder_.database(), std::move(image), seed_, number_, options_.canary);
    count(life);
    if (!life.failure.empty()) violated(0, "it does not open: " + life.failure);
    Expectation expectation(life, std::move(contents));
    Platter platter(life.before);
    base::Random choice(base::mix64(seed_ ^ number_));
    // Where the next life begins: late, so that there is something to go on with.
    const std::size_t last = life.trace.size() - choice.index(life.trace.size() / 3 + 1);
    for (std::size_t point = 0; point <= life.trace.size(); ++point) {
      expectation.move_to(point);
      const bool chosen = options_.only
                              ? *options_.only == std::pair{number_, point}
                              : is_at_sync(life, point) || choice.below(options_.one_in) == 0;
      for (std::uint32_t loss = 0; loss < options_.losses && (chosen || point == last); ++loss) {
        base::Random random(base::mix64(base::mix64(seed_ + loss) + number_) + point);
        Image left = platter.after_cut(random);
        Found found = cut(life, expectation, point, left);
        if (point != last) continue;
        image = std::move(left);
        contents = std::move(found.contents);
      }
      if (point < life.trace.size()) platter.take(life.trace[point]);
    }
  }

 private:
  void count(const Life& life) {
    report_.operations += life.trace.size();
    report_.refusals += life.refusals;
    for (const Operation& operation : life.trace) report_.sync_points += is_sync(operation);
    for (const Attempt& attempt : life.attempts)
      report_.commits += attempt.acknowledged.has_value();
  }

  Found cut(const Life& life, const Expectation& expectation, std::size_t point,
            const Image& left) {
    const bool asked = options_.only && *options_.only == std::pair{number_, point};
    if (asked && options_.tell) {
      for (std::size_t i = 0; i < point; ++i)
        options_.tell(std::to_string(i) + " " + describe(life.trace[i]));
      options_.tell("-- the power goes; what is left:");
      for (const auto& [name, content] : left)
        options_.tell(name + ": " + std::to_string(content.size()) + " bytes");
    }
    Found found = start_again(folder_.database(), left, life, expectation, point);
    ++report_.cuts;
    report_.at_syncs += is_at_sync(life, point);
    if (!found.violation.empty()) violated(point, found.violation);
    return found;
  }

  void violated(std::size_t point, const std::string& what) {
    if (report_.violations.size() >= kViolationsMax) return;
    report_.violations.push_back("seed " + std::to_string(seed_) + " life " +
                                 std::to_string(number_) + " cut " + std::to_string(point) + ": " +
                                 what);
  }

  const Folder& folder_;
  const std::uint64_t seed_;
  const std::uint32_t number_;
  const CutOptions& options_;
  CutReport& report_;
};

}  // namespace

void CutReport::add(const CutReport& other) {
  violations.insert(violations.end(), other.violations.begin(), other.violations.end());
  cuts += other.cuts;
  at_syncs += other.at_syncs;
  sync_points += other.sync_points;
  operations += other.operations;
  commits += other.commits;
  refusals += other.refusals;
}

CutReport cut_everywhere(std::uint64_t seed, const CutOptions& options) {
  const Folder folder;
  CutReport report;
  Image image;
  Contents contents;
  const std::uint64_t lives = 1 + base::Random(seed).below(3);
  for (std::uint32_t number = 0; number < lives && report.violations.empty(); ++number)
    LifeCutter(folder, seed, number, options, report).run(image, contents);
  return report;
}

}  // namespace syncline::disk
