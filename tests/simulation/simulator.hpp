// Simulator: a real Authority over a storage in memory, several real ClientCores, and between them a network, disks and a
// clock that belong to one seed. Connections take time, and break with everything that was on its way; outboxes are written
// late; browsers crash and come back with what their disk holds; the server dies between two turns and starts again.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "syncline/authority/authority.hpp"
#include "syncline/authority/memory_storage.hpp"
#include "syncline/base/random.hpp"
#include "syncline/client/client_core.hpp"

namespace syncline::tests {

struct Weather {
  double break_connection = 0.0;  // per browser and step
  double crash_browser = 0.0;     // per browser and step
  double crash_server = 0.0;      // per step
  std::int64_t latency_ms_max = 80;
};

// One browser profile: a user with a disk. The core in it is mortal.
struct Profile {
  base::Id user;
  mutation::Role role = mutation::Role::viewer;
  std::vector<query::Query> wanted;  // subscribed by every core

  std::unique_ptr<client::ClientCore> core;
  base::Id client;
  std::vector<client::QueryId> queries;
  std::map<std::pair<base::Id, std::uint64_t>, base::Bytes> outbox;       // the disk
  std::deque<std::pair<base::Timestamp, client::StoreMutation>> writing;  // not on the disk yet
  base::Bytes rows;  // what persist() gave last

  authority::SessionId session = 0;  // 0: no socket
  bool session_open = false;
  base::Timestamp opens_at;
  base::Timestamp last_arrival_up, last_arrival_down;  // TCP keeps the order
  std::deque<std::pair<base::Timestamp, base::Bytes>> up, down;
  std::uint64_t settled = 0;
  // Lists as the edits alone make them; a row that an edit inserted is named at the end of its update.
  std::map<client::QueryId, std::vector<std::optional<base::Id>>> lists;
  bool edits_are_right = true;
};

class Simulator {
 public:
  Simulator(const mutation::Domain& domain, std::uint64_t seed);

  Profile& add(const base::Id& user, mutation::Role role, std::vector<query::Query> wanted);
  // Advances by one step of some milliseconds.
  void step(const Weather& weather);
  // Calm weather until nobody waits for anything. False if that does not happen within a simulated minute.
  [[nodiscard]] bool settle();

  // Why settle() gave up.
  [[nodiscard]] std::string who_waits() const;

  [[nodiscard]] base::Random& random() { return random_; }
  [[nodiscard]] base::Timestamp now() const { return now_; }
  [[nodiscard]] authority::MemoryStorage& storage() { return storage_; }
  [[nodiscard]] std::deque<Profile>& profiles() { return profiles_; }

 private:
  void start_server();
  void start_core(Profile& profile);
  void crash(Profile& profile);
  void cut(Profile& profile, bool tell_core);
  void run_server();
  void run_browser(Profile& profile);
  void drain(Profile& profile);
  void follow(Profile& profile, const client::ViewUpdate& update);
  [[nodiscard]] base::Timestamp arrival(base::Timestamp& last);
  [[nodiscard]] bool is_quiet() const;

  const mutation::Domain& domain_;
  base::Random random_;
  authority::MemoryStorage storage_;
  std::unique_ptr<authority::Authority> authority_;
  std::deque<Profile> profiles_;
  base::Timestamp now_{1'795'248'000'000};
  Weather weather_;
  authority::SessionId last_session_ = 0;
  std::uint64_t last_client_ = 0;
};

}  // namespace syncline::tests
