#include "syncline/protocol/codec.hpp"

#include <string>
#include <utility>

#include "syncline/model/order.hpp"
#include "syncline/protocol/poll.hpp"
#include "syncline/protocol/span_archive.hpp"

namespace syncline::protocol {

void save(SpanWriter& ar, const std::string& value) {
  ar.count(value.size());
  ar.raw(value.data(), value.size());
}
void load(SpanReader& ar, std::string& value) {
  value.resize(ar.count());
  ar.raw(value.data(), value.size());
  if (!model::is_valid_utf8(value)) ar.fail("text that is not UTF-8");
}
void save(SpanWriter& ar, const base::Bytes& value) {
  ar.count(value.size());
  ar.raw(value.data(), value.size());
}
void load(SpanReader& ar, base::Bytes& value) {
  value.resize(ar.count());
  ar.raw(value.data(), value.size());
}

namespace {

base::Error malformed(const Malformed& failure) {
  return {base::Code::malformed, "The bytes cannot be read at " + std::to_string(failure.offset) +
                                     ": " + failure.what + "."};
}

base::Error too_large(std::size_t bytes_max) {
  return {base::Code::too_large,
          "The frame is larger than " + std::to_string(bytes_max) + " bytes."};
}

// Runs `read` over all of `bytes`; every failure of the archive ends here.
template <class T, class Read>
base::Result<T> decode_with(base::ByteView bytes, const Read& read) {
  try {
    SpanReader ar(bytes);
    T value = read(ar);
    ar.finish();
    return value;
  } catch (const Malformed& failure) {
    return malformed(failure);
  }
}

template <class T>
base::Result<T> decode_one(base::ByteView bytes) {
  return decode_with<T>(bytes, [](SpanReader& ar) {
    T value{};
    ar(value);
    return value;
  });
}

template <class T>
base::Bytes encode_one(const T& value) {
  SpanWriter ar;
  ar(value);
  return ar.take();
}

// The alternative with this index, read from the archive.
template <class Message, std::size_t index = 0>
Message read_alternative(SpanReader& ar, std::uint8_t kind) {
  if constexpr (index == std::variant_size_v<Message>) {
    ar.fail("an unknown kind of message");
  } else {
    if (kind != index) return read_alternative<Message, index + 1>(ar, kind);
    std::variant_alternative_t<index, Message> value{};
    ar(value);
    return value;
  }
}

template <class Message>
base::Result<Message> decode_message(base::ByteView frame, std::size_t bytes_max) {
  if (frame.size() > bytes_max) return too_large(bytes_max);
  return decode_with<Message>(frame, [](SpanReader& ar) {
    std::uint8_t kind = 0;
    ar(kind);
    return read_alternative<Message>(ar, kind);
  });
}

template <class Message>
base::Bytes encode_message(const Message& message) {
  SpanWriter ar;
  ar(static_cast<std::uint8_t>(message.index()));
  std::visit([&ar](const auto& value) { ar(value); }, message);
  return ar.take();
}

}  // namespace

base::Result<ClientMessage> decode_client_message(base::ByteView frame) {
  auto message = decode_message<ClientMessage>(frame, kClientFrameBytesMax);
  if (!message.ok()) return message;
  const auto* push = std::get_if<Push>(&message.value());
  if (push != nullptr && push->mutations.size() > kMutationsPerFrameMax) {
    return base::Error(
        base::Code::too_large,
        "The frame holds more than " + std::to_string(kMutationsPerFrameMax) + " mutations.");
  }
  return message;
}

base::Result<ServerMessage> decode_server_message(base::ByteView frame) {
  return decode_message<ServerMessage>(frame, kServerFrameBytesMax);
}

base::Bytes encode(const ClientMessage& message) { return encode_message(message); }
base::Bytes encode(const ServerMessage& message) { return encode_message(message); }

std::vector<Piece> encode_poke(Version version,
                               const std::vector<std::pair<base::Id, model::Verdict>>& verdicts,
                               const std::vector<SharedSegment>& segments) {
  // The order of Poke::serialize and Segment::serialize, cut at each body; a test compares it with encode().
  std::vector<Piece> pieces;
  SpanWriter ar;
  ar(static_cast<std::uint8_t>(ServerMessage(Poke{}).index()), version, verdicts);
  ar.count(segments.size());
  for (const SharedSegment& segment : segments) {
    SYNC_CHECK(segment.body != nullptr, "a segment without body");
    ar(segment.query_id, segment.kind, segment.kept);
    ar.count(segment.body->size());
    pieces.push_back(std::make_shared<const base::Bytes>(ar.take()));
    pieces.push_back(segment.body);
  }
  if (segments.empty()) pieces.push_back(std::make_shared<const base::Bytes>(ar.take()));
  return pieces;
}

base::Bytes encode_segment_body(const SegmentBody& body) {
  std::size_t size = 64;
  for (const base::Bytes& put : body.puts) size += put.size() + sizeof(std::uint32_t);
  SpanWriter ar;
  ar.reserve(size);
  ar(body);
  return ar.take();
}
base::Result<SegmentBody> decode_segment_body(base::ByteView bytes) {
  return decode_one<SegmentBody>(bytes);
}

base::Bytes encode_query(const query::Query& query) { return encode_one(query); }
base::Result<query::Query> decode_query(base::ByteView bytes) {
  return decode_one<query::Query>(bytes);
}
base::Bytes encode_mutation(const model::Mutation& mutation) { return encode_one(mutation); }
base::Result<model::Mutation> decode_mutation(base::ByteView bytes) {
  return decode_one<model::Mutation>(bytes);
}
base::Bytes encode_verdict(const model::Verdict& verdict) { return encode_one(verdict); }
base::Result<model::Verdict> decode_verdict(base::ByteView bytes) {
  return decode_one<model::Verdict>(bytes);
}

base::Result<PollRequest> decode_poll_request(base::ByteView body) {
  return decode_one<PollRequest>(body);
}
base::Result<PollAnswer> decode_poll_answer(base::ByteView body) {
  return decode_one<PollAnswer>(body);
}
base::Bytes encode(const PollRequest& request) { return encode_one(request); }
base::Bytes encode(const PollAnswer& answer) { return encode_one(answer); }

}  // namespace syncline::protocol
