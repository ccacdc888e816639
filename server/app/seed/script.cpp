#include "server/app/seed/script.hpp"

#include <algorithm>

namespace syncline::server::app::seed {
namespace {

// Saturday and Sunday: 1970-01-01 was a Thursday.
bool is_weekend(base::Timestamp at) {
  const std::int64_t weekday = (at.ms / kDay + 3) % 7;
  return weekday >= 5;
}

}  // namespace

Script::Script(const mutation::Domain& domain, base::Timestamp now, std::uint64_t seed)
    : domain_(domain), now_(now), random_(seed) {}

base::Timestamp Script::working_time(base::Timestamp from, base::Timestamp to) {
  const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>(to - from, 1));
  return workday_after(from + static_cast<std::int64_t>(random_.below(span)), 0);
}

base::Timestamp Script::workday_after(base::Timestamp at, std::int64_t delay_ms) {
  base::Timestamp moment = at + delay_ms;
  while (is_weekend(moment)) moment = moment + kDay;
  const std::int64_t midnight = moment.ms / kDay * kDay;
  const std::int64_t hour = (moment.ms - midnight) / kHour;
  if (hour >= 8 && hour < 18) return moment;
  const auto into_day = static_cast<std::int64_t>(random_.below(10 * kHour));
  base::Timestamp next{midnight + 8 * kHour + into_day};
  if (next < moment) next = next + kDay;
  return is_weekend(next) ? workday_after(next, 0) : next;
}

void Script::add(base::Timestamp at, const mutation::Actor& actor, model::Mutation mutation) {
  if (now_ < at) return;
  scenes_.push_back({at, actor, std::move(mutation)});
}

base::Id Script::insert(base::Timestamp at, const mutation::Actor& actor,
                        model::CollectionId collection, model::Patch fields) {
  if (now_ < at) return {};
  const std::uint64_t entropy = random_.next();
  const base::Id id = base::make_id_v7(at, entropy, random_.next());
  fields.push_back({model::kIdField, model::WriteKind::assign, id});
  add(at, actor, insertion(domain_, collection, std::move(fields)));
  return id;
}

void Script::update(base::Timestamp at, const mutation::Actor& actor,
                    model::CollectionId collection, const base::Id& id, model::Patch fields) {
  const auto* spec =
      domain_.registry.find_generic(collection, mutation::MutatorSpec::Generic::update);
  SYNC_CHECK(spec != nullptr, "every collection has an update");
  act(at, actor, spec->name.c_str(), id, std::move(fields));
}

void Script::act(base::Timestamp at, const mutation::Actor& actor, const char* mutator,
                 const base::Id& id, model::Patch arguments) {
  if (id.is_nil()) return;
  model::Mutation mutation;
  mutation.name = mutator;
  arguments.push_back({model::kIdField, model::WriteKind::assign, id});
  mutation.arguments = model::Arguments(std::move(arguments));
  add(at, actor, std::move(mutation));
}

base::Result<std::size_t> Script::play(LocalWriter& writer) {
  std::stable_sort(scenes_.begin(), scenes_.end(),
                   [](const Scene& a, const Scene& b) { return a.at < b.at; });
  for (auto& scene : scenes_) {
    const std::string name = scene.mutation.name;
    authority::Submission submission;
    submission.actor = scene.actor;
    submission.mutations.push_back(std::move(scene.mutation));
    SYNC_ASSIGN(const auto outcomes, writer.write_at(scene.at, {std::move(submission)}));
    const auto& verdict = outcomes.front().verdict;
    if (verdict.outcome != model::Outcome::applied && verdict.outcome != model::Outcome::merged) {
      base::Error error = verdict.error;
      error.message = name + ": " + error.message;
      for (const auto& field : verdict.error.fields) error.message += " (" + field.field + ")";
      return error;
    }
  }
  return scenes_.size();
}

}  // namespace syncline::server::app::seed
