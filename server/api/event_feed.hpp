// EventFeed: what one subscriber of events gets to hear, in order, without a hole. The core of event_session.hpp (WebSocket) and
// event_stream.hpp (Server-Sent Events).
//
// Invariant: per room, every visible event after the subscription's start is delivered once, by ascending version; or a reset
// says that the thread is lost. Live commits reach a room only above the version up to which the log was replayed for it.
// Thread rule: one thread at a time; on_commit() in order of versions.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/api/ports.hpp"
#include "server/api/room.hpp"

namespace syncline::server::api {

struct FeedItem {
  std::string json;
  // Present on the last item of a commit: who has got this may go on from here.
  std::optional<model::Version> resume_at;
};

class EventFeed {
 public:
  struct Limits {
    std::size_t queued_bytes_max = 1u << 20;
    std::size_t rooms_max = 200;
  };
  // REQUIRES: domain and database outlive the feed.
  EventFeed(const mutation::Domain& domain, Database& database, Limits limits)
      : domain_(domain), database_(database), limits_(limits) {}

  void set_actor(const mutation::Actor& actor) { actor_ = actor; }
  // All rooms or none. Gives the version at which it starts; with `since`, poll() first replays what came after that version, or
  // gives a reset. Errors: malformed, forbidden, too_large, unavailable.
  [[nodiscard]] base::Result<model::Version> subscribe(const std::vector<std::string>& rooms,
                                                       std::optional<model::Version> since);
  void unsubscribe(const std::vector<std::string>& rooms);
  // True when it removed the user: they are told, whatever their rooms.
  bool on_commit(const authority::LogEntry& entry);
  // Nothing more is added to what is queued.
  void stop();
  // Next item; nullopt: nothing until the next on_commit() or subscribe(). Reads the log while replaying.
  [[nodiscard]] std::optional<FeedItem> poll();

 private:
  struct Subscription {
    Room room;
    model::Version from = 0;  // live events above this
    bool replaying = false;
  };
  struct Replay {
    model::Version position = 0;  // everything up to it has been told
    std::vector<std::string> rooms;
  };

  void push(std::string json);
  void end_commit(model::Version version);
  void reset();
  bool lose_thread();  // reset(); true
  // `replayed`: for these rooms only, out of the log; nullptr: live. True when it removed the user.
  bool tell(const authority::LogEntry& entry, const std::vector<std::string>* replayed);
  [[nodiscard]] bool is_wanted(const Event& event, model::Version version,
                               const std::vector<std::string>* replayed) const;
  // False: the database does not show yet what was already heard.
  bool replay_some();
  void finish_replay(model::Version version);

  const mutation::Domain& domain_;
  Database& database_;
  Limits limits_;
  mutation::Actor actor_;
  model::Version live_ = 0;  // newest commit heard of
  std::vector<Subscription> subscriptions_;
  std::deque<Replay> replays_;
  std::deque<FeedItem> queue_;
  std::size_t queued_bytes_ = 0;
};

}  // namespace syncline::server::api
