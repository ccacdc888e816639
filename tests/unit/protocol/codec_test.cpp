#include "syncline/protocol/codec.hpp"

#include <gtest/gtest.h>

#include "samples.hpp"
#include "syncline/base/random.hpp"
#include "syncline/protocol/version.hpp"

namespace syncline::protocol {
namespace {

using base::Code;

TEST(Codec, EveryClientMessageComesBackEqual) {
  for (const ClientMessage& message : samples::client_messages()) {
    const auto decoded = decode_client_message(encode(message));
    ASSERT_TRUE(decoded.ok()) << message.index() << ": " << decoded.error().message;
    EXPECT_EQ(*decoded, message) << message.index();
  }
}

TEST(Codec, EveryServerMessageComesBackEqual) {
  for (const ServerMessage& message : samples::server_messages()) {
    const auto decoded = decode_server_message(encode(message));
    ASSERT_TRUE(decoded.ok()) << message.index() << ": " << decoded.error().message;
    EXPECT_EQ(*decoded, message) << message.index();
  }
}

TEST(Codec, ValuesThatTravelAloneComeBackEqual) {
  EXPECT_EQ(*decode_query(encode_query(samples::query())), samples::query());
  EXPECT_EQ(*decode_query(encode_query(samples::aggregate_query())), samples::aggregate_query());
  EXPECT_EQ(*decode_mutation(encode_mutation(samples::mutation(3))), samples::mutation(3));
  EXPECT_EQ(*decode_verdict(encode_verdict(samples::verdict())), samples::verdict());
  EXPECT_EQ(*decode_segment_body(encode_segment_body(samples::body())), samples::body());
}

TEST(Codec, EveryTruncationIsMalformed) {
  for (const ClientMessage& message : samples::client_messages()) {
    const base::Bytes frame = encode(message);
    for (std::size_t size = 0; size < frame.size(); ++size) {
      const auto decoded = decode_client_message(base::ByteView(frame).first(size));
      ASSERT_FALSE(decoded.ok()) << message.index() << " cut at " << size;
      EXPECT_EQ(decoded.error().code, Code::malformed);
    }
  }
  for (const ServerMessage& message : samples::server_messages()) {
    const base::Bytes frame = encode(message);
    for (std::size_t size = 0; size < frame.size(); ++size) {
      ASSERT_FALSE(decode_server_message(base::ByteView(frame).first(size)).ok())
          << message.index() << " cut at " << size;
    }
  }
}

TEST(Codec, BytesAfterTheEndAreMalformed) {
  for (const ClientMessage& message : samples::client_messages()) {
    base::Bytes frame = encode(message);
    frame.push_back(0);
    EXPECT_FALSE(decode_client_message(frame).ok()) << message.index();
  }
}

// A flipped bit gives an error or another message that is again canonical; it never crashes.
TEST(Codec, EveryFlippedBitIsRefusedOrReadsAsAnotherCanonicalMessage) {
  for (const ServerMessage& message : samples::server_messages()) {
    const base::Bytes frame = encode(message);
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
      base::Bytes flipped = frame;
      flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1u << (bit % 8)));
      const auto decoded = decode_server_message(flipped);
      if (decoded.ok()) {
        EXPECT_EQ(encode(*decoded).size(), flipped.size());
      }
    }
  }
  for (const ClientMessage& message : samples::client_messages()) {
    const base::Bytes frame = encode(message);
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
      base::Bytes flipped = frame;
      flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1u << (bit % 8)));
      const auto decoded = decode_client_message(flipped);
      if (decoded.ok()) {
        EXPECT_LE(encode(*decoded).size(), flipped.size());  // a set's items may become equal
      }
    }
  }
}

TEST(Codec, RandomBytesNeverCrash) {
  base::Random random(7);
  for (int round = 0; round < 20'000; ++round) {
    base::Bytes bytes(random.below(60));
    for (auto& byte : bytes)
      byte = static_cast<std::uint8_t>(random.below(round % 2 == 0 ? 256 : 6));
    const auto from_client = decode_client_message(bytes);
    if (from_client.ok()) {
      EXPECT_FALSE(encode(*from_client).empty());
    }
    const auto from_server = decode_server_message(bytes);
    if (from_server.ok()) {
      EXPECT_FALSE(encode(*from_server).empty());
    }
  }
}

TEST(Codec, ACountAboveTheRestIsRefusedBeforeAnythingIsAllocated) {
  // Push with 2^32 - 1 mutations in five bytes.
  const base::Bytes frame = {4, 0xff, 0xff, 0xff, 0xff};
  const auto decoded = decode_client_message(frame);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code, Code::malformed);
}

TEST(Codec, PredicatesNestOnlySoDeep) {
  query::Query deep = samples::query();
  for (std::size_t i = 0; i < kNestingMax - 6; ++i) deep.where = query::negate(deep.where);
  EXPECT_TRUE(decode_query(encode_query(deep)).ok());
  for (std::size_t i = 0; i < 8; ++i) deep.where = query::negate(deep.where);
  const auto decoded = decode_query(encode_query(deep));
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code, Code::malformed);
}

TEST(Codec, IncludesNestOnlySoDeep) {
  const auto nested = [](std::size_t depth) {
    query::Query query = samples::query();
    query.where = query::always();
    query.includes.clear();
    for (std::size_t i = 0; i < depth; ++i) {
      query::Include include;
      include.includes = std::move(query.includes);
      query.includes = {include};
    }
    return encode_query(query);
  };
  EXPECT_TRUE(decode_query(nested(kNestingMax - 2)).ok());
  EXPECT_EQ(decode_query(nested(kNestingMax + 1)).error().code, Code::malformed);
}

TEST(Codec, NumbersOutsideAnEnumerationAreMalformed) {
  query::Query q;
  base::Bytes bytes = encode_query(q);
  bytes[2] = 7;  // Predicate::Kind, after the collection
  EXPECT_FALSE(decode_query(bytes).ok());
  base::Bytes frame = encode(ServerMessage(Failure{{Code::internal, ""}}));
  base::store_le<std::uint16_t>(frame.data() + 1,
                                static_cast<std::uint16_t>(Code::method_not_allowed) + 1);
  EXPECT_FALSE(decode_server_message(frame).ok());
  EXPECT_FALSE(decode_server_message(base::Bytes{200}).ok());
}

TEST(Codec, TextMustBeUtf8AndBooleansBits) {
  const base::Bytes bad_text = {1, 2, 0, 0, 0, 0xc3, 0x28};  // Reauthenticate
  EXPECT_FALSE(decode_client_message(bad_text).ok());
  base::Bytes bytes = encode_segment_body({{}, {}, {{true, {}}}});
  bytes[12] = 2;  // Group::removed, after three counts
  EXPECT_FALSE(decode_segment_body(bytes).ok());
}

TEST(Codec, FramesAboveTheirLimitAreRefused) {
  const base::Bytes huge(kClientFrameBytesMax + 1, 0);
  EXPECT_EQ(decode_client_message(huge).error().code, Code::too_large);
  Push push;
  push.mutations.resize(kMutationsPerFrameMax);
  EXPECT_TRUE(decode_client_message(encode(ClientMessage(push))).ok());
  push.mutations.emplace_back();
  EXPECT_EQ(decode_client_message(encode(ClientMessage(push))).error().code, Code::too_large);
}

TEST(Codec, APokeInPiecesIsTheSameFrame) {
  const Poke poke = samples::poke();
  std::vector<SharedSegment> shared;
  for (const Segment& segment : poke.segments) {
    shared.push_back({segment.query_id, segment.kind, segment.kept,
                      std::make_shared<const base::Bytes>(segment.body)});
  }
  const auto pieces = encode_poke(poke.version, poke.verdicts, shared);
  base::Bytes whole;
  for (const Piece& piece : pieces) whole.insert(whole.end(), piece->begin(), piece->end());
  EXPECT_EQ(whole, encode(ServerMessage(poke)));
  EXPECT_EQ(pieces[1], shared[0].body) << "the body is shared, not copied";

  base::Bytes empty;
  for (const Piece& piece : encode_poke(3, {}, {}))
    empty.insert(empty.end(), piece->begin(), piece->end());
  EXPECT_EQ(empty, encode(ServerMessage(Poke{3, {}, {}})));
}

// The tripwire: when this fails, the layout of the wire has changed. Raise kProtocolVersion, note it in version.hpp's ledger,
// and put the new pair here.
TEST(WireLayout, BelongsToThisProtocolVersion) {
  base::Bytes all;
  const auto append = [&all](const base::Bytes& bytes) {
    all.insert(all.end(), bytes.begin(), bytes.end());
  };
  for (const ClientMessage& message : samples::client_messages()) append(encode(message));
  for (const ServerMessage& message : samples::server_messages()) append(encode(message));
  append(encode(samples::poll_request()));
  append(encode(samples::poll_answer()));
  EXPECT_EQ(kProtocolVersion, 4u);
  EXPECT_EQ(all.size(), 2'679u);
  EXPECT_EQ(base::hash_bytes(all), 9'788'726'449'247'716'790u);
}

TEST(WireLayout, IsAsTheProseSays) {
  const base::Bytes ping = encode(ClientMessage(Ping{0x0102}));
  EXPECT_EQ(ping, (base::Bytes{5, 2, 1, 0, 0, 0, 0, 0, 0}));
  const base::Bytes failure = encode(ServerMessage(Failure{{Code::malformed, "no"}}));
  EXPECT_EQ(failure, (base::Bytes{4, 1, 0, 2, 0, 0, 0, 'n', 'o', 0, 0, 0, 0}));
}

}  // namespace
}  // namespace syncline::protocol
