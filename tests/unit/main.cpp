// SPDX-License-Identifier: Apache-2.0
// Catch itself and its main function.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
