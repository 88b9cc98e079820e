// SPDX-License-Identifier: Apache-2.0
#include "core/g711.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <map>

using namespace ringpost;

namespace
{
int decoded(G711 law, int code)
{
    return decode_sample(law, static_cast<std::uint8_t>(code));
}
} // namespace

TEST_CASE("G.711 codes have the values of its tables")
{
    // G.711 tables 2a and 1a, in 16 bit: the loudest, the softest, and both ends of a segment.
    const std::map<int, int> mu{{0x00, -32124}, {0x80, 32124}, {0x7f, 0},     {0xff, 0},
                                {0xfe, 8},      {0x7e, -8},    {0x8f, 16764}, {0x90, 15996}};
    for (const auto& [code, value] : mu)
    {
        INFO("mu-law " << code);
        CHECK(decoded(G711::mu, code) == value);
    }
    const std::map<int, int> a{{0xd5, 8}, {0x55, -8}, {0xaa, 32256}, {0x2a, -32256}, {0xd4, 24}, {0xc5, 264}};
    for (const auto& [code, value] : a)
    {
        INFO("A-law " << code);
        CHECK(decoded(G711::a, code) == value);
    }
}

TEST_CASE("G.711 gives back the code that a value came from")
{
    for (const G711 law : {G711::mu, G711::a})
    {
        for (int code = 0; code < 256; ++code)
        {
            const std::int16_t value = decode_sample(law, static_cast<std::uint8_t>(code));
            // µ-law has two zeros.
            const int expected = law == G711::mu && code == 0x7f ? 0xff : code;
            CHECK(int{encode_sample(law, value)} == expected);
        }
    }
}

TEST_CASE("G.711 encodes every sample as one of the nearest values")
{
    for (const G711 law : {G711::mu, G711::a})
    {
        int worst = 0;
        for (int sample = -32768; sample <= 32767; sample += 5)
        {
            const auto code = encode_sample(law, static_cast<std::int16_t>(sample));
            int nearest = 65536;
            for (int other = 0; other < 256; ++other)
            {
                nearest = std::min(nearest, std::abs(decoded(law, other) - sample));
            }
            worst = std::max(worst, std::abs(decode_sample(law, code) - sample) - nearest);
        }
        // The steps double from segment to segment: at their seams the nearest value may be on the other side.
        CHECK(worst <= 256);
    }
}

TEST_CASE("G.711 codes whole recordings")
{
    const std::vector<std::int16_t> samples{0, 8, -8, 32124, -32124};
    CHECK(encode_g711(G711::mu, samples) == "\xff\xfe\x7e\x80" + std::string(1, '\0'));
    CHECK(decode_g711(G711::mu, encode_g711(G711::mu, samples)) == samples);
    CHECK(decode_g711(G711::a, "").empty());
}
