// SPDX-License-Identifier: Apache-2.0
#include "media/pin_entry.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
void key_in(PinEntry& entry, std::string_view keys)
{
    for (const char key : keys)
    {
        entry.on_digit(key);
    }
}

/// So many frames until it ended.
int frames_left(PinEntry& entry)
{
    int frames = 0;
    while (!entry.ended() && frames < 10'000)
    {
        entry.on_silent_frame();
        ++frames;
    }
    return frames;
}
} // namespace

TEST_CASE("The hash key ends a PIN, the star begins it anew")
{
    PinEntry entry(1s);
    CHECK_FALSE(entry.touched());
    key_in(entry, "99*47A11");
    CHECK(entry.touched());
    CHECK_FALSE(entry.ended());
    key_in(entry, "#5");
    CHECK(entry.ended());
    CHECK(entry.take() == "4711");
}

TEST_CASE("A pause ends it, and begins with each digit")
{
    PinEntry entry(1s);
    for (int i = 0; i < 49; ++i)
    {
        entry.on_silent_frame();
    }
    CHECK_FALSE(entry.ended());
    key_in(entry, "1");
    CHECK(frames_left(entry) == 50);
    CHECK(entry.take() == "1");
    PinEntry silent(1s);
    CHECK(frames_left(silent) == 50);
    CHECK(silent.take().empty());
}

TEST_CASE("Digits without end are not kept")
{
    PinEntry entry(1s);
    key_in(entry, std::string(100'000, '7'));
    CHECK(entry.take().size() <= 32);
}
