# Warnings for our own code. `syncline_warnings` is linked by every target made with syncline_library() and friends.
add_library(syncline_warnings INTERFACE)
target_compile_options(syncline_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Wextra-semi -Werror
  # size_t <-> ptrdiff_t in every iterator expression: casts there hide more than they show.
  -Wno-sign-conversion
  # Designated initialisers leave members at their defaults on purpose.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12 in inlined std::string and std::variant code: the rarer ones are shown, but no error.
  target_compile_options(syncline_warnings INTERFACE
    -Wno-restrict -Wno-maybe-uninitialized -Wno-error=stringop-overflow
    -Wno-error=stringop-overread -Wno-error=array-bounds -Wno-error=free-nonheap-object)
endif()

# Linked after it by what lies in tests/: there random 64-bit numbers pick array elements, which on a
# 32-bit target is a narrowing, and a record is assigned to itself to see that it survives.
add_library(syncline_test_warnings INTERFACE)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(syncline_test_warnings INTERFACE
    -Wno-shorten-64-to-32 -Wno-self-assign-overloaded)
endif()
