// The frames of /sync where no WebSocket gets through: POST /api/sync carries them both ways (PROTOCOL.md, "By polling").
//
// Each side numbers its frames from 1 and repeats them until the other has named them as received; so a request or an answer
// that is lost, cut or delivered twice loses no frame and doubles none.
#pragma once

#include <cstdint>
#include <vector>

#include "syncline/base/bytes.hpp"
#include "syncline/base/fields.hpp"
#include "syncline/base/id.hpp"
#include "syncline/base/result.hpp"

namespace syncline::protocol {

struct PollRequest {
  base::Id session;            // the browser's choice, random and secret; new for every connection
  std::uint64_t received = 0;  // all frames of the server up to this number have arrived
  bool ended = false;          // the browser ends the connection
  std::uint32_t wait_ms = 0;   // how long the answer may wait for something to say
  std::uint64_t first = 1;     // number of frames[0], or of the next frame
  std::vector<base::Bytes> frames;
  bool operator==(const PollRequest&) const = default;
  SYNCLINE_FIELDS(session, received, ended, wait_ms, first, frames)
};

struct PollAnswer {
  std::uint64_t received = 0;  // of the browser's frames
  bool ended = false;          // after these frames the server ends the connection
  std::uint64_t first = 1;
  std::vector<base::Bytes> frames;
  bool operator==(const PollAnswer&) const = default;
  SYNCLINE_FIELDS(received, ended, first, frames)
};

// Errors: malformed (with the place).
[[nodiscard]] base::Result<PollRequest> decode_poll_request(base::ByteView body);
[[nodiscard]] base::Result<PollAnswer> decode_poll_answer(base::ByteView body);
[[nodiscard]] base::Bytes encode(const PollRequest& request);
[[nodiscard]] base::Bytes encode(const PollAnswer& answer);

}  // namespace syncline::protocol
