#include "syncline/base/id.hpp"

namespace syncline::base {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool dash_follows(std::size_t byte) { return byte == 3 || byte == 5 || byte == 7 || byte == 9; }

void set_version(Id& id, std::uint8_t version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | (version << 4));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
}

}  // namespace

std::string to_string(const Id& id) {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < 16; ++i) {
    text.push_back(kHex[id.bytes[i] >> 4]);
    text.push_back(kHex[id.bytes[i] & 15]);
    if (dash_follows(i)) text.push_back('-');
  }
  return text;
}

std::optional<Id> parse_id(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Id id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
    if (dash_follows(i) && text[at++] != '-') return std::nullopt;
  }
  return id;
}

Id make_id_v7(Timestamp at, std::uint64_t entropy_high, std::uint64_t entropy_low) {
  Id id;
  const auto ms = static_cast<std::uint64_t>(at.ms);
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  store_le(id.bytes.data() + 8, entropy_low);
  id.bytes[6] = static_cast<std::uint8_t>(entropy_high);
  id.bytes[7] = static_cast<std::uint8_t>(entropy_high >> 8);
  set_version(id, 7);
  return id;
}

Timestamp time_of(const Id& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
  return {ms};
}

Id make_id_from_key(std::string_view name_space, ByteView key) {
  const std::uint64_t seed = hash_name(name_space);
  Id id;
  store_le(id.bytes.data(), hash_bytes(key, seed));
  store_le(id.bytes.data() + 8, hash_bytes(key, mix64(seed)));
  set_version(id, 8);
  return id;
}

}  // namespace syncline::base
