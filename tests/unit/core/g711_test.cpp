// SPDX-License-Identifier: Apache-2.0
#include "core/g711.h"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace ringpost;

TEST_CASE("µ-law codes have the values of G.711 table 2")
{
    // In 16 bit: four times the values of the table.
    CHECK(mulaw_decode(std::uint8_t{0xff}) == 0);
    CHECK(mulaw_decode(std::uint8_t{0x7f}) == 0);
    CHECK(mulaw_decode(std::uint8_t{0xfe}) == 8);
    CHECK(mulaw_decode(std::uint8_t{0x80}) == 32124);
    CHECK(mulaw_decode(std::uint8_t{0x00}) == -32124);
    CHECK(mulaw_decode(std::uint8_t{0x8f}) == 16764);
    CHECK(mulaw_decode(mulaw_silence) == 0);
}

TEST_CASE("Every µ-law code but negative zero comes back as it was")
{
    for (int code = 0; code < 256; ++code)
    {
        const auto octet = static_cast<std::uint8_t>(code);
        CHECK(mulaw_encode(mulaw_decode(octet)) == (octet == 0x7f ? 0xff : octet));
    }
}

TEST_CASE("No sample is further from its µ-law code than half a step")
{
    for (int sample = -32768; sample <= 32767; ++sample)
    {
        const int value = mulaw_decode(mulaw_encode(static_cast<std::int16_t>(sample)));
        // The steps of the loudest segment are 1024; beyond 32124 it is clipped. In the quietest they are 8.
        const int magnitude = std::abs(sample);
        const int allowed = magnitude > 32124 ? magnitude - 32124 : (magnitude + 132) / 32;
        REQUIRE(std::abs(value - sample) <= allowed);
    }
}

TEST_CASE("µ-law of many samples is that of each")
{
    const std::vector<std::int16_t> samples{0, 8, -32124, 32124};
    const std::string codes = mulaw_encode(samples);
    CHECK(codes == std::string("\xff\xfe\x00\x80", 4));
    CHECK(mulaw_decode(std::string_view(codes)) == samples);
}
