// EventSession: one WebSocket of /events (sub-protocol syncline.events.v1) as a state machine without IO:
//
//   waiting for auth ──auth──→ open ──expiry, logout, removal──→ closing
//          └──────5 s, anything else, bad token──→ closing
//
// Driving it: construct when the socket opens; call on_text, on_commit, on_timeout, set_actor, end as things happen; after each,
// poll_text() until it is empty and send what it gives; then, when closing() says so, close. Poll again when the socket has
// drained: a long replay is read bit by bit. next_timeout() may change with every call.
// Thread rule: one thread at a time.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "server/api/event_feed.hpp"
#include "server/api/json.hpp"

namespace syncline::server::api {

class EventSession {
 public:
  struct Options {
    std::int64_t auth_timeout_ms = 5'000;
    std::size_t message_bytes_max = 64u << 10;
    EventFeed::Limits feed;
  };
  struct Closing {
    std::uint16_t code = 1000;  // RFC 6455
    std::string reason;
  };

  // REQUIRES: all outlive the session.
  EventSession(const mutation::Domain& domain, Database& database, Accounts& accounts,
               Options options, base::Timestamp now);

  void on_text(std::string_view message, base::Timestamp now);
  void on_commit(const authority::LogEntry& entry);
  void on_timeout(base::Timestamp now);
  // The user's role changed.
  void set_actor(const mutation::Actor& actor);
  // The login ended: what is queued is still sent. A removal of the user is seen in on_commit(), which should come first: it
  // says farewell and closes by itself.
  void end(const base::Error& reason);

  [[nodiscard]] std::optional<std::string> poll_text();
  [[nodiscard]] const std::optional<Closing>& closing() const { return closing_; }
  [[nodiscard]] std::optional<base::Timestamp> next_timeout() const;
  // Who it is, once authenticated.
  [[nodiscard]] const std::optional<authority::Identity>& identity() const { return identity_; }

 private:
  void authenticate(const ParsedJson& message, base::Timestamp now);
  void subscribe(const ParsedJson& message);
  void unsubscribe(const ParsedJson& message);
  void send_error(const base::Error& error);
  void close_with(std::uint16_t code, const base::Error& error);

  Accounts& accounts_;
  Options options_;
  base::Timestamp auth_deadline_;
  std::optional<authority::Identity> identity_;
  std::optional<Closing> closing_;
  EventFeed feed_;
  std::deque<std::string> replies_;  // go before events
};

}  // namespace syncline::server::api
