// Fuzzes every decoder of bytes from outside. Whatever decodes must encode again to bytes that decode to the same value.
#include <cstdlib>
#include <variant>

#include "syncline/protocol/codec.hpp"
#include "syncline/protocol/poke_reader.hpp"
#include "syncline/protocol/poll.hpp"

namespace {

namespace protocol = syncline::protocol;
using syncline::base::ByteView;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Decode, class Encode>
void check(ByteView bytes, const Decode& decode, const Encode& encode) {
  const auto first = decode(bytes);
  if (!first.ok()) return;
  const auto again = decode(encode(*first));
  require(again.ok() && *again == *first);
}

// A poke says the same read in two parts as copied out whole. The schema is empty, so no row passes.
void check_in_parts(ByteView bytes) {
  if (!protocol::is_poke(bytes)) return;
  static const syncline::model::Schema schema({});
  const auto copied = protocol::decode_server_message(bytes);
  const std::size_t cut = bytes.size() / 2;
  protocol::PokeReader reader(schema);
  if (!reader.read(bytes.first(cut)).ok()) return;
  const auto read = reader.finish(bytes.subspan(cut));
  if (!read.ok()) return;
  require(copied.ok());
  const auto& poke = std::get<protocol::Poke>(*copied);
  require(poke.version == read->version && poke.verdicts == read->verdicts);
  require(poke.segments.size() == read->segments.size());
  for (std::size_t i = 0; i < poke.segments.size(); ++i) {
    const auto body = protocol::decode_segment_body(poke.segments[i].body);
    require(body.ok() && body->puts.empty());
    require(body->removals == read->segments[i].removals);
    require(body->groups == read->segments[i].groups);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const auto encode = [](const auto& message) { return protocol::encode(message); };
  switch (data[0] % 7) {
    case 0: check(bytes, protocol::decode_client_message, encode); break;
    case 1:
      check(bytes, protocol::decode_server_message, encode);
      check_in_parts(bytes);
      break;
    case 2: check(bytes, protocol::decode_segment_body, protocol::encode_segment_body); break;
    case 3: check(bytes, protocol::decode_query, protocol::encode_query); break;
    case 4: check(bytes, protocol::decode_mutation, protocol::encode_mutation); break;
    case 5: check(bytes, protocol::decode_poll_request, encode); break;
    default: check(bytes, protocol::decode_poll_answer, encode); break;
  }
  return 0;
}
