#include "syncline/base/hash.hpp"

namespace syncline::base {

std::uint64_t hash_bytes(ByteView bytes, std::uint64_t seed) {
  std::uint64_t h = mix64(seed ^ bytes.size());
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) h = mix64(h ^ load_le<std::uint64_t>(p));
  std::uint64_t tail = 0;
  for (std::size_t i = 0; i < left; ++i) tail |= static_cast<std::uint64_t>(p[i]) << (8 * i);
  return mix64(h ^ tail);
}

}  // namespace syncline::base
