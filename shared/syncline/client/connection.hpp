// Connection: when to connect, greet, ping, give up and try again. No bytes of its own: it says what is to be done, and is
// told what happened.
//
//            start                opened              welcomed
//   idle ───────────► opening ───────────► greeting ───────────► live ──┐ every 30 s: ping
//    ▲ ▲                 ▲ │ 10 s, closed     │ 10 s, closed      │ │◄──┘
//    │ │ stop            │ └────────┐         │                   │ │ no answer for 10 s, closed, broken frame
//    │ └─ from all   due │          ▼         ▼                   │ │
//    │                   └────── waiting ◄────────────────────────┘ │ backoff 1, 2, 4, 8, 8 … s ± 20 %
//    │                        online, retry now: at once            │
//    └── upgrade_required                                           │
//   unauthenticated ◄── greeting, live: the token is not accepted ◄─┘ ──► opening, when a new token comes
//
// Seen from outside: disconnected = idle, waiting, unauthenticated; connecting = opening, greeting; connected = live.
#pragma once

#include <deque>

#include "syncline/base/random.hpp"
#include "syncline/client/client_core.hpp"

namespace syncline::client {

class Connection {
 public:
  Connection(std::uint64_t seed, std::deque<Effect>& effects) : random_(seed), effects_(effects) {}

  // ---- told
  void start(base::Timestamp now);      // idle or unauthenticated: connect; otherwise nothing
  void retry_now(base::Timestamp now);  // waiting: at once; unauthenticated: asks for a token again
  void stop();
  [[nodiscard]] bool opened(base::Timestamp now);  // true: hello is to be said
  void welcomed(base::Timestamp now);
  void heard(base::Timestamp now);                        // a frame arrived
  void closed(base::Timestamp now);                       // by the network
  void give_up(const char* reason, base::Timestamp now);  // close, then try again with backoff
  void refused(const base::Error& error, base::Timestamp now);  // a Failure frame
  // What is due now: true when a ping is to be sent.
  [[nodiscard]] bool timeout(base::Timestamp now);

  // ---- asked
  [[nodiscard]] bool is_greeting() const { return phase_ == Phase::greeting; }
  [[nodiscard]] bool is_live() const { return phase_ == Phase::live; }
  [[nodiscard]] ConnectionState state() const;
  [[nodiscard]] std::optional<base::Timestamp> next_timeout() const { return due_; }

 private:
  enum class Phase : std::uint8_t { idle, opening, greeting, live, waiting, unauthenticated };
  void enter(Phase phase, std::optional<base::Timestamp> due);
  void open(base::Timestamp now);
  void wait(base::Timestamp now);

  base::Random random_;
  std::deque<Effect>& effects_;
  Phase phase_ = Phase::idle;
  std::optional<base::Timestamp> due_;  // of the phase: deadline, next ping or next try
  bool pinged_ = false;                 // live: the answer is awaited
  std::uint32_t attempt_ = 0;           // tries of this outage
};

}  // namespace syncline::client
