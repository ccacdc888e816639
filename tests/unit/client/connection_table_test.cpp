// Every state of the connection × everything that can happen to it, as connection.hpp draws it.
#include <array>

#include "tests/unit/client/bench.hpp"

namespace syncline::tests {
namespace {

// i idle, o opening, g greeting, l live, p live and pinged, w waiting, u unauthenticated.
constexpr std::string_view kStates = "igolpwu";

enum class Event : std::uint8_t {
  token,
  offline,
  online,
  retry,
  stop,
  opened,
  welcome,
  poke,
  pong,
  token_expired,
  upgrade,
  failure,
  broken,
  closed,
  early,
  due,
};
constexpr std::size_t kEvents = 16;

// The state after it, and what is done: C connect, D disconnect, H hello, P ping, A the newer token, T a token is wanted,
// R a reload is wanted. A dot: nothing happens at all.
struct Row {
  char state;
  std::array<const char*, kEvents> cells;
};
// clang-format off
constexpr std::array<Row, 7> kTable = {{
  //      token  offline online retry  stop  opened welcome poke  pong  expired upgrade failure broken closed early due
  {'i', {"oC",  ".",    ".",   ".",   ".",  ".",   ".",    ".",  ".",  ".",    ".",    ".",    ".",   ".",   ".",  "."}},
  {'o', {".",   ".",    ".",   ".",   "iD", "gH",  ".",    ".",  ".",  ".",    ".",    ".",    ".",   "w",   ".",  "wD"}},
  {'g', {".",   ".",    ".",   ".",   "iD", ".",   "l",    ".",  ".",  "uDT",  "iDR",  "wD",   "wD",  "w",   ".",  "wD"}},
  {'l', {"lA",  ".",    ".",   ".",   "iD", ".",   ".",    ".",  ".",  "uDT",  "iDR",  "wD",   "wD",  "w",   ".",  "pP"}},
  {'p', {"pA",  ".",    ".",   ".",   "iD", ".",   "l",    "l",  "l",  "uDT",  "iDR",  "wD",   "wD",  "w",   ".",  "wD"}},
  {'w', {".",   ".",    "oC",  "oC",  "i",  ".",   ".",    ".",  ".",  ".",    ".",    ".",    ".",   ".",   ".",  "oC"}},
  {'u', {"oC",  ".",    "uT",  "uT",  "i",  ".",   ".",    ".",  ".",  ".",    ".",    ".",    ".",   ".",   ".",  "."}},
}};
// clang-format on

class ConnectionTable : public Bench {
 protected:
  // A new core, brought there.
  void bring_to(char state) {
    start();
    forget_outputs();
    now_ = now_ + 100'000;
    if (state == 'i') return;
    core_->set_token("token", now_);
    if (state == 'w') core_->closed(now_);
    if (state == 'o' || state == 'w') return;
    core_->opened(now_);
    if (state == 'g') return;
    if (state == 'u') return receive(protocol::Failure{{Code::token_expired, "Expired."}});
    welcome(10);
    if (state == 'p') happen(Event::due);
  }
  void happen(Event event) {
    const auto due = core_->next_timeout();
    switch (event) {
      case Event::token: core_->set_token("newer", now_); break;
      case Event::offline: core_->set_online(false, now_); break;
      case Event::online: core_->set_online(true, now_); break;
      case Event::retry: core_->retry_now(now_); break;
      case Event::stop: core_->stop(now_); break;
      case Event::opened: core_->opened(now_); break;
      case Event::welcome: welcome(10); break;
      case Event::poke: poke(11, {}); break;
      case Event::pong: receive(protocol::Pong{1, now_}); break;
      case Event::token_expired: receive(protocol::Failure{{Code::token_expired, "."}}); break;
      case Event::upgrade: receive(protocol::Failure{{Code::upgrade_required, "."}}); break;
      case Event::failure: receive(protocol::Failure{{Code::unavailable, "."}}); break;
      case Event::broken: core_->received(base::Bytes{1, 2, 3}, now_); break;
      case Event::closed: core_->closed(now_); break;
      case Event::early: core_->timeout(now_); break;
      case Event::due:
        if (due) now_ = *due;
        core_->timeout(now_);
        break;
    }
    drain();
  }
  std::string done() const {
    std::string text;
    for (const client::Effect& effect : effects_) {
      if (std::holds_alternative<client::Connect>(effect)) text += "C";
      if (std::holds_alternative<client::Disconnect>(effect)) text += "D";
      if (std::holds_alternative<client::TokenWanted>(effect)) text += "T";
      if (std::holds_alternative<client::ReloadWanted>(effect)) text += "R";
    }
    for (const protocol::ClientMessage& message : sent_) {
      if (std::holds_alternative<protocol::Hello>(message)) text += "H";
      if (std::holds_alternative<protocol::Ping>(message)) text += "P";
      if (std::holds_alternative<protocol::Reauthenticate>(message)) text += "A";
    }
    return text;
  }
  // By what it does next; the core is of no use afterwards.
  char state() {
    const auto due = core_->next_timeout();
    if (core_->connection() == ConnectionState::connected) return *due - now_ > 10'000 ? 'l' : 'p';
    forget_outputs();
    if (core_->connection() == ConnectionState::connecting) {
      core_->opened(now_);
      drain();
      return done() == "H" ? 'o' : 'g';
    }
    if (due) return 'w';
    core_->retry_now(now_);
    drain();
    return done() == "T" ? 'u' : 'i';
  }
};

TEST_F(ConnectionTable, EveryCellIsAsItIsDrawn) {
  for (const Row& row : kTable) {
    for (std::size_t at = 0; at < kEvents; ++at) {
      bring_to(row.state);
      drain();
      forget_outputs();
      happen(static_cast<Event>(at));
      const std::string did = done();
      const std::string wanted = row.cells[at];
      const std::string got = state() + did;
      EXPECT_EQ(got, wanted == "." ? std::string(1, row.state) : wanted)
          << "in state " << row.state << ", event " << at;
    }
  }
}

TEST_F(ConnectionTable, EveryStateIsReached) {
  for (const char wanted : kStates) {
    bring_to(wanted);
    drain();
    EXPECT_EQ(state(), wanted);
  }
}

}  // namespace
}  // namespace syncline::tests
