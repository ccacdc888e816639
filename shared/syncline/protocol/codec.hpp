// Frames ⇄ messages: cereal over our own bounded span archive (SEMANTICS 32). Decoding trusts nothing: every length is
// bounded by what is left in the buffer, trailing bytes are an error, nesting is limited, enumerations are checked.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "syncline/base/bytes.hpp"
#include "syncline/base/result.hpp"
#include "syncline/protocol/limits.hpp"
#include "syncline/protocol/message.hpp"

namespace syncline::protocol {

// Errors: malformed (with the place), too_large.
[[nodiscard]] base::Result<ClientMessage> decode_client_message(base::ByteView frame);
[[nodiscard]] base::Result<ServerMessage> decode_server_message(base::ByteView frame);
[[nodiscard]] base::Bytes encode(const ClientMessage& message);
[[nodiscard]] base::Bytes encode(const ServerMessage& message);

// A Poke as pieces of one frame, whose segment bodies are the shared buffers themselves (ARCHITECTURE 9). Put together they
// are exactly encode(ServerMessage(poke)).
using Piece = std::shared_ptr<const base::Bytes>;
struct SharedSegment {
  std::uint32_t query_id = 0;
  Segment::Kind kind = Segment::Kind::delta;
  std::vector<Held> kept;
  Piece body;  // encode_segment_body(), not null
};
[[nodiscard]] std::vector<Piece> encode_poke(Version version,
                                             const std::vector<std::pair<base::Id, model::Verdict>>& verdicts,
                                             const std::vector<SharedSegment>& segments);

[[nodiscard]] base::Bytes encode_segment_body(const SegmentBody& body);
[[nodiscard]] base::Result<SegmentBody> decode_segment_body(base::ByteView bytes);

// Values that are stored or cross the WASM boundary by themselves, with the same archive and bounds.
[[nodiscard]] base::Bytes encode_query(const query::Query& query);
[[nodiscard]] base::Result<query::Query> decode_query(base::ByteView bytes);
[[nodiscard]] base::Bytes encode_mutation(const model::Mutation& mutation);
[[nodiscard]] base::Result<model::Mutation> decode_mutation(base::ByteView bytes);
[[nodiscard]] base::Bytes encode_verdict(const model::Verdict& verdict);
[[nodiscard]] base::Result<model::Verdict> decode_verdict(base::ByteView bytes);

}  // namespace syncline::protocol
