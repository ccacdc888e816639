#include "syncline/protocol/poke_reader.hpp"

#include <gtest/gtest.h>

#include "samples.hpp"
#include "syncline/protocol/codec.hpp"
#include "tests/support/test_schema.hpp"

namespace syncline::tests {
namespace {

using protocol::Poke;
using protocol::PokeReader;
using protocol::ReadPoke;
using protocol::Segment;
using protocol::SegmentBody;

Poke sample() {
  Poke poke = protocol::samples::poke();
  poke.segments.clear();
  for (std::uint32_t query = 1; query <= 3; ++query) {
    SegmentBody body;
    for (std::uint32_t i = 0; i < query * 2; ++i) {
      const model::Record row = make_item(i, {{kScore, static_cast<int>(i)}, {kTitle, "Zoë"}});
      body.puts.emplace_back(row.bytes().begin(), row.bytes().end());
    }
    if (query == 2) body.removals = {{kItems, test_id(7)}};
    if (query == 3) {
      SegmentBody::Group& group = body.groups.emplace_back();
      group.row.key = {model::Value(1)};
      group.row.rows = 2;
      group.row.values = {model::Value(3)};
    }
    Segment segment;
    segment.query_id = query;
    segment.kind = query == 1 ? Segment::Kind::snapshot : Segment::Kind::delta;
    if (query == 1) segment.kept = {{kItems, test_id(1), 5}};
    segment.body = protocol::encode_segment_body(body);
    poke.segments.push_back(segment);
  }
  return poke;
}

void expect_equal(const ReadPoke& read, const Poke& poke) {
  EXPECT_EQ(read.version, poke.version);
  EXPECT_TRUE(read.verdicts == poke.verdicts);
  ASSERT_EQ(read.segments.size(), poke.segments.size());
  for (std::size_t i = 0; i < poke.segments.size(); ++i) {
    const auto body = protocol::decode_segment_body(poke.segments[i].body);
    ASSERT_TRUE(body.ok());
    EXPECT_EQ(read.segments[i].query_id, poke.segments[i].query_id);
    EXPECT_EQ(read.segments[i].kind, poke.segments[i].kind);
    EXPECT_TRUE(read.segments[i].kept == poke.segments[i].kept);
    EXPECT_TRUE(read.segments[i].removals == body->removals);
    EXPECT_TRUE(read.segments[i].groups == body->groups);
    ASSERT_EQ(read.segments[i].rows.size(), body->puts.size());
    for (std::size_t row = 0; row < body->puts.size(); ++row) {
      const base::ByteView bytes = read.segments[i].rows[row].bytes();
      EXPECT_EQ(base::Bytes(bytes.begin(), bytes.end()), body->puts[row]);
    }
  }
}

base::Bytes frame_of(const Poke& poke) { return protocol::encode(protocol::ServerMessage(poke)); }

TEST(PokeReader, ReadsAFrameAsAWholeAndInPartsOfAnySize) {
  const Poke poke = sample();
  const base::Bytes frame = frame_of(poke);
  ASSERT_TRUE(protocol::is_poke(frame));
  for (std::size_t part = 1; part <= frame.size(); part += part < 40 ? 1 : 17) {
    PokeReader reader(test_schema());
    base::ByteView left(frame);
    while (left.size() > part) {
      ASSERT_TRUE(reader.read(left.first(part)).ok()) << "parts of " << part;
      left = left.subspan(part);
    }
    const auto read = reader.finish(left);
    ASSERT_TRUE(read.ok()) << "parts of " << part;
    expect_equal(*read, poke);
  }
}

TEST(PokeReader, RefusesAFrameThatIsCutOrTooLongWhereverItIs) {
  const base::Bytes frame = frame_of(sample());
  for (std::size_t size = 1; size < frame.size(); ++size) {
    PokeReader whole(test_schema());
    EXPECT_FALSE(whole.finish(base::ByteView(frame).first(size)).ok()) << size;
    PokeReader parts(test_schema());
    const std::size_t half = size / 2;
    if (parts.read(base::ByteView(frame).first(half)).ok()) {
      EXPECT_FALSE(parts.finish(base::ByteView(frame).subspan(half, size - half)).ok()) << size;
    }
  }
  base::Bytes longer = frame;
  longer.push_back(0);
  PokeReader reader(test_schema());
  EXPECT_FALSE(reader.finish(longer).ok());
}

TEST(PokeReader, RefusesRowsThatAreNone) {
  const base::Bytes frame = frame_of(sample());
  std::size_t refused = 0;
  for (std::size_t at = 1; at < frame.size(); ++at) {
    base::Bytes wrong = frame;
    wrong[at] = static_cast<std::uint8_t>(wrong[at] ^ 0xff);
    PokeReader reader(test_schema());
    refused += reader.finish(wrong).ok()
                   ? 0
                   : 1;  // and never reads beyond its bytes (the sanitizers' runs)
  }
  EXPECT_GT(refused, frame.size() / 4);
}

TEST(PokeReader, OtherFramesAreNoPokes) {
  for (const auto& message : protocol::samples::server_messages()) {
    EXPECT_EQ(protocol::is_poke(protocol::encode(message)), std::holds_alternative<Poke>(message));
  }
  EXPECT_FALSE(protocol::is_poke({}));
}

}  // namespace
}  // namespace syncline::tests
