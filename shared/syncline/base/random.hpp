// Seeded random numbers (xoshiro256**, Blackman and Vigna 2018). The seed comes from the host; in tests it is fixed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "syncline/base/hash.hpp"

namespace syncline::base {

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (auto& word : state_) word = seed = mix64(seed);
  }
  std::uint64_t next() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }
  // Uniform enough in [0, bound). REQUIRES: bound > 0
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  // below(), for containers: std::size_t has 32 bits in WebAssembly.
  std::size_t index(std::size_t bound) { return static_cast<std::size_t>(below(bound)); }
  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * (1.0 / 9007199254740992.0); }

 private:
  static std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  std::uint64_t state_[4];
};

}  // namespace syncline::base
