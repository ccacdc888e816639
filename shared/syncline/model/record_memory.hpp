// Where the bytes of records lie. In the browser there is one thread and a record per row: they stand side by side in slabs, without
// a header for each and without a search for a hole. What is let go of is taken by the next record of that size, and by nothing
// else. Natively records are let go of by other threads than made them, and operator new is the better of the two.
#pragma once

#include <cstddef>

namespace syncline::model {

// REQUIRES: size is a multiple of 8. Throws std::bad_alloc.
[[nodiscard]] void* take_record_memory(std::size_t size);
// REQUIRES: as it was taken.
void give_record_memory(void* memory, std::size_t size) noexcept;

}  // namespace syncline::model
