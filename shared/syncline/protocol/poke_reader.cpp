#include "syncline/protocol/poke_reader.hpp"

#include <algorithm>
#include <string>

#include "syncline/protocol/span_archive.hpp"

namespace syncline::protocol {

using base::ByteView;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t kSizeBytes = sizeof(std::uint32_t);
// No record is smaller; bounds what is reserved before the rows have come.
constexpr std::size_t kRecordBytesMin = 40;

std::uint32_t size_at(ByteView bytes, std::size_t at) {
  return base::load_le<std::uint32_t>(bytes.data() + at);
}

}  // namespace

bool is_poke(ByteView frame) {
  return !frame.empty() && frame.front() == ServerMessage(Poke{}).index();
}

Result<ReadPoke> PokeReader::finish(ByteView part) {
  SYNC_TRY(take(part, true));
  if (state_ != State::done) {
    (void)malformed("it ends too early");
    return *error_;
  }
  return std::move(poke_);
}

std::size_t PokeReader::malformed(const char* what) {
  error_.emplace(base::Code::malformed, std::string("The poke cannot be read: ") + what + ".");
  return 0;
}

Status PokeReader::take(ByteView part, bool last) {
  total_ += part.size();
  if (total_ > kServerFrameBytesMax) {
    return base::Error(base::Code::too_large, "The frame is too large.");
  }
  if (waiting_.empty()) {
    const std::size_t used = advance(part, last);
    if (error_) return *error_;
    if (used < part.size())
      waiting_.assign(part.begin() + static_cast<std::ptrdiff_t>(used), part.end());
    return {};
  }
  waiting_.insert(waiting_.end(), part.begin(), part.end());
  const std::size_t used = advance(waiting_, last);
  if (error_) return *error_;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(used));
  return {};
}

// Nearly every poke has no verdicts, nearly every segment keeps nothing and ends without removals and groups: the parts without
// lists are read where they lie. The bytes used up, or 0 where the archive has to read them.
std::size_t PokeReader::read_plain_head(ByteView bytes) {
  constexpr std::size_t kVersionAt = 1;
  constexpr std::size_t kVerdictsAt = kVersionAt + 8;
  constexpr std::size_t kSegmentsAt = kVerdictsAt + kSizeBytes;
  if (bytes.size() < kSegmentsAt + kSizeBytes || size_at(bytes, kVerdictsAt) != 0) return 0;
  poke_.version = base::load_le<Version>(bytes.data() + kVersionAt);
  segments_left_ = size_at(bytes, kSegmentsAt);
  next_segment();
  return kSegmentsAt + kSizeBytes;
}

std::size_t PokeReader::read_plain_segment(ByteView bytes) {
  constexpr std::size_t kKindAt = 4;
  constexpr std::size_t kKeptAt = kKindAt + 1;
  constexpr std::size_t kBodyAt = kKeptAt + kSizeBytes;
  const bool plain = bytes.size() >= kBodyAt + kSizeBytes && size_at(bytes, kKeptAt) == 0 &&
                     bytes[kKindAt] <= static_cast<std::uint8_t>(Segment::Kind::snapshot);
  if (!plain) return 0;
  ReadSegment& segment = poke_.segments.emplace_back();
  segment.query_id = size_at(bytes, 0);
  segment.kind = static_cast<Segment::Kind>(bytes[kKindAt]);
  body_left_ = size_at(bytes, kBodyAt);
  state_ = State::row_count;
  return kBodyAt + kSizeBytes;
}

std::size_t PokeReader::read_plain_rest(ByteView rest) {
  const bool plain =
      rest.size() == 2 * kSizeBytes && size_at(rest, 0) == 0 && size_at(rest, kSizeBytes) == 0;
  if (plain) next_segment();
  return plain ? rest.size() : 0;
}

// Something that is read as a whole: where its end is missing, the next part may bring it.
template <class Read>
std::size_t PokeReader::attempt(ByteView bytes, bool last, const Read& reading) {
  try {
    SpanReader ar(bytes);
    reading(ar);
    return ar.position();
  } catch (const Malformed& failure) {
    return last ? malformed(failure.what) : 0;
  }
}

std::size_t PokeReader::advance(ByteView bytes, bool last) {
  std::size_t used = 0;
  while (state_ != State::done) {
    const State before = state_;
    used += advance_once(bytes.subspan(used), last);
    if (error_ || state_ == before) return used;
  }
  if (used != bytes.size()) return malformed("bytes after its end");
  return used;
}

// To the next state, if the bytes reach so far.
std::size_t PokeReader::advance_once(ByteView left, bool last) {
  switch (state_) {
    case State::head:
      if (const std::size_t plain = read_plain_head(left); plain > 0) return plain;
      return attempt(left, last, [this](SpanReader& ar) {
        std::uint8_t kind = 0;
        ReadPoke poke;
        ar(kind, poke.version, poke.verdicts, segments_left_);
        poke_ = std::move(poke);
        next_segment();
      });
    case State::segment:
      if (const std::size_t plain = read_plain_segment(left); plain > 0) return plain;
      return attempt(left, last, [this](SpanReader& ar) {
        ReadSegment segment;
        std::uint32_t size = 0;
        ar(segment.query_id, segment.kind, segment.kept, size);
        body_left_ = size;
        poke_.segments.push_back(std::move(segment));
        state_ = State::row_count;
      });
    case State::row_count: return read_row_count(left);
    case State::rows: return read_rows(left);
    case State::rest:
      if (left.size() < body_left_) return 0;
      if (const std::size_t plain = read_plain_rest(left.first(body_left_)); plain > 0)
        return plain;
      return attempt(left.first(body_left_), true, [this](SpanReader& ar) {
        ar(poke_.segments.back().removals, poke_.segments.back().groups);
        ar.finish();
        next_segment();
      });
    case State::done: return 0;
  }
  return 0;
}

std::size_t PokeReader::read_row_count(ByteView bytes) {
  if (body_left_ < kSizeBytes) return malformed("a body without rows");
  if (bytes.size() < kSizeBytes) return 0;
  rows_left_ = size_at(bytes, 0);
  body_left_ -= kSizeBytes;
  if (rows_left_ > body_left_) return malformed("more rows than bytes");
  poke_.segments.back().rows.reserve(
      std::min<std::size_t>(rows_left_, body_left_ / kRecordBytesMin));
  state_ = State::rows;
  return kSizeBytes;
}

std::size_t PokeReader::read_rows(ByteView bytes) {
  std::size_t used = 0;
  for (; rows_left_ > 0; --rows_left_) {
    const ByteView left = bytes.subspan(used);
    if (left.size() < kSizeBytes) return used;
    const std::size_t size = size_at(left, 0);
    if (body_left_ < kSizeBytes || size > body_left_ - kSizeBytes)
      return malformed("a row beyond its body");
    if (size > model::kRecordSizeMax) return malformed("a row that is too large");
    if (left.size() - kSizeBytes < size) return used;
    Result<model::Record> row = model::Record::from_bytes(schema_, left.subspan(kSizeBytes, size));
    if (!row.ok()) {
      error_ = row.error();
      return used;
    }
    poke_.segments.back().rows.push_back(std::move(*row));
    used += kSizeBytes + size;
    body_left_ -= kSizeBytes + size;
  }
  state_ = State::rest;
  return used;
}

void PokeReader::next_segment() {
  state_ = segments_left_ == 0 ? State::done : State::segment;
  if (segments_left_ > 0) --segments_left_;
}

}  // namespace syncline::protocol
