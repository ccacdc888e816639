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

base::Error malformed(const char* what) {
  return {base::Code::malformed, std::string("The poke cannot be read: ") + what + "."};
}

std::uint32_t size_at(ByteView bytes, std::size_t at) {
  return base::load_le<std::uint32_t>(bytes.data() + at);
}

}  // namespace

bool is_poke(ByteView frame) {
  return !frame.empty() && frame.front() == ServerMessage(Poke{}).index();
}

Result<ReadPoke> PokeReader::finish(ByteView part) {
  SYNC_TRY(take(part, true));
  if (state_ != State::done) return malformed("it ends too early");
  return std::move(poke_);
}

Status PokeReader::take(ByteView part, bool last) {
  total_ += part.size();
  if (total_ > kServerFrameBytesMax) {
    return base::Error(base::Code::too_large, "The frame is too large.");
  }
  if (waiting_.empty()) {
    SYNC_ASSIGN(const std::size_t used, advance(part, last));
    if (used < part.size())
      waiting_.assign(part.begin() + static_cast<std::ptrdiff_t>(used), part.end());
    return {};
  }
  waiting_.insert(waiting_.end(), part.begin(), part.end());
  SYNC_ASSIGN(const std::size_t used, advance(waiting_, last));
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
Result<std::size_t> PokeReader::attempt(ByteView bytes, bool last, const Read& reading) {
  try {
    SpanReader ar(bytes);
    reading(ar);
    return ar.position();
  } catch (const Malformed& failure) {
    if (last) return malformed(failure.what);
    return std::size_t{0};
  }
}

Result<std::size_t> PokeReader::advance(ByteView bytes, bool last) {
  std::size_t used = 0;
  while (state_ != State::done) {
    const ByteView left = bytes.subspan(used);
    const State before = state_;
    Result<std::size_t> got = std::size_t{0};
    switch (state_) {
      case State::head:
        if (got = read_plain_head(left); *got > 0) break;
        got = attempt(left, last, [this](SpanReader& ar) {
          std::uint8_t kind = 0;
          ReadPoke poke;
          ar(kind, poke.version, poke.verdicts, segments_left_);
          poke_ = std::move(poke);
          next_segment();
        });
        break;
      case State::segment:
        if (got = read_plain_segment(left); *got > 0) break;
        got = attempt(left, last, [this](SpanReader& ar) {
          ReadSegment segment;
          std::uint32_t size = 0;
          ar(segment.query_id, segment.kind, segment.kept, size);
          body_left_ = size;
          poke_.segments.push_back(std::move(segment));
          state_ = State::row_count;
        });
        break;
      case State::row_count:
        if (body_left_ < kSizeBytes) return malformed("a body without rows");
        if (left.size() < kSizeBytes) break;
        rows_left_ = base::load_le<std::uint32_t>(left.data());
        body_left_ -= kSizeBytes;
        if (rows_left_ > body_left_) return malformed("more rows than bytes");
        poke_.segments.back().rows.reserve(
            std::min<std::size_t>(rows_left_, body_left_ / kRecordBytesMin));
        got = kSizeBytes;
        state_ = State::rows;
        break;
      case State::rows: got = read_rows(left); break;
      case State::rest:
        if (left.size() < body_left_) break;
        if (got = read_plain_rest(left.first(body_left_)); *got > 0) break;
        got = attempt(left.first(body_left_), true, [this](SpanReader& ar) {
          ar(poke_.segments.back().removals, poke_.segments.back().groups);
          ar.finish();
          next_segment();
        });
        break;
      case State::done: break;
    }
    if (!got.ok()) return got;
    used += *got;
    if (state_ == before) return used;
  }
  if (used != bytes.size()) return malformed("bytes after its end");
  return used;
}

Result<std::size_t> PokeReader::read_rows(ByteView bytes) {
  std::size_t used = 0;
  for (; rows_left_ > 0; --rows_left_) {
    const ByteView left = bytes.subspan(used);
    if (left.size() < kSizeBytes) return used;
    const std::size_t size = base::load_le<std::uint32_t>(left.data());
    if (body_left_ < kSizeBytes || size > body_left_ - kSizeBytes)
      return malformed("a row beyond its body");
    if (size > model::kRecordSizeMax) return malformed("a row that is too large");
    if (left.size() - kSizeBytes < size) return used;
    SYNC_ASSIGN(model::Record row,
                model::Record::from_bytes(schema_, left.subspan(kSizeBytes, size)));
    poke_.segments.back().rows.push_back(std::move(row));
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
