// Fuzzes every decoder of bytes from outside. Whatever decodes must encode again to bytes that decode to the same value.
#include <cstdlib>

#include "syncline/protocol/codec.hpp"

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const auto encode = [](const auto& message) { return protocol::encode(message); };
  switch (data[0] % 5) {
    case 0: check(bytes, protocol::decode_client_message, encode); break;
    case 1: check(bytes, protocol::decode_server_message, encode); break;
    case 2: check(bytes, protocol::decode_segment_body, protocol::encode_segment_body); break;
    case 3: check(bytes, protocol::decode_query, protocol::encode_query); break;
    default: check(bytes, protocol::decode_mutation, protocol::encode_mutation); break;
  }
  return 0;
}
