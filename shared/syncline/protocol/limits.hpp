// Limits on everything that comes from outside, in one place (ARCHITECTURE 16).
#pragma once

#include <cstddef>
#include <cstdint>

namespace syncline::protocol {

inline constexpr std::size_t kClientFrameBytesMax = 1u << 20;   // a frame towards the server
inline constexpr std::size_t kServerFrameBytesMax = 64u << 20;  // a frame towards the browser
inline constexpr std::size_t kMutationsPerFrameMax = 500;
// A client sends no more before it has heard of these. It can name none again that is further behind, so the server need not
// remember older verdicts.
inline constexpr std::size_t kMutationsUnjudgedMax = 1'000;
inline constexpr std::size_t kSubscriptionsPerSessionMax = 1'000;
inline constexpr std::size_t kNestingMax = 32;  // of predicates while decoding
inline constexpr std::int64_t kAuthenticateWithinMs = 5'000;
inline constexpr std::int64_t kHeartbeatEveryMs = 30'000;
inline constexpr std::int64_t kHeartbeatAnswerWithinMs = 10'000;

}  // namespace syncline::protocol
