#include "syncline/protocol/poll.hpp"

#include <gtest/gtest.h>

#include "samples.hpp"

namespace syncline::protocol {
namespace {

TEST(Poll, RequestAndAnswerComeBackEqual) {
  EXPECT_EQ(*decode_poll_request(encode(samples::poll_request())), samples::poll_request());
  EXPECT_EQ(*decode_poll_answer(encode(samples::poll_answer())), samples::poll_answer());
}

TEST(Poll, EveryTruncationAndEveryByteMoreIsMalformed) {
  const base::Bytes request = encode(samples::poll_request());
  for (std::size_t size = 0; size < request.size(); ++size)
    EXPECT_FALSE(decode_poll_request(base::ByteView(request).first(size)).ok()) << size;
  const base::Bytes answer = encode(samples::poll_answer());
  for (std::size_t size = 0; size < answer.size(); ++size)
    EXPECT_FALSE(decode_poll_answer(base::ByteView(answer).first(size)).ok()) << size;
  base::Bytes more = request;
  more.push_back(0);
  EXPECT_EQ(decode_poll_request(more).error().code, base::Code::malformed);
}

TEST(Poll, ACountAboveTheRestIsRefusedBeforeAnythingIsAllocated) {
  base::Bytes bytes = encode(PollAnswer{});
  for (std::size_t at = bytes.size() - 4; at < bytes.size(); ++at) bytes[at] = 0xff;
  EXPECT_EQ(decode_poll_answer(bytes).error().code, base::Code::malformed);
}

TEST(Poll, IsAsTheProseSays) {
  PollRequest request;
  request.session = samples::id(7);
  request.received = 2;
  request.ended = true;
  request.wait_ms = 3;
  request.first = 4;
  request.frames = {{5, 6}};
  base::Bytes expected(16, 7);
  const base::Bytes rest = {2, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 4, 0, 0,
                            0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 5, 6};
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(encode(request), expected);
  EXPECT_EQ(encode(PollAnswer{2, true, 4, {{5, 6}}}),
            (base::Bytes{2, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0,
                         0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 5, 6}));
}

}  // namespace
}  // namespace syncline::protocol
