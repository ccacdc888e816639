#include "server/app/poll_session.hpp"

#include <algorithm>
#include <utility>

namespace syncline::server::app {
namespace {

// Of frames in one answer; a larger frame travels alone.
constexpr std::size_t kAnswerBytesMax = 1u << 20;

void append(std::string& text, base::ByteView bytes) { text += base::as_text(bytes); }

}  // namespace

base::Result<PollSession::Taken> PollSession::take(protocol::PollRequest& request) {
  if (request.first == 0 || request.first > received_ + 1)
    return base::Error(base::Code::malformed, "A frame was left out.");
  if (request.received > acknowledged_ + queue_.size())
    return base::Error(base::Code::malformed, "A frame is named that was never sent.");
  Taken taken;
  for (; acknowledged_ < request.received; ++acknowledged_) {
    taken.acknowledged += queue_.front().size;
    queue_.pop_front();
  }
  queued_bytes_ -= taken.acknowledged;
  const std::uint64_t known = received_ + 1 - request.first;
  for (std::uint64_t i = known; i < request.frames.size(); ++i)
    taken.frames.push_back(std::move(request.frames[i]));
  received_ += taken.frames.size();
  return taken;
}

bool PollSession::push(std::vector<net::Piece> pieces) {
  std::size_t size = 0;
  for (const net::Piece& piece : pieces) size += piece->size();
  if (!queue_.empty() && queued_bytes_ + size > queued_bytes_max_) return false;
  queued_bytes_ += size;
  queue_.push_back({std::move(pieces), size});
  return true;
}

protocol::PollAnswer PollSession::head() const {
  protocol::PollAnswer head;
  head.received = received_;
  head.first = acknowledged_ + 1;
  return head;
}

std::string PollSession::empty_answer() const {
  return std::string(base::as_text(protocol::encode(head())));
}

std::size_t PollSession::frames_in_answer() const {
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < queue_.size() && (count == 0 || bytes + queue_[count].size <= kAnswerBytesMax))
    bytes += queue_[count++].size;
  return count;
}

std::string PollSession::answer() const {
  const std::size_t count = frames_in_answer();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += queue_[i].size;
  protocol::PollAnswer answer = head();
  answer.ended = ended_ && count == queue_.size();
  // The frames' bytes are shared with many sessions: copied once, into the body.
  const base::Bytes encoded = protocol::encode(answer);
  constexpr std::size_t kSizeBytes = sizeof(std::uint32_t);
  std::string body;
  body.reserve(encoded.size() + bytes + count * kSizeBytes);
  append(body, base::ByteView(encoded).first(encoded.size() - kSizeBytes));
  const auto append_size = [&body](std::size_t size) {
    std::uint8_t written[kSizeBytes];
    base::store_le(written, static_cast<std::uint32_t>(size));
    append(body, written);
  };
  append_size(count);
  for (std::size_t i = 0; i < count; ++i) {
    append_size(queue_[i].size);
    for (const net::Piece& piece : queue_[i].pieces) append(body, *piece);
  }
  return body;
}

}  // namespace syncline::server::app
