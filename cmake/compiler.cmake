# Flags that all of Wasat's own code is compiled with, and the check that the
# compiler handles coroutines correctly.

option(WASAT_FUZZ "Build the libFuzzer targets" OFF)
set(WASAT_PROFILE "use" CACHE STRING
  "Release builds: use what cmake/release.profdata says of the branches taken, generate it (script/profile), or off")
set(WASAT_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

include(cmake/coroutine_check.cmake)

add_library(wasat_flags INTERFACE)
target_compile_options(wasat_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror -Wno-missing-designated-field-initializers
  -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
  -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(wasat_flags INTERFACE -fcf-protection)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  target_compile_options(wasat_flags INTERFACE -mbranch-protection=standard)
endif()
target_compile_definitions(wasat_flags INTERFACE
  WASAT_VERSION="${PROJECT_VERSION}"
  SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(wasat_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
# By how often each branch is taken under load the compiler lays out and inlines: some 8 %
# of a request's CPU. Code that has changed since is built without that knowledge.
set(profile ${CMAKE_SOURCE_DIR}/cmake/release.profdata)
if(WASAT_PROFILE STREQUAL "generate")
  target_compile_options(wasat_flags INTERFACE -fprofile-generate -fprofile-update=atomic)
  target_link_options(wasat_flags INTERFACE -fprofile-generate)
elseif(WASAT_PROFILE STREQUAL "use" AND CMAKE_BUILD_TYPE STREQUAL "Release" AND EXISTS ${profile})
  target_compile_options(wasat_flags INTERFACE -fprofile-use=${profile}
    -Wno-profile-instr-out-of-date -Wno-profile-instr-unprofiled -Wno-backend-plugin)
  # Its hash stands in each command, so that another profile means another build.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profile})
  file(SHA256 ${profile} profile_hash)
  target_compile_definitions(wasat_flags INTERFACE WASAT_PROFILE_HASH=0x${profile_hash})
endif()
# Calls from room to room are inlined when `wasat` is linked: some 5 % more. The objects hold
# machine code beside that, so that tests and tools are linked in no time.
set(WASAT_LINK_TIME_OPTIMIZATION "")
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT WASAT_PROFILE STREQUAL "generate")
  target_compile_options(wasat_flags INTERFACE -flto=thin -ffat-lto-objects -fno-plt)
  set(WASAT_LINK_TIME_OPTIMIZATION -flto=thin -Wl,--fat-lto-objects)
endif()
target_include_directories(wasat_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
target_link_options(wasat_flags INTERFACE -fuse-ld=lld -Wl,-z,relro,-z,now)
if(WASAT_SANITIZE)
  target_compile_options(wasat_flags INTERFACE -fsanitize=${WASAT_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(wasat_flags INTERFACE -fsanitize=${WASAT_SANITIZE})
  if(WASAT_SANITIZE MATCHES "undefined")
    # It asks by a pipe whether memory is readable, and takes a process that has
    # no descriptor left for one with broken objects.
    target_compile_options(wasat_flags INTERFACE -fno-sanitize=vptr)
  endif()
endif()
if(WASAT_FUZZ)
  target_compile_options(wasat_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
# One way for all objects, so that they can share the precompiled header.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
add_compile_options(-fPIE)
add_link_options(-pie)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_PCH_EXTSUM=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

# The library `pch` owns the precompiled form of a header of outside headers.
function(wasat_precompiled pch header)
  target_precompile_headers(${pch} PRIVATE ${CMAKE_SOURCE_DIR}/${header})
  # The path stands in the file, so ccache neither keeps it nor goes by its bytes, but by the sum
  # of what it includes: a build finds what a build in another folder left.
  set_target_properties(${pch} PROPERTIES CXX_COMPILER_LAUNCHER "")
  execute_process(
    COMMAND ${CMAKE_CXX_COMPILER} -std=c++23 -I${CMAKE_SOURCE_DIR} -x c++-header -E -P -MD -MT x
      -MF ${CMAKE_BINARY_DIR}/${pch}.d ${CMAKE_SOURCE_DIR}/${header}
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(SHA256 sum "${text}")
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/${pch}.dir/cmake_pch.hxx.pch.sum ${sum})
  file(READ ${CMAKE_BINARY_DIR}/${pch}.d dependencies)
  string(REGEX MATCHALL "/[^ \n\\]+" included "${dependencies}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${included})
endfunction()

# CMake's own REUSE_FROM would write absolute paths into the commands.
function(wasat_use_precompiled target pch)
  if(CMAKE_DISABLE_PRECOMPILE_HEADERS)
    return()
  endif()
  set(file CMakeFiles/${pch}.dir/cmake_pch.hxx.pch)
  target_compile_options(${target} PRIVATE "SHELL:-Xclang -include-pch -Xclang ${file}")
  get_target_property(sources ${target} SOURCES)
  set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS ${CMAKE_BINARY_DIR}/${file})
endfunction()
