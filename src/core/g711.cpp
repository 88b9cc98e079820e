// SPDX-License-Identifier: Apache-2.0
#include "core/g711.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace ringpost
{
namespace
{
constexpr int bias = 0x84;     // G.711 table 2, in 16 bit: what makes the segments powers of two
constexpr int loudest = 32635; // beyond it the segment number would need a fourth bit

constexpr std::int16_t value_of(unsigned code)
{
    const unsigned bits = ~code & 0xffU;
    const unsigned magnitude = (((bits & 0x0fU) << 3U) + bias) << ((bits & 0x70U) >> 4U);
    const int value = static_cast<int>(magnitude) - bias;
    return static_cast<std::int16_t>((bits & 0x80U) != 0 ? -value : value);
}

constexpr std::array<std::int16_t, 256> table_of_values()
{
    std::array<std::int16_t, 256> table{};
    for (unsigned code = 0; code < table.size(); ++code)
    {
        table.at(code) = value_of(code);
    }
    return table;
}

constexpr auto values = table_of_values();
} // namespace

std::int16_t mulaw_decode(std::uint8_t code)
{
    return values[code];
}

std::uint8_t mulaw_encode(std::int16_t sample)
{
    const int linear = sample;
    const unsigned sign = linear < 0 ? 0x80U : 0U;
    const auto magnitude = static_cast<unsigned>(std::min(linear < 0 ? -linear : linear, loudest) + bias);
    const auto segment = static_cast<unsigned>(std::bit_width(magnitude)) - 8;
    const unsigned step = (magnitude >> (segment + 3)) & 0x0fU;
    return static_cast<std::uint8_t>(~(sign | (segment << 4U) | step));
}

std::vector<std::int16_t> mulaw_decode(std::string_view codes)
{
    std::vector<std::int16_t> samples(codes.size());
    std::transform(codes.begin(), codes.end(), samples.begin(),
                   [](char code) { return values[static_cast<std::uint8_t>(code)]; });
    return samples;
}

std::string mulaw_encode(std::span<const std::int16_t> samples)
{
    std::string codes(samples.size(), '\0');
    std::transform(samples.begin(), samples.end(), codes.begin(),
                   [](std::int16_t sample) { return static_cast<char>(mulaw_encode(sample)); });
    return codes;
}
} // namespace ringpost
