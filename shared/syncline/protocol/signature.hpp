// A result as one number: both sides make it of the rows that they believe the browser holds of a query, and compare.
#pragma once

#include "syncline/base/hash.hpp"
#include "syncline/protocol/message.hpp"

namespace syncline::protocol {

// Of one row; a result's signature is the XOR over its rows, so that a change costs the rows that it changed.
[[nodiscard]] inline std::uint64_t signature_of(model::CollectionId collection, const base::Id& id,
                                                Version version) {
  return base::mix64(base::hash(id) ^ base::mix64(version + (std::uint64_t{collection} << 48)));
}

}  // namespace syncline::protocol
