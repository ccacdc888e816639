#include "tests/simulation/network.hpp"

#include <utility>

#include "syncline/protocol/codec.hpp"
#include "tests/simulation/browser.hpp"
#include "tests/simulation/server.hpp"

namespace syncline::simulation {

namespace {

std::string summary(base::ByteView frame) {
  std::string text = std::to_string(frame.size()) + " bytes";
  const auto message = protocol::decode_server_message(frame);
  if (!message.ok() || !std::holds_alternative<protocol::Poke>(*message)) return text;
  const auto& poke = std::get<protocol::Poke>(*message);
  text += ", poke of " + std::to_string(poke.version) + ", verdicts " +
          std::to_string(poke.verdicts.size()) + ", segments";
  for (const protocol::Segment& segment : poke.segments)
    text += " " + std::to_string(segment.query_id) +
            (segment.kind == protocol::Segment::Kind::snapshot ? "s" : "d");
  return text;
}

}  // namespace

std::int64_t Network::delay() {
  if (world_.chance(world_.swarm.late_frame)) {
    world_.fault("a frame is late");
    return world_.up_to(5'000);
  }
  return world_.up_to(world_.swarm.latency_ms_max);
}

// ---- opening

ConnectionId Network::connect(Browser& browser) {
  const ConnectionId connection = ++last_;
  links_[connection].browser = &browser;
  world_.agenda.in(delay(), [this, connection] { accept(connection); });
  return connection;
}

void Network::accept(ConnectionId connection) {
  Link& link = links_.at(connection);
  if (link.browser->connection() != connection || is_cut_off(*link.browser)) return;
  if (!server_->is_up()) {
    link.up.dead = true;
    return link.browser->closed(connection);
  }
  link.at_server = true;
  server_->open(connection);
  world_.checker.knows(connection, link.browser->user());
  world_.agenda.in(delay(), [this, connection] {
    const Link& opened = links_.at(connection);
    if (!opened.down.dead) opened.browser->opened(connection);
  });
}

// ---- frames

void Network::towards_server(ConnectionId connection, base::Bytes frame) {
  send(connection, true, {false, std::move(frame)});
}

void Network::towards_browser(ConnectionId connection, base::Bytes frame) {
  Link& link = links_.at(connection);
  const std::size_t size = frame.size();
  const auto& change = world_.hooks.towards_browser;
  const bool arrives = !change || change(frame, connection);
  if (world_.tell)
    world_.say("to connection " + std::to_string(connection) + ": " + summary(frame) +
               (link.slow ? ", which nobody reads" : ""));
  world_.checker.leaves_server(connection, frame);
  if (arrives) send(connection, false, {false, std::move(frame)});
  if (link.slow) {
    if (world_.hooks.reads_are_assumed) server_->assume_read(connection, size);
  } else {
    server_->handed_over(connection, size);
  }
}

void Network::send(ConnectionId connection, bool up, Packet packet) {
  Link& link = links_.at(connection);
  Lane& lane = up ? link.up : link.down;
  if (lane.dead) return;
  base::Timestamp at = world_.agenda.now() + delay();
  if (at < lane.last_arrival) at = lane.last_arrival;
  lane.last_arrival = at;
  lane.packets.push_back(std::move(packet));
  world_.agenda.in(at - world_.agenda.now(), [this, connection, up] { arrive(connection, up); });
}

void Network::arrive(ConnectionId connection, bool up) {
  Link& link = links_.at(connection);
  Lane& lane = up ? link.up : link.down;
  if (lane.packets.empty()) return;
  const auto cut = cut_off_until_.find(link.browser);
  if (cut != cut_off_until_.end() && world_.agenda.now() < cut->second) {
    world_.agenda.in(cut->second - world_.agenda.now() + world_.up_to(50),
                     [this, connection, up] { arrive(connection, up); });
    return;
  }
  const Packet packet = std::move(lane.packets.front());
  lane.packets.pop_front();
  if (lane.dead) return;
  if (up) return arrive_at_server(connection, link, packet);
  arrive_at_browser(connection, link, packet);
}

void Network::arrive_at_server(ConnectionId connection, Link& link, const Packet& packet) {
  if (!link.at_server) {
    // A server that knows nothing of the connection says so.
    if (!packet.is_end) send(connection, false, {true, {}});
    link.up.dead = true;
    return;
  }
  if (!packet.is_end) return server_->receive(connection, packet.frame);
  link.at_server = false;
  server_->closed(connection);
}

void Network::arrive_at_browser(ConnectionId connection, Link& link, const Packet& packet) {
  if (packet.is_end) return link.browser->closed(connection);
  link.browser->received(connection, packet.frame);
}

// ---- the end

void Network::browser_left(ConnectionId connection, bool says_so) {
  Link& link = links_.at(connection);
  if (says_so && link.at_server) {
    send(connection, true, {true, {}});
  } else if (!says_so) {
    link.up.dead = true;
  }
}

void Network::server_closed(ConnectionId connection) {
  Link& link = links_.at(connection);
  link.at_server = false;
  send(connection, false, {true, {}});
}

void Network::server_died() {
  // A machine that loses its power says nothing; a process that dies leaves that to the kernel.
  const bool silently = world_.random.below(3) == 0;
  for (auto& [connection, link] : links_) {
    if (!link.at_server) continue;
    link.at_server = false;
    if (!silently) {
      send(connection, false, {true, {}});
    } else if (world_.random.below(2) == 0) {
      link.up.dead = link.down.dead = true;
    }
  }
}

// ---- the weather

ConnectionId Network::pick() {
  std::vector<ConnectionId> used;
  for (const auto& [connection, link] : links_) {
    if (link.at_server && link.browser->connection() == connection) used.push_back(connection);
  }
  return used.empty() ? 0 : used[world_.random.index(used.size())];
}

void Network::reset_one() {
  const ConnectionId connection = pick();
  if (connection == 0) return;
  world_.fault("connection " + std::to_string(connection) + " breaks");
  Link& link = links_.at(connection);
  // What is on its way may still arrive.
  if (world_.random.below(2) == 0) link.down.dead = true;
  if (world_.random.below(2) == 0) link.up.dead = true;
  world_.agenda.in(world_.up_to(2'000), [this, connection] {
    Link& broken = links_.at(connection);
    broken.down.dead = true;
    broken.browser->closed(connection);
  });
  world_.agenda.in(world_.up_to(20'000), [this, connection] {
    Link& broken = links_.at(connection);
    broken.up.dead = true;
    if (std::exchange(broken.at_server, false)) server_->closed(connection);
  });
}

void Network::half_open_one() {
  const ConnectionId connection = pick();
  if (connection == 0) return;
  world_.fault("connection " + std::to_string(connection) + " is open on one side");
  const std::uint64_t which = world_.random.below(3);
  if (which != 0) links_.at(connection).up.dead = true;
  if (which != 1) links_.at(connection).down.dead = true;
}

void Network::slow_one() {
  const ConnectionId connection = pick();
  if (connection == 0 || std::exchange(links_.at(connection).slow, true)) return;
  world_.fault("nobody reads connection " + std::to_string(connection));
  world_.agenda.in(world_.up_to(15'000), [this, connection] {
    links_.at(connection).slow = false;
    server_->handed_over(connection, ~std::size_t{0});
  });
}

void Network::cut_off(const Browser& browser, std::int64_t ms) {
  world_.fault("a browser is cut off for " + std::to_string(ms) + " ms");
  cut_off_until_[&browser] = world_.agenda.now() + ms;
}

void Network::deafen(const Browser& browser) {
  world_.fault("connection " + std::to_string(browser.connection()) + " loses what is answered");
  links_.at(browser.connection()).down.dead = true;
}

bool Network::is_cut_off(const Browser& browser) const {
  const auto found = cut_off_until_.find(&browser);
  return found != cut_off_until_.end() && world_.agenda.now() < found->second;
}

void Network::heal() {
  cut_off_until_.clear();
  for (auto& [connection, link] : links_) {
    if (!std::exchange(link.slow, false)) continue;
    server_->handed_over(connection, ~std::size_t{0});
  }
}

}  // namespace syncline::simulation
