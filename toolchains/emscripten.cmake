# Debian's Emscripten, with what this project always needs on top of it.
# Both flags are also passed when linking; without -fwasm-exceptions a try/catch silently does nothing.
set(CMAKE_C_FLAGS_INIT "-fwasm-exceptions")
set(CMAKE_CXX_FLAGS_INIT "-fwasm-exceptions")
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
# Node's own fetch breaks the loading of local .wasm files by Emscripten 3.1.6.
set(CMAKE_CROSSCOMPILING_EMULATOR "node;--no-experimental-fetch" CACHE STRING "runs test binaries" FORCE)
