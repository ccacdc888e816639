// PollSession: one connection to /sync that is carried by POST requests (protocol/poll.hpp), as a state machine without IO: which
// frames are new, which have to be said again, when an answer has something to say.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "server/net/connection.hpp"
#include "syncline/base/result.hpp"
#include "syncline/protocol/poll.hpp"

namespace syncline::server::app {

class PollSession {
 public:
  explicit PollSession(std::size_t queued_bytes_max) : queued_bytes_max_(queued_bytes_max) {}

  struct Taken {
    std::vector<base::Bytes> frames;  // those that have not come before
    std::size_t acknowledged = 0;     // bytes of ours that have arrived
  };
  // Errors: malformed: a frame was left out, or one is named that was never sent.
  [[nodiscard]] base::Result<Taken> take(protocol::PollRequest& request);
  // The last so many of those taken just now were too many: they are not named, so the browser says them again.
  void give_back(std::size_t frames) { received_ -= frames; }
  // false: too much waits; the browser does not read.
  [[nodiscard]] bool push(std::vector<net::Piece> pieces);
  // What was pushed is still said; then that it is over.
  void end() { ended_ = true; }

  // Is there anything to say?
  [[nodiscard]] bool has_news() const { return ended_ || !queue_.empty(); }
  // An encoded PollAnswer: all that has not been acknowledged, as far as one answer carries it.
  [[nodiscard]] std::string answer() const;
  // Does that answer say all there is, and that it is over?
  [[nodiscard]] bool is_last_answer() const {
    return ended_ && frames_in_answer() == queue_.size();
  }
  // An encoded PollAnswer that says nothing.
  [[nodiscard]] std::string empty_answer() const;

 private:
  struct Frame {
    std::vector<net::Piece> pieces;
    std::size_t size = 0;
  };
  [[nodiscard]] protocol::PollAnswer head() const;
  [[nodiscard]] std::size_t frames_in_answer() const;

  const std::size_t queued_bytes_max_;
  std::uint64_t received_ = 0;      // the browser's last frame
  std::uint64_t acknowledged_ = 0;  // our last frame that has arrived
  std::deque<Frame> queue_;         // those after it
  std::size_t queued_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace syncline::server::app
