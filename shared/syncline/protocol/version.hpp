// The protocol's ledger. Numbers are never reused. A test hashes the wire layout, so that a change without a new version fails.
//
//  1  2026-11  first version: Hello, Subscribe, Push, Poke with shared segments
//  2  2026-11  Predicate: exists; Include: rows that name the row, nested; OrderTerm: nulls; Aggregate: keys, periods, trend
#pragma once

#include <cstdint>

namespace syncline::protocol {

inline constexpr std::uint32_t kProtocolVersion = 2;
// The server also speaks the version before (SEMANTICS 33); 1 was never released.
inline constexpr std::uint32_t kProtocolVersionMin = 2;
inline constexpr char kSubprotocol[] = "syncline.sync.v1";
inline constexpr char kJsonSubprotocol[] = "syncline.sync.v1+json";  // the same as JSON, for debugging

}  // namespace syncline::protocol
