// The script of the seeded business: who does what when. Scenes are added in any order and played by time; what would lie in
// the future is left out.
#pragma once

#include <string>
#include <vector>

#include "server/app/local_writer.hpp"
#include "syncline/base/random.hpp"

namespace syncline::server::app::seed {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

class Script {
 public:
  Script(const mutation::Domain& domain, base::Timestamp now, std::uint64_t seed);

  [[nodiscard]] base::Random& random() { return random_; }
  [[nodiscard]] base::Timestamp now() const { return now_; }
  // A moment of a working day between these two.
  [[nodiscard]] base::Timestamp working_time(base::Timestamp from, base::Timestamp to);
  // The same moment or, if it lies outside working hours, one within them, not earlier.
  [[nodiscard]] base::Timestamp workday_after(base::Timestamp at, std::int64_t delay_ms);

  // Inserts a record; its id can be referred to from later scenes. Nil when it would lie in the future.
  base::Id insert(base::Timestamp at, const mutation::Actor& actor, model::CollectionId collection,
                  model::Patch fields);
  void update(base::Timestamp at, const mutation::Actor& actor, model::CollectionId collection,
              const base::Id& id, model::Patch fields);
  void act(base::Timestamp at, const mutation::Actor& actor, const char* mutator,
           const base::Id& id, model::Patch arguments = {});

  // Plays everything in order of time. Errors: the first refusal.
  [[nodiscard]] base::Result<std::size_t> play(LocalWriter& writer);

 private:
  struct Scene {
    base::Timestamp at;
    mutation::Actor actor;
    model::Mutation mutation;
  };
  void add(base::Timestamp at, const mutation::Actor& actor, model::Mutation mutation);

  const mutation::Domain& domain_;
  const base::Timestamp now_;
  base::Random random_;
  std::vector<Scene> scenes_;
};

}  // namespace syncline::server::app::seed
