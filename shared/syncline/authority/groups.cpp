// Groups: equal queries of users with equal rights are one query, evaluated once and encoded once (ARCHITECTURE rule 9).
#include <algorithm>
#include <limits>
#include <utility>

#include "syncline/authority/impl.hpp"
#include "syncline/query/canonical.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::authority {

namespace {

bool includes_itself(const model::Schema& schema, const query::Query& query) {
  const std::vector<model::CollectionId> included = query::included_collections(schema, query);
  return std::find(included.begin(), included.end(), query.collection) != included.end();
}

}  // namespace

Group::Group(const model::Schema& schema, ivm::SourceProvider& sources, const query::Query& asked,
             Visibility visible)
    : pipeline(schema, asked, sources),
      reads(schema, asked),
      visibility(std::move(visible)),
      net(visibility, includes_itself(schema, asked)) {}

base::Result<Core::Identified> Core::identify(const mutation::Actor& actor,
                                              const query::Query& asked) const {
  SYNC_ASSIGN(query::Query rewritten, domain.access.rewrite(domain.schema, actor, asked));
  const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - rewritten.limit;
  if (rewritten.limit != 0) rewritten.limit += std::min(options.look_ahead_rows, room);
  query::Query canonical = query::canonical(domain.schema, std::move(rewritten));
  Visibility visibility(domain.schema, domain.access, actor, canonical);
  base::Bytes key = query::key_bytes(canonical);
  const base::Bytes seen = visibility.key_bytes();
  key.insert(key.end(), seen.begin(), seen.end());
  return Identified{std::move(canonical), std::move(visibility), std::move(key)};
}

base::Result<Group*> Core::find_or_make_group(const mutation::Actor& actor,
                                              const query::Query& asked) {
  SYNC_ASSIGN(Identified wanted, identify(actor, asked));
  if (const auto found = groups.find(wanted.key); found != groups.end()) return found->second.get();
  const query::Query& canonical = wanted.canonical;
  SYNC_TRY(admit(domain.schema, canonical, storage.planner(), options.query_cost_max));
  auto group = std::make_unique<Group>(domain.schema, storage.sources(), canonical,
                                       std::move(wanted.visibility));
  group->pipeline.limit_held(options.rows_per_query_max);
  if (free_handles.empty()) {
    free_handles.push_back(groups_by_handle.size());
    groups_by_handle.push_back(nullptr);
  }
  group->handle = free_handles.back();
  free_handles.pop_back();
  group->key = wanted.key;
  for (const ivm::Interest& interest : ivm::interests(domain.schema, canonical)) {
    index.add(group->handle, interest.collection, interest.where);
  }
  Group* const result = group.get();
  group_of(group->handle) = result;
  groups.emplace(std::move(wanted.key), std::move(group));
  ++statistics.groups;
  return result;
}

base::Status Core::join(Session& session, std::uint32_t query_id, Subscription& subscription) {
  SYNC_ASSIGN(Group* const group, find_or_make_group(session.identity.actor, subscription.query));
  subscription.group = group;
  session.wants_snapshot.insert(query_id);
  group->subscribers.push_back({&session, query_id});
  touch(session);
  ++statistics.subscriptions;
  return {};
}

void Core::leave(Session& session, std::uint32_t query_id, Subscription& subscription) {
  Group& group = *subscription.group;
  subscription.group = nullptr;
  forget_held(session, subscription);
  subscription.missed_since = 0;
  session.wants_snapshot.erase(query_id);
  // Whoever may not see the result any more is not told the last of it either.
  std::erase_if(session.segments,
                [query_id](const auto& segment) { return segment.query_id == query_id; });
  --statistics.subscriptions;
  std::erase_if(group.subscribers, [&](const Group::Subscriber& subscriber) {
    return subscriber.session == &session && subscriber.query_id == query_id;
  });
  if (!group.subscribers.empty()) return;
  index.remove(group.handle);
  dirty.erase(group.handle);
  group_of(group.handle) = nullptr;
  free_handles.push_back(group.handle);
  --statistics.groups;
  const base::Bytes key = group.key;
  groups.erase(key);
}

base::Status Core::push(const model::Change& change) {
  std::vector<invalidation::InterestIndex::Handle> affected;
  index.affected(change, affected);
  if (affected.empty()) return {};
  const bool is_update = change.kind == model::ChangeKind::update;
  const std::vector<model::FieldId> changed =
      is_update ? model::changed_fields(change.before, change.after)
                : std::vector<model::FieldId>();
  for (const auto handle : affected) {
    Group& group = *group_of(handle);
    if (!group.hydrated) continue;  // will read the rows as they are then
    ++group.work.routed;
    if (is_update && !group.reads.any_of(change.collection().id(), changed)) continue;
    ++statistics.groups_evaluated;
    // The clock costs as much as a small group does: the first changes are timed, of the later ones some stand for all.
    constexpr std::uint64_t kAllTimed = 16, kOneTimedOf = 16;
    const bool is_first = group.work.routed <= kAllTimed;
    const bool is_timed = options.stopwatch && (is_first || group.work.routed % kOneTimedOf == 0);
    const std::uint64_t began = is_timed ? options.stopwatch() : 0;
    SYNC_TRY(push(change, group));
    if (is_timed)
      group.work.spent_ns += (options.stopwatch() - began) * (is_first ? 1 : kOneTimedOf);
  }
  return {};
}

base::Status Core::push(const model::Change& change, Group& group) {
  ivm::ResultDelta delta;
  if (base::Status moved = group.pipeline.push(change, delta); !moved.ok()) {
    if (moved.error().code == base::Code::storage_failed) return moved;
    // The result itself cannot be (a sum that overflows): nobody's write may fail for that.
    restart(group);
    return {};
  }
  if (delta.empty()) return {};
  ++group.work.altered;
  group.snapshot.reset();
  group.net.add(delta);
  if (!group.net.empty()) dirty.insert(group.handle);
  return {};
}

void Core::restart(Group& group) {
  group.pipeline.reset();
  group.net.start({});
  group.hydrated = false;
  group.snapshot.reset();
  dirty.erase(group.handle);
  for (const Group::Subscriber& subscriber : group.subscribers) {
    Session& session = *subscriber.session;
    session.wants_snapshot.insert(subscriber.query_id);
    touch(session);
  }
}

void Core::reset_groups() {
  for (auto& [key, group] : groups) restart(*group);
}

}  // namespace syncline::authority
