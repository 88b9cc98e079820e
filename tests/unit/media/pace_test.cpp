// SPDX-License-Identifier: Apache-2.0
#include "media/pace.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
constexpr Instant noon = Instant{} + 12h;

/// Gives out what is due, and says how many that were.
std::int64_t give(Pace& pace, Instant now)
{
    const std::int64_t due = pace.due(now);
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

TEST_CASE("What is late is given out at once up to a limit, and beyond it the time in which nothing ran is a pause")
{
    Pace pace(5, 10);
    CHECK(give(pace, noon) == 5);
    CHECK(give(pace, noon + 200ms) == 10);
    CHECK(give(pace, noon + 420ms) == 5);
    CHECK(give(pace, noon + 440ms) == 1);
}

TEST_CASE("Frames are due on a clock that was set back, to before the beginning too, and no more than without that")
{
    const Duration back = GENERATE(10ms, 40ms, 400ms, 1h);
    CAPTURE(back.count());
    Pace pace(5, 10);
    Instant now = noon;
    CHECK(give(pace, now) == 5);
    for (int i = 0; i < 50; ++i)
    {
        now += 20ms;
        CHECK(give(pace, now) == 1);
    }
    now -= back;
    std::int64_t given = 0;
    for (int i = 0; i < 50; ++i)
    {
        now += 20ms;
        given += give(pace, now);
    }
    CHECK(given <= 50);
    CHECK(given >= 48);
}
