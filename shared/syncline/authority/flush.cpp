// The flush: what the commits of a turn mean for every session, as one poke each.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "syncline/authority/impl.hpp"
#include "syncline/protocol/limits.hpp"
#include "syncline/query/predicate.hpp"

namespace syncline::authority {

namespace {

// Rows read for snapshots, and time spent on them, before other work gets its turn (SEMANTICS 14).
constexpr std::size_t kSnapshotRowsPerTurn = 20'000;
constexpr std::uint64_t kSnapshotNsPerTurn = 5'000'000;
// A frame that a browser would not take is not sent; nor are results put into one frame that need not come at once.
constexpr std::size_t kResultBytesMax = protocol::kServerFrameBytesMax / 2;
constexpr std::size_t kResultBytesPerPoke = 4u << 20;
// Snapshots kept for those who subscribe later, until the result changes: small ones, and not too many of them.
constexpr std::size_t kKeptSnapshotRowsMax = 512;
constexpr std::size_t kKeptSnapshotsMax = 256;

// Does a row that has not changed since a version stand in the result now exactly if it did then, with the same content?
bool kept_by_version(const Group& group) {
  const query::Query& query = group.pipeline.query();
  return query.limit == 0 && !query.after && !query.aggregate && query.includes.empty() &&
         !query::has_relations(query.where) && !group.visibility.depends_on_role();
}

base::Error too_large(std::size_t bytes) {
  constexpr std::size_t kMiB = 1u << 20;
  return {base::Code::query_too_costly,
          "The result has " + std::to_string((bytes + kMiB - 1) / kMiB) + " MiB, the limit is " +
              std::to_string(kResultBytesMax / kMiB) + ": narrow it, or page through it."};
}

}  // namespace

void Core::flush() {
  send_deltas();
  snapshot_rows = snapshots_made = 0;
  flush_began = options.stopwatch ? options.stopwatch() : 0;
  std::vector<Session*> waiting = std::exchange(touched, {});
  if (const SessionId wanted = std::exchange(first_to_flush, 0); wanted != 0) {
    const auto first = std::find_if(waiting.begin(), waiting.end(),
                                    [wanted](const Session* each) { return each->id == wanted; });
    if (first != waiting.end()) std::rotate(waiting.begin(), first, waiting.end());
  }
  for (Session* const session : waiting) {
    session->touched = false;
    if (session->behind) continue;
    const std::size_t made_before = snapshots_made;
    const SessionId id = session->id;
    if (send_poke(*session)) {
      end_refused(id);
      continue;
    }
    touch(*session);
    // Whoever got nothing at all comes first the next time.
    if (first_to_flush == 0 && snapshots_made == made_before) first_to_flush = session->id;
  }
  for (auto& [key, frame] : delta_pokes) outputs.emplace_back(std::move(frame));
  delta_pokes.clear();
  drop_snapshots();
}

void Core::touch(Session& session) {
  if (!std::exchange(session.touched, true)) touched.push_back(&session);
}

void Core::count_unsent(Session& session, std::size_t bytes) {
  session.unsent_bytes += bytes;
  statistics.unread_bytes += bytes;
  const bool too_many = session.unsent_bytes > options.session_backlog_bytes_max;
  if (too_many && !std::exchange(session.behind, true)) ++statistics.sessions_behind;
}

bool Core::is_late() const {
  if (snapshot_rows >= kSnapshotRowsPerTurn) return true;
  return options.stopwatch && snapshots_made > 0 &&
         options.stopwatch() - flush_began >= kSnapshotNsPerTurn;
}

void Core::drop_snapshots() {
  const bool too_many = snapshots.size() > kKeptSnapshotsMax;
  std::erase_if(snapshots, [&](const std::uint64_t handle) {
    Group* const group = group_of(handle);
    if (group == nullptr || !group->snapshot) return true;
    if (!too_many && group->snapshot->records.size() <= kKeptSnapshotRowsMax) return false;
    group->snapshot.reset();
    return true;
  });
}

void Core::send_deltas() {
  const std::set<std::uint64_t> changed = std::exchange(dirty, {});
  for (const std::uint64_t handle : changed) {
    Group& group = *group_of(handle);
    const protocol::SegmentBody body = group.net.take();
    if (body == protocol::SegmentBody()) continue;
    const Piece piece = std::make_shared<const base::Bytes>(protocol::encode_segment_body(body));
    ++statistics.segments_encoded;
    for (const Group::Subscriber& subscriber : group.subscribers) {
      Session& session = *subscriber.session;
      if (session.behind && session.wants_snapshot.insert(subscriber.query_id).second)
        session.subscriptions.at(subscriber.query_id).missed_since = session.told;
      if (session.wants_snapshot.contains(subscriber.query_id)) continue;
      session.segments.push_back({subscriber.query_id, protocol::Segment::Kind::delta, {}, piece});
      touch(session);
    }
  }
}

bool Core::send_poke(Session& session) {
  const bool moves = std::any_of(
      session.wants_snapshot.begin(), session.wants_snapshot.end(),
      [&](const std::uint32_t query_id) { return session.subscriptions.at(query_id).shown; });
  // What the session has seen moves from one version to another as a whole, or not yet.
  if (moves && is_late()) return false;
  const base::Result<bool> made = add_snapshots(session);
  if (!made.ok()) {
    fail(session, made.error(), false);
    return true;
  }
  if (session.segments.empty() && session.verdicts.empty()) return *made;
  withhold(session);
  const bool only_delta = session.verdicts.empty() && session.segments.size() == 1 &&
                          session.segments.front().kind == protocol::Segment::Kind::delta;
  if (only_delta) {
    count_unsent(session, add_to_delta_poke(session.id, session.segments.front()));
  } else {
    SendFrame frame{{session.id},
                    protocol::encode_poke(storage.version(), session.verdicts, session.segments)};
    for (const Piece& piece : frame.pieces) count_unsent(session, piece->size());
    outputs.emplace_back(std::move(frame));
  }
  session.segments.clear();
  session.verdicts.clear();
  session.verdict_bytes = 0;
  session.told = storage.version();
  ++statistics.pokes;
  return *made;
}

void Core::end_refused(SessionId id) {
  Session* const session = find(id);
  if (session != nullptr && session->ends_with && session->verdicts.empty())
    fail(*session, *session->ends_with, true);
}

// A verdict may be older than the rights: one that is told again, or whose record was handed over in the same turn.
void Core::withhold(Session& session) const {
  for (auto& [client, verdict] : session.verdicts) {
    std::erase_if(verdict.conflicts, [&](const model::Conflict& conflict) {
      const auto row = storage.sources().source(conflict.collection).get(conflict.record);
      return !row.ok() ||
             (*row && !domain.access.may(session.identity.actor, *row, mutation::Right::read));
    });
  }
}

std::size_t Core::add_to_delta_poke(SessionId session, const protocol::SharedSegment& segment) {
  SendFrame& frame = delta_pokes[{segment.body.get(), segment.query_id}];
  if (frame.pieces.empty()) frame.pieces = protocol::encode_poke(storage.version(), {}, {segment});
  frame.sessions.push_back(session);
  std::size_t size = 0;
  for (const Piece& piece : frame.pieces) size += piece->size();
  return size;
}

base::Result<bool> Core::add_snapshots(Session& session) {
  bool all = true;
  std::size_t bytes = 0;
  for (auto wanted = session.wants_snapshot.begin(); wanted != session.wants_snapshot.end();) {
    const std::uint32_t query_id = *wanted;
    const auto entry = session.subscriptions.find(query_id);
    Subscription& subscription = entry->second;
    // A page's queries come one after the other, as its writes and those of others do in between.
    const bool is_enough = bytes >= kResultBytesPerPoke;
    if (!subscription.shown && (is_enough || (!subscription.group->snapshot && is_late()))) {
      all = false;
      ++wanted;
      continue;
    }
    base::Status made = make_snapshot(*subscription.group);
    if (!made.ok() && made.error().code == base::Code::storage_failed) return made.error();
    protocol::SharedSegment segment;
    if (made.ok()) {
      segment = snapshot_segment(session, query_id, subscription);
      if (segment.body->size() > kResultBytesMax) made = too_large(segment.body->size());
    }
    if (!made.ok()) {
      send(session.id, protocol::QueryFailed{query_id, made.error()});
      ++wanted;  // leave() takes it out
      leave(session, query_id, subscription);
      session.query_bytes -= subscription.query_bytes;
      session.subscriptions.erase(entry);
      continue;
    }
    // Deltas that still waited are part of the snapshot.
    std::erase_if(session.segments, [&](const auto& delta) { return delta.query_id == query_id; });
    bytes += segment.body->size();
    session.segments.push_back(std::move(segment));
    wanted = session.wants_snapshot.erase(wanted);
    subscription.shown = true;
    forget_held(session, subscription);
    subscription.missed_since = 0;
  }
  return all;
}

void Core::forget_held(Session& session, Subscription& subscription) {
  session.held_rows -= subscription.held.size();
  subscription.held = {};
}

base::Status Core::make_snapshot(Group& group) {
  if (group.snapshot) return {};
  ivm::ResultDelta result;
  ++snapshots_made;
  ++group.work.hydrated;
  if (!group.hydrated) {
    if (base::Status hydrated = group.pipeline.hydrate(result); !hydrated.ok()) {
      group.pipeline.reset();
      return hydrated;
    }
    group.net.start(result);
    group.hydrated = true;
  } else {
    // The pipeline keeps no copy of its result; a second one over the same rows reads it again.
    ivm::Pipeline again(domain.schema, group.pipeline.query(), storage.sources());
    SYNC_TRY(again.hydrate(result));
  }
  snapshots.insert(group.handle);
  group.snapshot.emplace();
  group.snapshot->records = visible_records(group.visibility, result);
  for (ivm::GroupDelta& row : result.groups) group.snapshot->groups.push_back(std::move(row.row));
  snapshot_rows += group.snapshot->records.size();
  return {};
}

protocol::SharedSegment Core::snapshot_segment(const Session&, std::uint32_t query_id,
                                               Subscription& subscription) {
  Group::Snapshot& snapshot = *subscription.group->snapshot;
  protocol::SharedSegment segment;
  segment.query_id = query_id;
  segment.kind = protocol::Segment::Kind::snapshot;
  protocol::SegmentBody body;
  for (const ivm::AggregateRow& row : snapshot.groups)
    body.groups.push_back(to_segment(row, false));

  std::unordered_map<base::Id, const protocol::Held*, base::IdHash> held;
  // Under masks an equal version does not mean equal content: an earlier role may have seen more, or less.
  if (!subscription.group->visibility.depends_on_role()) {
    for (const protocol::Held& row : subscription.held) held.emplace(row.id, &row);
  }
  const model::Version had = kept_by_version(*subscription.group) ? subscription.missed_since : 0;
  const bool whole = held.empty() && had == 0;
  for (const model::Record& record : snapshot.records) {
    const auto found = held.find(record.id());
    if (record.version() <= had) {
      segment.kept.push_back({record.collection().id(), record.id(), record.version()});
    } else if (found != held.end() && found->second->version == record.version() &&
               found->second->collection == record.collection().id()) {
      segment.kept.push_back(*found->second);
    } else if (!whole || !snapshot.body) {
      body.puts.emplace_back(record.bytes().begin(), record.bytes().end());
    }
  }
  if (whole && snapshot.body) {
    segment.body = snapshot.body;
    return segment;
  }
  segment.body = std::make_shared<const base::Bytes>(protocol::encode_segment_body(body));
  ++statistics.segments_encoded;
  if (whole) snapshot.body = segment.body;
  return segment;
}

}  // namespace syncline::authority
