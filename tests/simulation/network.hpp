// Network: connections between browsers and the server. Each keeps the order of its frames, as TCP does, and promises nothing
// else: frames are late, connections break with what was on its way or without it, one side may never hear of the end, and
// frames of an old connection still arrive at the server when the browser has long opened the next.
#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "tests/simulation/world.hpp"

namespace syncline::simulation {

class Server;
class Browser;

using ConnectionId = std::uint64_t;

class Network {
 public:
  explicit Network(World& world) : world_(world) {}
  void set_server(Server& server) { server_ = &server; }

  // ---- by the browser
  [[nodiscard]] ConnectionId connect(Browser& browser);
  void towards_server(ConnectionId connection, base::Bytes frame);
  // The browser is done with it; a process that dies may be unable to say so.
  void browser_left(ConnectionId connection, bool says_so);

  // ---- by the server
  void towards_browser(ConnectionId connection, base::Bytes frame);
  void server_closed(ConnectionId connection);
  void server_died();

  // ---- by the weather
  void reset_one();
  void half_open_one();
  void slow_one();
  void cut_off(const Browser& browser, std::int64_t ms);
  // Over its present connection it sends, and hears nothing any more.
  void deafen(const Browser& browser);
  [[nodiscard]] bool is_cut_off(const Browser& browser) const;
  // Nobody is cut off or slow any more; what is half open stays so until it is noticed.
  void heal();

 private:
  struct Packet {
    bool is_end = false;
    base::Bytes frame;
  };
  struct Lane {
    std::deque<Packet> packets;
    base::Timestamp last_arrival;
    bool dead = false;  // what is sent arrives nowhere, and nobody hears of that
  };
  struct Link {
    Browser* browser = nullptr;
    bool at_server = false;  // the server has the session
    bool slow = false;       // the browser reads nothing for a while
    Lane up, down;
  };
  void accept(ConnectionId connection);
  void send(ConnectionId connection, bool up, Packet packet);
  void arrive(ConnectionId connection, bool up);
  void arrive_at_server(ConnectionId connection, Link& link, const Packet& packet);
  void arrive_at_browser(ConnectionId connection, Link& link, const Packet& packet);
  // One that the browser uses, or 0.
  [[nodiscard]] ConnectionId pick();
  [[nodiscard]] std::int64_t delay();

  World& world_;
  Server* server_ = nullptr;
  ConnectionId last_ = 0;
  std::map<ConnectionId, Link> links_;
  std::map<const Browser*, base::Timestamp> cut_off_until_;
};

}  // namespace syncline::simulation
