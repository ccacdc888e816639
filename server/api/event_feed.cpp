#include "server/api/event_feed.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "server/api/json.hpp"

namespace syncline::server::api {
namespace {

constexpr std::uint32_t kReplayEntriesPerStep = 200;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

base::Result<model::Version> EventFeed::subscribe(const std::vector<std::string>& names,
                                                  std::optional<model::Version> since) {
  std::vector<Subscription> added;
  for (const std::string& name : names) {
    SYNC_ASSIGN(Room room, parse_room(domain_, actor_, name));
    Subscription subscription;
    subscription.room = std::move(room);
    added.push_back(std::move(subscription));
  }
  if (added.empty()) return base::Error(base::Code::malformed, "Name at least one room.");
  if (subscriptions_.size() + added.size() > limits_.rooms_max) {
    return base::Error(base::Code::too_large,
                       "At most " + std::to_string(limits_.rooms_max) + " rooms are allowed.");
  }
  SYNC_ASSIGN(const std::unique_ptr<Snapshot> snapshot, database_.snapshot());
  const model::Version now = std::max(snapshot->version(), live_);
  unsubscribe(names);
  const bool replaying = since && *since < now;
  for (Subscription& subscription : added) {
    subscription.from = now;
    subscription.replaying = replaying;
    subscriptions_.push_back(std::move(subscription));
  }
  if (replaying) replays_.push_back({*since, names});
  if (since && *since > now) {
    push(dump(OutJson{{"type", "reset"}, {"version", now}}));
    end_commit(now);
  }
  return now;
}

void EventFeed::unsubscribe(const std::vector<std::string>& names) {
  std::erase_if(subscriptions_,
                [&names](const Subscription& each) { return contains(names, each.room.name); });
  for (Replay& replay : replays_) {
    std::erase_if(replay.rooms,
                  [&names](const std::string& room) { return contains(names, room); });
  }
  std::erase_if(replays_, [](const Replay& replay) { return replay.rooms.empty(); });
}

bool EventFeed::on_commit(const authority::LogEntry& entry) {
  live_ = std::max(live_, entry.version);
  const bool removed = tell(entry, nullptr);
  if (queued_bytes_ > limits_.queued_bytes_max && !removed) reset();
  return removed;
}

void EventFeed::stop() {
  subscriptions_.clear();
  replays_.clear();
}

std::optional<FeedItem> EventFeed::poll() {
  while (queue_.empty() && !replays_.empty() && replay_some()) {
  }
  if (queue_.empty()) return std::nullopt;
  FeedItem item = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= item.json.size();
  return item;
}

void EventFeed::push(std::string json) {
  queued_bytes_ += json.size();
  FeedItem item;
  item.json = std::move(json);
  queue_.push_back(std::move(item));
}

void EventFeed::end_commit(model::Version version) {
  // While a replay is behind, nobody may resume at what is ahead of it.
  if (!queue_.empty() && replays_.empty()) queue_.back().resume_at = version;
}

void EventFeed::reset() {
  queue_.clear();
  queued_bytes_ = 0;
  replays_.clear();
  for (Subscription& subscription : subscriptions_) {
    subscription.from = std::max(subscription.from, live_);
    subscription.replaying = false;
  }
  push(dump(OutJson{{"type", "reset"}, {"version", live_}}));
  end_commit(live_);
}

bool EventFeed::is_wanted(const Event& event, model::Version version,
                          const std::vector<std::string>* replayed) const {
  bool wanted = false;
  for (const Subscription& each : subscriptions_) {
    const bool live = !each.replaying && version > each.from;
    const bool told_live = live && is_in(each.room, event);
    if (replayed == nullptr && told_live) return true;
    // Another room has told it, or will when the commit arrives.
    if (replayed != nullptr && told_live) return false;
    const bool in_replay =
        replayed != nullptr && each.replaying && contains(*replayed, each.room.name);
    wanted = wanted || (in_replay && is_in(each.room, event));
  }
  return wanted;
}

bool EventFeed::tell(const authority::LogEntry& entry, const std::vector<std::string>* replayed) {
  const std::size_t before = queue_.size();
  bool removed = false;
  for (const Event& event : make_events(entry)) {
    if (replayed == nullptr) {
      std::string farewell = farewell_json(actor_, entry, event);
      if (!farewell.empty()) {
        push(std::move(farewell));
        removed = true;
      }
    }
    if (!is_wanted(event, entry.version, replayed) || !is_visible(domain_, actor_, event)) continue;
    push(event_json(domain_, actor_, entry, event));
  }
  if (queue_.size() == before) return removed;
  if (replayed != nullptr && replays_.size() == 1) {
    queue_.back().resume_at = entry.version;
  } else {
    end_commit(entry.version);
  }
  return removed;
}

bool EventFeed::replay_some() {
  Replay& replay = replays_.front();
  const auto snapshot = database_.snapshot();
  if (!snapshot.ok()) return lose_thread();
  std::uint32_t count = 0;
  bool hole = false;
  const base::Status read = (*snapshot)->read_log(replay.position, kReplayEntriesPerStep,
                                                  [&](const authority::LogEntry& entry) {
                                                    hole = entry.version != replay.position + 1;
                                                    if (hole) return false;
                                                    tell(entry, &replay.rooms);
                                                    replay.position = entry.version;
                                                    ++count;
                                                    return true;
                                                  });
  if (!read.ok() || hole) return lose_thread();
  if (count == kReplayEntriesPerStep) return true;
  if (replay.position < (*snapshot)->version()) return lose_thread();
  // A snapshot that lags behind what was already heard: read on with a newer one.
  if (replay.position < live_) return false;
  finish_replay(replay.position);
  return true;
}

bool EventFeed::lose_thread() {
  reset();
  return true;
}

void EventFeed::finish_replay(model::Version version) {
  for (Subscription& each : subscriptions_) {
    if (!each.replaying || !contains(replays_.front().rooms, each.room.name)) continue;
    each.replaying = false;
    each.from = version;
  }
  replays_.pop_front();
}

}  // namespace syncline::server::api
