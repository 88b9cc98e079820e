// SPDX-License-Identifier: Apache-2.0
// The one place where spandsp's header is included: it is C and casts like C.
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <spandsp.h>
#pragma GCC diagnostic pop
