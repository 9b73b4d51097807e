# One static library per room, from the bottom up. <room>_uses names libraries
# from outside that the room wraps.

set(rooms base observe json net http ws store gemini account pool relay node provider media dialect gateway admin app)

set(base_uses OpenSSL::Crypto Threads::Threads)
set(observe_uses spdlog::spdlog fmt::fmt)
set(json_uses simdjson::simdjson)
set(net_uses OpenSSL::SSL PkgConfig::cares)
set(ws_uses OpenSSL::Crypto)
set(http_uses llhttp ZLIB::ZLIB PkgConfig::brotli PkgConfig::zstd)
set(store_uses SQLite::SQLite3)
set(account_uses PkgConfig::argon2)
set(media_uses PkgConfig::lame PkgConfig::opus PkgConfig::ogg PkgConfig::flac PkgConfig::vo_aacenc)
set(app_uses CLI11::CLI11 fmt::fmt)

function(wasat_sources out folder)
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
  list(FILTER all EXCLUDE REGEX "_(test|fuzz|bench)\\.cc$")
  list(FILTER all EXCLUDE REGEX "/main\\.cc$")
  set(${out} ${all} PARENT_SCOPE)
endfunction()

# The rooms share one precompiled header of standard headers.
add_library(wasat_pch STATIC cmake/pch.cc)
target_link_libraries(wasat_pch PUBLIC wasat_flags)
wasat_precompiled(wasat_pch cmake/pch.h)

set(below wasat_flags)
foreach(room ${rooms})
  wasat_sources(sources src/${room})
  if(NOT sources)
    continue()
  endif()
  add_library(wasat_${room} STATIC ${sources})
  target_link_libraries(wasat_${room} PUBLIC ${below} ${${room}_uses})
  wasat_use_precompiled(wasat_${room} wasat_pch)
  list(APPEND below wasat_${room})
endforeach()

wasat_sources(simulator_sources simulator)
if(simulator_sources)
  add_library(wasat_simulator STATIC ${simulator_sources})
  target_link_libraries(wasat_simulator PUBLIC ${below})
  wasat_use_precompiled(wasat_simulator wasat_pch)
  list(APPEND below wasat_simulator)
endif()

# A later library may be needed by an earlier one through a virtual call only,
# so the order from top to bottom is also the link order.
list(REVERSE below)

if(EXISTS ${CMAKE_SOURCE_DIR}/src/app/main.cc)
  add_executable(wasat src/app/main.cc)
  # Many small allocations per request: mimalloc saves a tenth of a request's time.
  # Sanitizers bring their own allocator.
  if(NOT WASAT_SANITIZE)
    target_link_libraries(wasat PRIVATE mimalloc)
  endif()
  target_link_libraries(wasat PRIVATE ${below})
  target_link_options(wasat PRIVATE ${WASAT_LINK_TIME_OPTIMIZATION})
  set_target_properties(wasat PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endif()

file(GLOB_RECURSE unit_tests CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/src/*_test.cc ${CMAKE_SOURCE_DIR}/simulator/*_test.cc)
find_package(GTest REQUIRED)
# What undoes a coding is tested with what does it.
pkg_check_modules(brotli_encoder REQUIRED IMPORTED_TARGET libbrotlienc)
configure_file(cmake/source_folder.cc.in source_folder.cc @ONLY)
add_library(wasat_testing STATIC ${CMAKE_BINARY_DIR}/source_folder.cc)
target_link_libraries(wasat_testing PUBLIC wasat_flags PkgConfig::brotli_encoder GTest::gmock
  GTest::gtest_main)
wasat_precompiled(wasat_testing cmake/test_pch.h)
if(unit_tests)
  add_executable(unit_tests EXCLUDE_FROM_ALL ${unit_tests})
  target_link_libraries(unit_tests PRIVATE ${below} wasat_testing)
  wasat_use_precompiled(unit_tests wasat_testing)
endif()

# The same for a room alone: <room>_tests links it and the rooms below it.
set(tested)
foreach(room ${rooms})
  if(TARGET wasat_${room})
    list(PREPEND tested wasat_${room})
  endif()
  if(room STREQUAL pool)
    set(pool_and_below ${tested})
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/*_test.cc)
  if(sources)
    add_executable(${room}_tests EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(${room}_tests PRIVATE ${tested} wasat_testing)
    wasat_use_precompiled(${room}_tests wasat_testing)
  endif()
endforeach()

file(GLOB_RECURSE micro_benchmarks CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*_bench.cc)
if(micro_benchmarks)
  find_package(benchmark REQUIRED)
  add_executable(micro_benchmarks EXCLUDE_FROM_ALL ${micro_benchmarks})
  target_link_libraries(micro_benchmarks PRIVATE ${below} benchmark::benchmark_main)
endif()

if(WASAT_FUZZ)
  file(GLOB_RECURSE fuzz_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*_fuzz.cc)
  add_custom_target(fuzzers)
  foreach(source ${fuzz_sources})
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(${name} PRIVATE ${below})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    add_dependencies(fuzzers ${name})
  endforeach()
endif()

# The bench's own tools: an upstream and a load generator that nginx and Wasat meet alike, and
# relay nodes.
foreach(tool load nodes upstream)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/${tool}/*.cc)
  add_executable(bench_${tool} EXCLUDE_FROM_ALL ${sources})
  target_link_libraries(bench_${tool} PRIVATE wasat_flags Threads::Threads OpenSSL::SSL)
endforeach()

# The study of the pool's policies: the real pool in a simulated world, which refuses in
# the simulator's words.
file(GLOB pool_study CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/pool/*.cc)
add_executable(bench_pool EXCLUDE_FROM_ALL ${pool_study}
  ${CMAKE_SOURCE_DIR}/simulator/fault.cc ${CMAKE_SOURCE_DIR}/simulator/google_error.cc)
target_link_libraries(bench_pool PRIVATE ${pool_and_below} wasat_flags)
wasat_use_precompiled(bench_pool wasat_pch)
