// Slot: the dense number of a row in its table. A slot is reused after its row is erased. Rows: the records by slot; the
// record of a free slot is none.
#pragma once

#include <cstdint>
#include <vector>

#include "syncline/model/record.hpp"

namespace syncline::store {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = 0xffff'ffff;
using Rows = std::vector<model::Record>;

}  // namespace syncline::store
