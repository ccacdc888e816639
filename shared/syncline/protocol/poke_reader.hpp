// PokeReader: reads a poke out of its frame, which may come in parts, into records; no row's bytes are copied twice, and no more
// than a part and the records themselves are ever in memory. Trusts nothing, as every decoder here. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "syncline/base/bytes.hpp"
#include "syncline/base/result.hpp"
#include "syncline/model/record.hpp"
#include "syncline/protocol/message.hpp"

namespace syncline::protocol {

// Segment and SegmentBody in one, rows checked and ready.
struct ReadSegment {
  std::uint32_t query_id = 0;
  Segment::Kind kind = Segment::Kind::delta;
  std::vector<Held> kept;
  std::vector<model::Record> rows;
  std::vector<SegmentBody::Removal> removals;
  std::vector<SegmentBody::Group> groups;
};
struct ReadPoke {
  Version version = 0;
  std::vector<std::pair<base::Id, model::Verdict>> verdicts;
  std::vector<ReadSegment> segments;
};

// Does this frame, or its first part, say that it is a poke?
[[nodiscard]] bool is_poke(base::ByteView frame);

class PokeReader {
 public:
  // `schema` outlives the reader.
  explicit PokeReader(const model::Schema& schema) : schema_(schema) {}

  // The next part of the frame. Errors: malformed, too_large; after one nothing more may be read.
  [[nodiscard]] base::Status read(base::ByteView part) { return take(part, false); }
  // The last part (it may be empty). REQUIRES: the parts together are one frame for which is_poke() holds.
  [[nodiscard]] base::Result<ReadPoke> finish(base::ByteView part);

 private:
  enum class State : std::uint8_t { head, segment, row_count, rows, rest, done };

  [[nodiscard]] base::Status take(base::ByteView part, bool last);
  // These read on as far as the bytes go, and say how many they have used up. What is malformed they leave in error_: a result
  // of each would cost as much as the reading.
  [[nodiscard]] std::size_t advance(base::ByteView bytes, bool last);
  [[nodiscard]] std::size_t advance_once(base::ByteView left, bool last);
  [[nodiscard]] std::size_t read_row_count(base::ByteView bytes);
  [[nodiscard]] std::size_t read_rows(base::ByteView bytes);
  [[nodiscard]] std::size_t read_plain_head(base::ByteView bytes);
  [[nodiscard]] std::size_t read_plain_segment(base::ByteView bytes);
  [[nodiscard]] std::size_t read_plain_rest(base::ByteView rest);
  template <class Read>
  [[nodiscard]] std::size_t attempt(base::ByteView bytes, bool last, const Read& reading);
  std::size_t malformed(const char* what);
  void next_segment();

  const model::Schema& schema_;
  State state_ = State::head;
  ReadPoke poke_;
  std::uint32_t segments_left_ = 0;
  std::uint32_t rows_left_ = 0;
  std::size_t body_left_ = 0;  // bytes of the present segment's body
  std::size_t total_ = 0;
  std::optional<base::Error> error_;
  base::Bytes waiting_;  // the beginning of something whose end has not come
};

}  // namespace syncline::protocol
