// The protocol's ledger. Numbers are never reused. A test hashes the wire layout, so that a change without a new version fails.
//
//  1  2026-11  first version: Hello, Subscribe, Push, Poke with shared segments
#pragma once

#include <cstdint>

namespace syncline::protocol {

inline constexpr std::uint32_t kProtocolVersion = 1;
inline constexpr std::uint32_t kProtocolVersionMin = 1;  // the server also speaks the version before (SEMANTICS 33)
inline constexpr char kSubprotocol[] = "syncline.sync.v1";
inline constexpr char kJsonSubprotocol[] = "syncline.sync.v1+json";  // the same as JSON, for debugging

}  // namespace syncline::protocol
