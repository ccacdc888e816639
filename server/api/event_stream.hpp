// EventStream: GET /api/events?rooms=…&ticket=…, the events of event_session.hpp as Server-Sent Events, without IO.
//
// Driving it: open(); answer with head(); then as EventSession: poll_text() gives what to write to the body.
// A browser that reconnects by itself comes with a used ticket: it opens a new stream with a new ticket and `since`.
// Thread rule: one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "server/api/event_feed.hpp"
#include "server/http/message.hpp"

namespace syncline::server::api {

class EventStream {
 public:
  // Whether a request asks for a stream (GET /api/events), and so is not for Api::handle().
  [[nodiscard]] static bool is_for(const http::Request& request);
  // Who it is: by ticket, or by "Authorization: Bearer". Where it goes on: Last-Event-ID, else the parameter since.
  // Errors: unauthenticated, malformed, unknown_parameter, forbidden, too_large.
  [[nodiscard]] static base::Result<std::unique_ptr<EventStream>> open(
      const mutation::Domain& domain, Database& database, Accounts& accounts,
      const http::Request& request, base::Timestamp now);
  // The problem answer for an error of open().
  [[nodiscard]] static http::Response refusal(const base::Error& error);
  [[nodiscard]] static http::Response head();

  void on_commit(const authority::LogEntry& entry);
  // Keeps proxies from closing a quiet stream; ends it when the access token has expired.
  void on_timeout(base::Timestamp now);
  void set_actor(const mutation::Actor& actor);
  void end();

  [[nodiscard]] std::optional<std::string> poll_text();
  // The login ended: close when poll_text() is empty.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] base::Timestamp next_timeout() const;
  [[nodiscard]] const authority::Identity& identity() const { return identity_; }

 private:
  EventStream(const mutation::Domain& domain, Database& database,
              const authority::Identity& identity, base::Timestamp now);

  authority::Identity identity_;
  EventFeed feed_;
  std::string prelude_;  // goes out before any event
  base::Timestamp next_timeout_;
  bool ended_ = false;
};

}  // namespace syncline::server::api
