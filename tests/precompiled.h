// SPDX-License-Identifier: Apache-2.0
// What most unit tests include, parsed once (see cmake/precompiled.h).
#pragma once

#include "../cmake/precompiled.h"

#include <catch2/catch.hpp>
