// Where the module's memory comes from, instead of the C library's sbrk(): it grows in steps of a sixty-fourth. The library would
// ask for every page by itself, and each time the host makes a new ArrayBuffer of the whole memory, whose size it counts
// towards its next garbage collection.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace {

constexpr std::size_t kPage = 65'536;
constexpr std::size_t kStepMin = 8;  // pages

}  // namespace

extern "C" {

extern std::uint8_t __heap_base;  // the linker's: the first byte behind data and stack
__attribute__((import_module("env"), import_name("emscripten_notify_memory_growth"))) void
emscripten_notify_memory_growth(std::size_t memory);

std::uintptr_t* emscripten_get_sbrk_ptr() {
  static auto end = reinterpret_cast<std::uintptr_t>(&__heap_base);
  return &end;
}

void* sbrk(std::intptr_t increment) {
  std::uintptr_t& end = *emscripten_get_sbrk_ptr();
  const std::uintptr_t before = end;
  const std::uintptr_t after =
      before + ((static_cast<std::uintptr_t>(increment) + 3) & ~std::uintptr_t{3});
  if (increment > 0 && after <= before) return reinterpret_cast<void*>(-1);
  const std::size_t pages = __builtin_wasm_memory_size(0);
  const std::size_t wanted = (after + kPage - 1) / kPage;
  if (wanted > pages) {
    const std::size_t least = wanted - pages;
    constexpr auto kRefused = static_cast<std::size_t>(-1);
    if (__builtin_wasm_memory_grow(0, std::max({least, pages / 64, kStepMin})) == kRefused &&
        __builtin_wasm_memory_grow(0, least) == kRefused) {
      errno = ENOMEM;
      return reinterpret_cast<void*>(-1);
    }
    emscripten_notify_memory_growth(0);
  }
  end = after;
  return reinterpret_cast<void*>(before);
}

int brk(void* to) {
  const auto end = static_cast<std::intptr_t>(*emscripten_get_sbrk_ptr());
  return sbrk(reinterpret_cast<std::intptr_t>(to) - end) == reinterpret_cast<void*>(-1) ? -1 : 0;
}

}  // extern "C"
