# How a folder declares what it builds. Every folder of the layer table is one target:
#
#   syncline_library(NAME syncline_model SOURCES value.cpp decimal.cpp DEPENDS syncline_base)
#   syncline_test(NAME unit_model SOURCES value_test.cpp DEPENDS syncline_model LABELS unit)
#   syncline_fuzz(NAME fuzz_frame SOURCES frame.cpp DEPENDS syncline_protocol)
#   syncline_executable(NAME syncline SOURCES main.cpp DEPENDS syncline_server_app)
#
# Options: HEAVY          few at a time, for units that need gigabytes (Boost.Beast)
#          NATIVE_ONLY    (tests) left out of the WebAssembly build
#          READS_TREE <files> (tests) those of SOURCES that need SYNCLINE_SOURCE_DIR, the project's folder
#          TIMEOUT <s>    (tests) default 300
# Include roots: shared/ for everybody; the project's root too for server/, wasm/ and tests/.
include_guard(GLOBAL)

set_property(GLOBAL PROPERTY JOB_POOLS heavy=1)
find_package(Threads REQUIRED)

# All test binaries of one label. The server's unit tests carry `server` beside `unit`.
foreach(label unit contract simulation integration server bench)
  add_custom_target(tests_${label})
endforeach()

# What all our targets share: language level, include roots, warnings.
function(syncline_common target visibility)
  target_compile_features(${target} ${visibility} cxx_std_20)
  set(roots "${PROJECT_SOURCE_DIR}/shared")
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  if(NOT folder MATCHES "^shared/")
    list(APPEND roots "${PROJECT_SOURCE_DIR}")
  endif()
  target_include_directories(${target} ${visibility} ${roots})
  # Compilers spend most of their time here, the tests little of theirs: only the engine, in which the tests do spend it, is
  # optimised under sanitizers; and of the WebAssembly release only what is loaded, not the tests linked with it.
  if(visibility STREQUAL "INTERFACE")
    # nothing is compiled
  elseif(SYNCLINE_SANITIZE AND NOT SYNCLINE_FUZZ AND NOT folder MATCHES "^shared/")
    # Unoptimised and checked at run time, an exhaustive switch looks to g++ as if it could be left.
    target_compile_options(${target} PRIVATE -O0 -Wno-return-type)
    if(folder MATCHES "^tests/" AND SYNCLINE_SANITIZE MATCHES "undefined")
      # The undefined behaviour looked for is the product's; its checks would be half of what the tests take to compile.
      target_compile_options(${target} PRIVATE -fno-sanitize=undefined)
    endif()
  elseif(EMSCRIPTEN AND folder MATCHES "^tests/")
    target_compile_options(${target} PRIVATE -O1)
  endif()
  if(EMSCRIPTEN)
    target_include_directories(${target} SYSTEM ${visibility} "${SYNCLINE_THIRD_PARTY_INCLUDE}")
  endif()
endfunction()

function(syncline_own_warnings target)
  target_link_libraries(${target} PRIVATE syncline_warnings)
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "^${PROJECT_SOURCE_DIR}/tests/")
    target_link_libraries(${target} PRIVATE syncline_test_warnings)
  endif()
endfunction()

function(syncline_library)
  cmake_parse_arguments(PARSE_ARGV 0 arg "HEAVY" "NAME" "SOURCES;DEPENDS")
  if(arg_SOURCES)
    add_library(${arg_NAME} STATIC ${arg_SOURCES})
    syncline_common(${arg_NAME} PUBLIC)
    target_link_libraries(${arg_NAME} PUBLIC ${arg_DEPENDS})
    syncline_own_warnings(${arg_NAME})
    if(arg_HEAVY)
      set_target_properties(${arg_NAME} PROPERTIES JOB_POOL_COMPILE heavy)
    endif()
  else()
    add_library(${arg_NAME} INTERFACE)
    syncline_common(${arg_NAME} INTERFACE)
    target_link_libraries(${arg_NAME} INTERFACE ${arg_DEPENDS})
  endif()
endfunction()

function(syncline_executable)
  cmake_parse_arguments(PARSE_ARGV 0 arg "HEAVY" "NAME" "SOURCES;DEPENDS")
  add_executable(${arg_NAME} ${arg_SOURCES})
  syncline_common(${arg_NAME} PRIVATE)
  target_link_libraries(${arg_NAME} PRIVATE ${arg_DEPENDS})
  syncline_own_warnings(${arg_NAME})
  if(arg_HEAVY)
    set_target_properties(${arg_NAME} PROPERTIES JOB_POOL_COMPILE heavy)
  endif()
endfunction()

# GoogleTest: Debian's library natively, Debian's sources in WebAssembly.
function(syncline_need_gtest)
  if(TARGET syncline_gtest)
    return()
  endif()
  if(EMSCRIPTEN)
    set(root /usr/src/googletest)
    add_library(syncline_gtest STATIC ${root}/googletest/src/gtest-all.cc
      ${root}/googlemock/src/gmock-all.cc ${root}/googlemock/src/gmock_main.cc)
    target_include_directories(syncline_gtest SYSTEM PUBLIC
      ${root}/googletest/include ${root}/googlemock/include)
    target_include_directories(syncline_gtest PRIVATE ${root}/googletest ${root}/googlemock)
    target_compile_definitions(syncline_gtest PUBLIC GTEST_HAS_PTHREAD=0)
    target_compile_features(syncline_gtest PUBLIC cxx_std_20)
  else()
    find_package(GTest REQUIRED)
    add_library(syncline_gtest INTERFACE)
    target_link_libraries(syncline_gtest INTERFACE GTest::gmock_main GTest::gmock GTest::gtest Threads::Threads)
  endif()
endfunction()

# One GoogleTest binary and one ctest entry; its cases are reported in test-results/<name>.json.
function(syncline_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "HEAVY;NATIVE_ONLY" "NAME;TIMEOUT" "SOURCES;READS_TREE;DEPENDS;LABELS")
  if(EMSCRIPTEN AND arg_NATIVE_ONLY)
    return()
  endif()
  if(NOT arg_LABELS)
    message(FATAL_ERROR "${arg_NAME}: a test needs LABELS (unit, contract, simulation, integration, ...)")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  syncline_need_gtest()
  add_executable(${arg_NAME} ${arg_SOURCES})
  syncline_common(${arg_NAME} PRIVATE)
  target_link_libraries(${arg_NAME} PRIVATE ${arg_DEPENDS} syncline_gtest)
  syncline_own_warnings(${arg_NAME})
  # What reads golden files and the like says so: named in all, the folder would keep the compiler cache from serving another.
  set_property(SOURCE ${arg_READS_TREE} APPEND PROPERTY COMPILE_DEFINITIONS SYNCLINE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(arg_HEAVY)
    set_target_properties(${arg_NAME} PROPERTIES JOB_POOL_COMPILE heavy)
  endif()
  if(arg_NAME MATCHES "^unit_server")
    list(APPEND arg_LABELS server)
    list(REMOVE_DUPLICATES arg_LABELS)
  endif()
  foreach(label IN LISTS arg_LABELS)
    add_dependencies(tests_${label} ${arg_NAME})
  endforeach()
  if(EMSCRIPTEN)
    # -O1, last: what is linked for release is optimised once more as a whole, 7 times as long as all the rest of linking.
    target_link_options(${arg_NAME} PRIVATE -O1 -sALLOW_MEMORY_GROWTH=1 -sEXIT_RUNTIME=1
      -sENVIRONMENT=node -sNODERAWFS=1 -sASSERTIONS=1 --profiling-funcs)
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME}
    "--gtest_output=json:${PROJECT_BINARY_DIR}/test-results/${arg_NAME}.json")
  set_tests_properties(${arg_NAME} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
endfunction()

# A libFuzzer target (native-fuzz preset only); its seeds are the files in corpus/<name> beside it.
# `fuzz_targets` builds all of them and fuzz_targets.txt lists "binary<TAB>seed folder".
function(syncline_fuzz)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPENDS")
  if(NOT SYNCLINE_FUZZ)
    return()
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  syncline_common(${arg_NAME} PRIVATE)
  target_link_libraries(${arg_NAME} PRIVATE ${arg_DEPENDS})
  syncline_own_warnings(${arg_NAME})
  target_link_options(${arg_NAME} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzz_targets)
    add_custom_target(fuzz_targets)
    file(WRITE "${PROJECT_BINARY_DIR}/fuzz_targets.txt" "")
  endif()
  add_dependencies(fuzz_targets ${arg_NAME})
  file(APPEND "${PROJECT_BINARY_DIR}/fuzz_targets.txt"
    "${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}\t${CMAKE_CURRENT_SOURCE_DIR}/corpus/${arg_NAME}\n")
endfunction()

if(EMSCRIPTEN)
  # -I/usr/include would pull glibc into em++: a folder with links to the header-only libraries instead.
  set(SYNCLINE_THIRD_PARTY_INCLUDE "${PROJECT_BINARY_DIR}/third_party_include")
  file(MAKE_DIRECTORY "${SYNCLINE_THIRD_PARTY_INCLUDE}")
  foreach(library cereal nlohmann)
    file(CREATE_LINK /usr/include/${library} "${SYNCLINE_THIRD_PARTY_INCLUDE}/${library}" SYMBOLIC)
  endforeach()
endif()
