# SPDX-License-Identifier: Apache-2.0
# Language level, warnings (each with its reason) and sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_program(CCACHE ccache)
if(CCACHE)
    # Without sloppiness ccache passes by every file that is compiled with a precompiled header. The others spare it the
    # preprocessor, and reading the 200 MB of that header again, for each file.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DEPEND=1
        CCACHE_INODECACHE=1 ${CCACHE})
endif()

add_library(ringpost_options INTERFACE)
target_compile_options(ringpost_options INTERFACE
    -Wall -Wextra -Wpedantic -Werror
    -Wshadow                # a shadowed name in a coroutine is a lost update
    -Wnon-virtual-dtor      # interfaces are destroyed through their base
    -Wold-style-cast        # octets are converted in named places only
    -Woverloaded-virtual    # a driver that hides a method of its page does not implement it
    -Wextra-semi
    -Wnull-dereference)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports these inside Asio coroutines and libstdc++ strings where nothing is wrong (PR 105329, 107561).
    target_compile_options(ringpost_options INTERFACE
        -Wno-null-dereference -Wno-restrict -Wno-stringop-overflow -Wno-maybe-uninitialized
        -Wno-mismatched-new-delete
        -fpch-preprocess    # for ccache
        # In KiB: collects its garbage less often, which is a tenth of the time.
        "SHELL:--param ggc-min-heapsize=524288" "SHELL:--param ggc-min-expand=100")
    if(RINGPOST_UNITY)
        # A lambda in a coroutine "has no linkage" where the file is not the main one of its translation unit.
        target_compile_options(ringpost_options INTERFACE -Wno-subobject-linkage)
    endif()
else()
    target_compile_options(ringpost_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")   # for ccache
    if(RINGPOST_UNITY)
        # A name of another file of the folder is none that is shadowed; g++ knows the difference.
        target_compile_options(ringpost_options INTERFACE -Wno-shadow)
    endif()
endif()
if(RINGPOST_FAULTS)
    target_compile_definitions(ringpost_options INTERFACE RINGPOST_FAULTS=1)
endif()
if(RINGPOST_SANITIZE STREQUAL "address-undefined")
    # These double the compile time of Asio coroutines and find nothing that asan does not.
    set(flags -fsanitize=address,undefined -fno-sanitize=null,alignment,vptr,object-size,pointer-overflow
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(RINGPOST_SANITIZE STREQUAL "thread")
    set(flags -fsanitize=thread -fno-omit-frame-pointer)
elseif(RINGPOST_SANITIZE STREQUAL "fuzzer")
    set(flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all)
endif()
if(flags)
    target_compile_options(ringpost_options INTERFACE ${flags})
    target_link_options(ringpost_options INTERFACE ${flags})
endif()
