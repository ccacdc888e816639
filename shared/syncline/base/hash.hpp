// Hashes for tables and identities. Not cryptographic: never use for secrets.
#pragma once

#include <cstdint>

#include "syncline/base/bytes.hpp"

namespace syncline::base {

// SplitMix64 finaliser: a bijection on 64 bits with good avalanche.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// Stable across builds and machines (query hashes travel and are persisted).
[[nodiscard]] std::uint64_t hash_bytes(ByteView bytes, std::uint64_t seed = 0);

[[nodiscard]] constexpr std::uint64_t hash_name(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return mix64(h);
}

}  // namespace syncline::base
