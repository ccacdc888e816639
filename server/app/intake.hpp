// What sessions have sent and the engine has not looked at yet: a queue for each, bounded by telling its connection to read no
// more, and taken from one frame at a time, so that whoever sends much waits behind nobody's work but his own.
//
//   put() … full: has_room is false ── take() … half is left: read_on is true, once ──▶ put() …
//
// Thread rule: thread-safe; what comes for one connection comes from one thread at a time.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "server/net/connection.hpp"

namespace syncline::server::app {

class Intake {
 public:
  // Of one connection; its last frame may go beyond. Bytes: as much as the largest frame, so that one is always on its way
  // while another is worked on. Frames: the small ones cost by their number; a page's first questions are far fewer.
  static constexpr std::size_t kBytesMax = 1u << 20;
  static constexpr std::size_t kFramesMax = 1'000;

  struct Put {
    bool is_first = false;  // nothing of this connection waited: its turn must be asked for
    bool has_room = true;
  };
  Put put(net::ConnectionId id, base::Bytes frame);
  // It has closed: the last that comes of it, after its frames.
  Put put_end(net::ConnectionId id);

  struct Taken {
    std::optional<base::Bytes> frame;
    bool is_end = false;   // it has closed
    bool is_last = false;  // nothing else of it waits
    bool read_on = false;  // it was told to stop, and has room again
  };
  // The next of this connection, for which something was put.
  [[nodiscard]] Taken take(net::ConnectionId id);
  // Its frames will not be looked at; the end still comes.
  void drop_frames(net::ConnectionId id);

  struct Statistics {
    std::size_t bytes = 0;  // that wait
    std::size_t full = 0;   // connections that were told to stop
  };
  [[nodiscard]] Statistics statistics() const;

 private:
  // Only while something waits, or its turn is still to come: an idle connection costs nothing.
  struct Queue {
    std::deque<base::Bytes> frames;
    std::size_t bytes = 0;
    bool is_full = false;
    bool has_ended = false;
  };

  mutable std::mutex mutex_;
  std::unordered_map<net::ConnectionId, Queue> queues_;
  Statistics statistics_;
};

}  // namespace syncline::server::app
