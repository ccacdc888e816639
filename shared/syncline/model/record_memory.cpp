#include "syncline/model/record_memory.hpp"

#include <array>
#include <cstdint>
#include <new>

namespace syncline::model {

#ifdef __EMSCRIPTEN__

namespace {

constexpr std::size_t kGrain = 8;
constexpr std::size_t kSizeMax = 1'024;  // what is longer has a place of its own
// With the allocator's own header not above a page.
constexpr std::size_t kSlabSize = std::size_t{64} * 1024 - 16;

struct Hole {
  Hole* next;
};

std::array<Hole*, kSizeMax / kGrain + 1> holes;
std::uint8_t* room = nullptr;  // of the newest slab, what has not been taken yet
std::size_t room_size = 0;

void add_hole(void* memory, std::size_t size) {
  holes[size / kGrain] = new (memory) Hole{holes[size / kGrain]};
}

void begin_slab() {
  while (room_size >= kGrain) {
    const std::size_t size = room_size < kSizeMax ? room_size : kSizeMax;
    add_hole(room, size);
    room += size;
    room_size -= size;
  }
  room = static_cast<std::uint8_t*>(::operator new(kSlabSize));
  room_size = kSlabSize;
}

}  // namespace

void* take_record_memory(std::size_t size) {
  if (size > kSizeMax) return ::operator new(size);
  if (Hole* hole = holes[size / kGrain]; hole != nullptr) {
    holes[size / kGrain] = hole->next;
    return hole;
  }
  if (room_size < size) begin_slab();
  std::uint8_t* taken = room;
  room += size;
  room_size -= size;
  return taken;
}

void give_record_memory(void* memory, std::size_t size) noexcept {
  if (size > kSizeMax) return ::operator delete(memory);
  add_hole(memory, size);
}

#else

void* take_record_memory(std::size_t size) { return ::operator new(size); }
void give_record_memory(void* memory, std::size_t) noexcept { ::operator delete(memory); }

#endif

}  // namespace syncline::model
