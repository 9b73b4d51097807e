# Flags that all of Wasat's own code is compiled with, and the check that the
# compiler handles coroutines correctly.

option(WASAT_FUZZ "Build the libFuzzer targets" OFF)
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
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  # A precompiled header must not differ by the time it was made.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang\ -fno-pch-timestamp>)
endif()
