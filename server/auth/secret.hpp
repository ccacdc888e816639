// Small cryptographic tools over libsodium: random bytes, keyed MACs with a purpose, base64url. Keys never leave this module
// as text. Thread rule: free functions are thread-safe after prepare_crypto().
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "syncline/base/bytes.hpp"
#include "syncline/base/id.hpp"

namespace syncline::server::auth {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kMacSize = 32;
using Key = std::array<std::uint8_t, kKeySize>;
using Mac = std::array<std::uint8_t, kMacSize>;

// Initialises libsodium; may be called often, from any thread. Every class of this module calls it.
void prepare_crypto();

[[nodiscard]] Key random_key();
[[nodiscard]] std::uint64_t random_word();
// A UUIDv7 with random bits, for sessions.
[[nodiscard]] base::Id random_id(base::Timestamp now);

// HMAC-SHA-256.
[[nodiscard]] Mac mac(const Key& key, base::ByteView message);
// One key per purpose, so that a MAC made for one thing is worthless for another.
[[nodiscard]] Key derive_key(const Key& key, std::string_view purpose);
// In constant time.
[[nodiscard]] bool equal(base::ByteView a, base::ByteView b);

// URL-safe alphabet, no padding.
[[nodiscard]] std::string to_base64url(base::ByteView bytes);
// nullopt for anything that to_base64url() does not produce.
[[nodiscard]] std::optional<base::Bytes> from_base64url(std::string_view text);

}  // namespace syncline::server::auth
