# SPDX-License-Identifier: Apache-2.0
# The libraries of docs/dependencies.md, all from Debian 12.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(date REQUIRED)
find_package(mimalloc REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares)
pkg_check_modules(SPANDSP REQUIRED IMPORTED_TARGET spandsp)
pkg_check_modules(SPEEXDSP REQUIRED IMPORTED_TARGET speexdsp)

add_library(ringpost_toml INTERFACE)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
# Errors as values, like everywhere here.
target_compile_definitions(ringpost_toml INTERFACE TOML_EXCEPTIONS=0)
target_include_directories(ringpost_toml SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE})

# mimetic has no pkg-config file; SYSTEM because its headers warn under C++20.
add_library(ringpost_mimetic INTERFACE)
find_path(MIMETIC_INCLUDE mimetic/mimetic.h REQUIRED)
find_library(MIMETIC_LIBRARY mimetic REQUIRED)
target_include_directories(ringpost_mimetic SYSTEM INTERFACE ${MIMETIC_INCLUDE})
target_link_libraries(ringpost_mimetic INTERFACE ${MIMETIC_LIBRARY})
