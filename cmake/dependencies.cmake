# Everything comes from Debian's packages (script/setup names them).

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(mimalloc 2 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(simdjson REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)
pkg_check_modules(brotli REQUIRED IMPORTED_TARGET libbrotlidec)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(opus REQUIRED IMPORTED_TARGET opus)
pkg_check_modules(ogg REQUIRED IMPORTED_TARGET ogg)
pkg_check_modules(flac REQUIRED IMPORTED_TARGET flac)
pkg_check_modules(vo_aacenc REQUIRED IMPORTED_TARGET vo-aacenc)
pkg_check_modules(lame REQUIRED IMPORTED_TARGET lame)

find_program(ESBUILD esbuild REQUIRED)

# Debian ships llhttp as C sources (package node-llhttp).
find_path(LLHTTP_SOURCES llhttp.c PATHS /usr/share/llhttp NO_DEFAULT_PATH REQUIRED)
find_path(LLHTTP_HEADERS llhttp.h PATHS /usr/share/include/llhttp NO_DEFAULT_PATH REQUIRED)
add_library(llhttp STATIC
  ${LLHTTP_SOURCES}/api.c ${LLHTTP_SOURCES}/http.c ${LLHTTP_SOURCES}/llhttp.c)
target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_HEADERS})
