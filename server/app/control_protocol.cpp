#include "server/app/control_protocol.hpp"

#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

#include "server/storage/file_lock.hpp"
#include "syncline/protocol/codec.hpp"

namespace syncline::server::app {
namespace {

constexpr std::uint8_t kVersion = 2;

class FrameWriter {
 public:
  FrameWriter() { byte(kVersion); }
  void byte(std::uint8_t value) { bytes_.push_back(value); }
  void number(std::uint32_t value) {
    bytes_.resize(bytes_.size() + sizeof value);
    base::store_le(bytes_.data() + bytes_.size() - sizeof value, value);
  }
  void block(base::ByteView block) {
    number(static_cast<std::uint32_t>(block.size()));
    bytes_.insert(bytes_.end(), block.begin(), block.end());
  }
  void id(const base::Id& id) { bytes_.insert(bytes_.end(), id.bytes.begin(), id.bytes.end()); }
  [[nodiscard]] base::Bytes take() { return std::move(bytes_); }

 private:
  base::Bytes bytes_;
};

// After the first failure everything it gives is empty; finish() tells.
class FrameReader {
 public:
  explicit FrameReader(base::ByteView bytes) : rest_(bytes) { right_version_ = byte() == kVersion; }
  std::uint8_t byte() { return take(1) ? last_[0] : std::uint8_t{0}; }
  std::uint32_t number() { return take(4) ? base::load_le<std::uint32_t>(last_.data()) : 0; }
  base::ByteView block() { return take(number()) ? last_ : base::ByteView(); }
  base::Id id() { return take(16) ? base::id_from_bytes(last_.data()) : base::Id(); }
  template <class T>
  T part(const base::Result<T>& decoded) {
    good_ = good_ && decoded.ok();
    return decoded.ok() ? *decoded : T();
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] base::Status finish() const {
    if (!right_version_)
      return base::Error{base::Code::upgrade_required,
                         "The server is of another build; use its own program."};
    if (!good_ || !rest_.empty())
      return base::Error{base::Code::malformed, "Not a frame of the control socket."};
    return {};
  }

 private:
  bool take(std::size_t size) {
    good_ = good_ && size <= rest_.size();
    if (!good_) return false;
    last_ = rest_.subspan(0, size);
    rest_ = rest_.subspan(size);
    return true;
  }
  base::ByteView rest_, last_;
  bool right_version_ = false;
  bool good_ = true;
};

constexpr std::uint8_t kWrite = 1, kPassword = 2, kExplain = 3;

authority::Submission read_submission(FrameReader& in) {
  authority::Submission submission;
  submission.actor.user = in.id();
  submission.actor.role =
      static_cast<mutation::Role>(std::min<std::uint8_t>(in.byte(), mutation::kRoleCount - 1));
  for (std::uint32_t i = in.number(); i > 0 && in.good(); --i) {
    submission.mutations.push_back(in.part(protocol::decode_mutation(in.block())));
  }
  return submission;
}

}  // namespace

std::string control_path(const std::string& database) { return storage::beside(database, ".sock"); }

base::Bytes encode(const ControlRequest& request) {
  FrameWriter out;
  if (const auto* write = std::get_if<ControlWrite>(&request)) {
    out.byte(kWrite);
    out.number(static_cast<std::uint32_t>(write->submissions.size()));
    for (const auto& submission : write->submissions) {
      out.id(submission.actor.user);
      out.byte(static_cast<std::uint8_t>(submission.actor.role));
      out.number(static_cast<std::uint32_t>(submission.mutations.size()));
      for (const auto& mutation : submission.mutations)
        out.block(protocol::encode_mutation(mutation));
    }
  } else if (const auto* explain = std::get_if<ControlExplain>(&request)) {
    out.byte(kExplain);
    out.block(base::as_bytes(explain->ask));
  } else {
    const auto& password = std::get<ControlPassword>(request);
    out.byte(kPassword);
    out.id(password.user);
    out.block(base::as_bytes(password.hash));
  }
  return out.take();
}

base::Bytes encode(const ControlReply& reply) {
  FrameWriter out;
  out.number(static_cast<std::uint32_t>(reply.error.code));
  out.block(base::as_bytes(reply.error.message));
  out.number(static_cast<std::uint32_t>(reply.outcomes.size()));
  for (const auto& outcome : reply.outcomes) {
    out.block(protocol::encode_verdict(outcome.verdict));
    out.number(static_cast<std::uint32_t>(outcome.records.size()));
    for (const auto& record : outcome.records) out.id(record);
  }
  out.block(base::as_bytes(reply.text));
  return out.take();
}

base::Result<ControlRequest> decode_control_request(base::ByteView frame) {
  FrameReader in(frame);
  ControlRequest request;
  switch (in.byte()) {
    case kWrite: {
      ControlWrite write;
      for (std::uint32_t i = in.number(); i > 0 && in.good(); --i)
        write.submissions.push_back(read_submission(in));
      request = std::move(write);
      break;
    }
    case kPassword: {
      const base::Id user = in.id();
      request = ControlPassword{user, std::string(base::as_text(in.block()))};
      break;
    }
    case kExplain: request = ControlExplain{std::string(base::as_text(in.block()))}; break;
    default: return base::Error{base::Code::malformed, "An unknown control request."};
  }
  SYNC_TRY(in.finish());
  return request;
}

base::Result<ControlReply> decode_control_reply(base::ByteView frame) {
  FrameReader in(frame);
  ControlReply reply;
  reply.error.code = base::code_from_number(static_cast<std::uint16_t>(in.number()));
  reply.error.message = base::as_text(in.block());
  for (std::uint32_t i = in.number(); i > 0 && in.good(); --i) {
    WriteOutcome outcome;
    outcome.verdict = in.part(protocol::decode_verdict(in.block()));
    for (std::uint32_t k = in.number(); k > 0 && in.good(); --k) outcome.records.push_back(in.id());
    reply.outcomes.push_back(std::move(outcome));
  }
  reply.text = base::as_text(in.block());
  SYNC_TRY(in.finish());
  return reply;
}

bool write_frame(int socket, const base::Bytes& frame) {
  base::Bytes bytes(4);
  base::store_le(bytes.data(), static_cast<std::uint32_t>(frame.size()));
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::send(socket, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

std::optional<base::Bytes> read_frame(int socket) {
  const auto read_all = [socket](base::Bytes& into) {
    for (std::size_t done = 0; done < into.size();) {
      const ssize_t n = ::recv(socket, into.data() + done, into.size() - done, 0);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      done += static_cast<std::size_t>(n);
    }
    return true;
  };
  base::Bytes size(4);
  if (!read_all(size)) return std::nullopt;
  const auto length = base::load_le<std::uint32_t>(size.data());
  if (length > kControlFrameMax) return std::nullopt;
  base::Bytes frame(length);
  if (!read_all(frame)) return std::nullopt;
  return frame;
}

}  // namespace syncline::server::app
