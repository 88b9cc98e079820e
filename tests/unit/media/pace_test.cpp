// SPDX-License-Identifier: Apache-2.0
#include "media/pace.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
constexpr Duration noon = 12h;

/// Gives out what is due, and says how many that were.
std::int64_t give(Pace& pace, Duration steady)
{
    const std::int64_t due = pace.due(steady);
    for (std::int64_t i = 0; i < due; ++i)
    {
        pace.gave();
    }
    return due;
}
} // namespace

TEST_CASE("A frame is due every 20 ms, and a few at the beginning")
{
    Pace pace(5, 10);
    CHECK(give(pace, noon) == 5);
    CHECK(give(pace, noon + 19ms) == 0);
    CHECK(give(pace, noon + 20ms) == 1);
    CHECK(give(pace, noon + 79ms) == 2);
    CHECK(pace.given() == 8);
}

TEST_CASE("A few are due at the beginning, whatever time it is then")
{
    const Duration steady = GENERATE(0ms, 60ms, 80ms, 24h * 1000);
    CAPTURE(steady.count());
    Pace pace(5, 10);
    CHECK(give(pace, steady) == 5);
    CHECK(give(pace, steady + 20ms) == 1);
}

TEST_CASE("What is late is given out at once up to a limit, and beyond it the time in which nothing ran is a pause")
{
    Pace pace(5, 10);
    CHECK(give(pace, noon) == 5);
    CHECK(give(pace, noon + 200ms) == 10);
    CHECK(give(pace, noon + 420ms) == 5);
    CHECK(give(pace, noon + 440ms) == 1);
}
