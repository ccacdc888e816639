// Id: 16 bytes, a UUID. Record ids, client ids, session ids. Ordered by bytes (UUIDv7 therefore by creation time).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "syncline/base/bytes.hpp"
#include "syncline/base/hash.hpp"
#include "syncline/base/time.hpp"

namespace syncline::base {

struct Id {
  std::array<std::uint8_t, 16> bytes{};

  [[nodiscard]] bool is_nil() const { return *this == Id{}; }
  friend bool operator==(const Id& a, const Id& b) { return a.bytes == b.bytes; }
  friend bool operator<(const Id& a, const Id& b) { return compare(a, b) < 0; }
  // < 0, 0, > 0, by unsigned bytes.
  [[nodiscard]] static int compare(const Id& a, const Id& b) {
    return std::memcmp(a.bytes.data(), b.bytes.data(), 16);
  }
  template <class Archive>
  void serialize(Archive& ar) {
    for (auto& b : bytes) ar(b);
  }
};

// "018f3e2a-…", lower case, 36 characters.
[[nodiscard]] std::string to_string(const Id& id);
// Accepts upper and lower case; anything but 36 characters with dashes in place gives nullopt.
[[nodiscard]] std::optional<Id> parse_id(std::string_view text);
// Whether it says of itself that it is a UUIDv7 (RFC 9562: version 7, variant 10).
[[nodiscard]] inline bool is_id_v7(const Id& id) {
  return (id.bytes[6] >> 4) == 7 && (id.bytes[8] >> 6) == 2;
}
// A UUIDv7 of `at` and 74 bits taken from `entropy` (two 64-bit words).
[[nodiscard]] Id make_id_v7(Timestamp at, std::uint64_t entropy_high, std::uint64_t entropy_low);
// Its `at`. REQUIRES: is_id_v7().
[[nodiscard]] Timestamp time_of(const Id& id);
// A UUIDv8 derived from a natural key (SEMANTICS 6).
[[nodiscard]] Id make_id_from_key(std::string_view name_space, ByteView key);
[[nodiscard]] inline Id id_from_bytes(const std::uint8_t* sixteen_bytes) {
  Id id;
  std::memcpy(id.bytes.data(), sixteen_bytes, id.bytes.size());
  return id;
}
[[nodiscard]] inline std::uint64_t hash(const Id& id) {
  return mix64(load_le<std::uint64_t>(id.bytes.data()) ^
               mix64(load_le<std::uint64_t>(id.bytes.data() + 8)));
}

struct IdHash {
  std::size_t operator()(const Id& id) const { return static_cast<std::size_t>(hash(id)); }
};

}  // namespace syncline::base
