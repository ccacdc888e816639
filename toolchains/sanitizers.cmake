# SYNCLINE_SANITIZE is a list for -fsanitize= ("address,undefined", "thread"); set by the presets.
set(SYNCLINE_SANITIZE "" CACHE STRING "sanitizers for every target, as -fsanitize= takes them")
if(SYNCLINE_SANITIZE)
  add_compile_options(-fsanitize=${SYNCLINE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SYNCLINE_SANITIZE})
  if(SYNCLINE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # std::atomic_thread_fence inside Boost.Asio
  endif()
endif()

# Coverage counters for libFuzzer in every target; syncline_fuzz() links the fuzzer's main.
option(SYNCLINE_FUZZ "build the libFuzzer targets (needs clang)" OFF)
if(SYNCLINE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
