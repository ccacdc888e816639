#include "server/auth/secret.hpp"

#include <algorithm>

#include <sodium.h>

#include "syncline/base/check.hpp"

namespace syncline::server::auth {

void prepare_crypto() { SYNC_CHECK(sodium_init() >= 0, "libsodium cannot start"); }

Key random_key() {
  Key key;
  randombytes_buf(key.data(), key.size());
  return key;
}

std::uint64_t random_word() {
  std::uint64_t word = 0;
  randombytes_buf(&word, sizeof word);
  return word;
}

base::Id random_id(base::Timestamp now) {
  return base::make_id_v7(now, random_word(), random_word());
}

Mac mac(const Key& key, base::ByteView message) {
  static_assert(crypto_auth_hmacsha256_BYTES == kMacSize);
  static_assert(crypto_auth_hmacsha256_KEYBYTES == kKeySize);
  Mac result;
  crypto_auth_hmacsha256(result.data(), message.data(), message.size(), key.data());
  return result;
}

Key derive_key(const Key& key, std::string_view purpose) {
  return mac(key, base::as_bytes(purpose));
}

bool equal(base::ByteView a, base::ByteView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_base64url(base::ByteView bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // libsodium writes a terminating zero
  return text;
}

std::optional<base::Bytes> from_base64url(std::string_view text) {
  base::Bytes bytes(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed =
      sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, &end,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (failed != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

}  // namespace syncline::server::auth
