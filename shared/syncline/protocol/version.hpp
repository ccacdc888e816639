// The protocol's ledger. Numbers are never reused. A test hashes the wire layout, so that a change without a new version fails.
//
//  1  2026-11  first version: Hello, Subscribe, Push, Poke with shared segments
//  2  2026-11  Predicate: exists; Include: rows that name the row, nested; OrderTerm: nulls; Aggregate: keys, periods, trend
//  3  2026-11  packed records: a null takes no room; numbers, ids and texts apart
//  4  2026-11  Signatures after a Pong (who speaks 3 gets none); frames by polling
#pragma once

#include <cstdint>

namespace syncline::protocol {

inline constexpr std::uint32_t kProtocolVersion = 4;
// The server also speaks the version before (SEMANTICS 33); 1 and 2 were never released.
inline constexpr std::uint32_t kProtocolVersionMin = 3;
inline constexpr std::uint32_t kSignaturesSince = 4;
inline constexpr char kSubprotocol[] = "syncline.sync.v1";
inline constexpr char kJsonSubprotocol[] =
    "syncline.sync.v1+json";  // the same as JSON, for debugging

}  // namespace syncline::protocol
