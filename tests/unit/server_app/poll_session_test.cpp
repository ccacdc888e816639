// One polled connection: whatever is lost, cut or repeated on the way, each frame comes once and in order.
#include "server/app/poll_session.hpp"

#include <gtest/gtest.h>

#include "syncline/base/random.hpp"

namespace syncline::server::app {
namespace {

using protocol::PollAnswer;
using protocol::PollRequest;

constexpr std::size_t kQueuedMax = 1u << 24;

std::vector<net::Piece> pieces_of(const base::Bytes& frame) {
  // In two pieces, as a poke has.
  const auto middle = frame.begin() + static_cast<std::ptrdiff_t>(frame.size() / 2);
  return {std::make_shared<const base::Bytes>(frame.begin(), middle),
          std::make_shared<const base::Bytes>(middle, frame.end())};
}

base::Bytes frame_of(std::uint64_t number) {
  base::Bytes frame(8 + number % 5);
  base::store_le(frame.data(), number);
  return frame;
}

PollAnswer read(const std::string& body) {
  const auto answer = protocol::decode_poll_answer(base::as_bytes(body));
  EXPECT_TRUE(answer.ok());
  return answer.ok() ? *answer : PollAnswer();
}

PollRequest request(std::uint64_t received, std::uint64_t first, std::vector<base::Bytes> frames) {
  PollRequest made;
  made.received = received;
  made.first = first;
  made.frames = std::move(frames);
  return made;
}

TEST(PollSession, SaysWhatWasPushedUntilItIsAcknowledged) {
  PollSession session(kQueuedMax);
  EXPECT_FALSE(session.has_news());
  ASSERT_TRUE(session.push(pieces_of(frame_of(1))));
  ASSERT_TRUE(session.push(pieces_of(frame_of(2))));
  const PollAnswer both{0, false, 1, {frame_of(1), frame_of(2)}};
  EXPECT_EQ(read(session.answer()), both);
  EXPECT_EQ(read(session.answer()), both);
  PollRequest acknowledges = request(1, 1, {});
  const auto taken = session.take(acknowledges);
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(taken->acknowledged, frame_of(1).size());
  EXPECT_EQ(read(session.answer()), (PollAnswer{0, false, 2, {frame_of(2)}}));
}

TEST(PollSession, TakesAFrameOnceHoweverOftenItComes) {
  PollSession session(kQueuedMax);
  PollRequest first = request(0, 1, {frame_of(1), frame_of(2)});
  EXPECT_EQ(session.take(first)->frames.size(), 2u);
  PollRequest again = request(0, 1, {frame_of(1), frame_of(2), frame_of(3)});
  EXPECT_EQ(session.take(again)->frames, std::vector<base::Bytes>{frame_of(3)});
  PollRequest late = request(0, 1, {frame_of(1)});
  EXPECT_TRUE(session.take(late)->frames.empty());
  EXPECT_EQ(read(session.empty_answer()).received, 3u);
}

TEST(PollSession, RefusesWhatCannotBe) {
  PollSession session(kQueuedMax);
  PollRequest gap = request(0, 2, {frame_of(2)});
  EXPECT_EQ(session.take(gap).error().code, base::Code::malformed);
  PollRequest before = request(0, 0, {frame_of(1)});
  EXPECT_EQ(session.take(before).error().code, base::Code::malformed);
  PollRequest unsent = request(1, 1, {});
  EXPECT_EQ(session.take(unsent).error().code, base::Code::malformed);
  PollRequest good = request(0, 1, {frame_of(1)});
  EXPECT_EQ(session.take(good)->frames.size(), 1u);
}

// An acknowledgement that was overtaken by a later one says nothing new.
TEST(PollSession, AnAcknowledgementNeverGoesBack) {
  PollSession session(kQueuedMax);
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(session.push(pieces_of(frame_of(i))));
  PollRequest later = request(2, 1, {});
  ASSERT_TRUE(session.take(later).ok());
  PollRequest earlier = request(1, 1, {});
  ASSERT_TRUE(session.take(earlier).ok());
  EXPECT_EQ(read(session.answer()).first, 3u);
}

TEST(PollSession, ALargeBacklogGoesInSeveralAnswersAndTheEndInTheLast) {
  PollSession session(kQueuedMax);
  const base::Bytes large(600u << 10, 7);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(session.push(pieces_of(large)));
  session.end();
  for (std::uint64_t i = 0; i < 3; ++i) {
    const PollAnswer answer = read(session.answer());
    EXPECT_EQ(answer.first, i + 1);
    EXPECT_EQ(answer.frames, std::vector<base::Bytes>{large});
    EXPECT_EQ(answer.ended, i == 2);
    PollRequest acknowledges = request(i + 1, 1, {});
    ASSERT_TRUE(session.take(acknowledges).ok());
  }
  EXPECT_TRUE(session.has_news());
  EXPECT_TRUE(read(session.answer()).ended);
}

TEST(PollSession, IsGivenUpWhereNobodyReads) {
  PollSession session(100);
  EXPECT_TRUE(session.push(pieces_of(base::Bytes(1'000, 1))));  // one frame may be of any size
  EXPECT_FALSE(session.push(pieces_of(frame_of(2))));
}

// A browser as PROTOCOL.md describes it, over a network that loses, delays and repeats requests and answers.
TEST(PollSession, NothingIsLostOrDoubledOverABadNetwork) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    base::Random random(seed);
    PollSession session(kQueuedMax);
    std::vector<base::Bytes> up, down, unacknowledged;
    std::uint64_t first = 1, received = 0, pushed = 0, sent = 0;
    std::vector<PollRequest> requests;
    std::vector<PollAnswer> answers;
    const auto step = [&](bool healthy) {
      if (!healthy && random.below(2) == 0) unacknowledged.push_back(frame_of(++sent));
      if (!healthy && random.below(2) == 0) {
        ASSERT_TRUE(session.push(pieces_of(frame_of(++pushed))));
      }
      requests.push_back(request(received, first, unacknowledged));
      const std::size_t at = random.below(requests.size());
      PollRequest arriving = requests[at];
      if (healthy || random.below(3) > 0)
        requests.erase(requests.begin() + static_cast<std::ptrdiff_t>(at));
      const auto taken = session.take(arriving);
      ASSERT_TRUE(taken.ok()) << taken.error().message;
      up.insert(up.end(), taken->frames.begin(), taken->frames.end());
      answers.push_back(read(session.answer()));
      if (!healthy && random.below(3) == 0) return;  // it is late
      const std::size_t from = random.below(answers.size());
      const PollAnswer answer = answers[from];
      if (healthy || random.below(3) > 0)
        answers.erase(answers.begin() + static_cast<std::ptrdiff_t>(from));
      while (first <= answer.received) {
        unacknowledged.erase(unacknowledged.begin());
        ++first;
      }
      ASSERT_LE(answer.first, received + 1);
      for (std::uint64_t i = received + 1 - answer.first; i < answer.frames.size(); ++i) {
        down.push_back(answer.frames[i]);
        ++received;
      }
    };
    for (int i = 0; i < 60; ++i) step(false);
    requests.clear();
    answers.clear();
    for (int i = 0; i < 3; ++i) step(true);
    ASSERT_EQ(up.size(), sent) << "seed " << seed;
    ASSERT_EQ(down.size(), pushed) << "seed " << seed;
    for (std::uint64_t i = 0; i < sent; ++i) ASSERT_EQ(up[i], frame_of(i + 1));
    for (std::uint64_t i = 0; i < pushed; ++i) ASSERT_EQ(down[i], frame_of(i + 1));
  }
}

}  // namespace
}  // namespace syncline::server::app
