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
using Table = std::array<std::int16_t, 256>;

constexpr int mu_bias = 0x84;       // G.711 table 2, in 16 bit: what makes the segments powers of two
constexpr int mu_loudest = 32635;   // beyond it the segment number would need a fourth bit
constexpr unsigned a_invert = 0x55; // G.711 table 1: even bits are sent inverted

constexpr std::int16_t mu_value(unsigned code)
{
    const unsigned bits = ~code & 0xffU;
    const unsigned magnitude = (((bits & 0x0fU) << 3U) + mu_bias) << ((bits & 0x70U) >> 4U);
    const int value = static_cast<int>(magnitude) - mu_bias;
    return static_cast<std::int16_t>((bits & 0x80U) != 0 ? -value : value);
}

constexpr std::int16_t a_value(unsigned code)
{
    const unsigned bits = code ^ a_invert;
    const unsigned segment = (bits & 0x70U) >> 4U;
    unsigned magnitude = ((bits & 0x0fU) << 4U) + 8;
    if (segment > 0)
    {
        magnitude = (magnitude + 0x100) << (segment - 1);
    }
    const int value = static_cast<int>(magnitude);
    return static_cast<std::int16_t>((bits & 0x80U) != 0 ? value : -value);
}

constexpr Table table_of(std::int16_t (*value)(unsigned))
{
    Table table{};
    for (unsigned code = 0; code < table.size(); ++code)
    {
        table.at(code) = value(code);
    }
    return table;
}

constexpr Table mu_table = table_of(mu_value);
constexpr Table a_table = table_of(a_value);

constexpr const Table& table(G711 law)
{
    return law == G711::mu ? mu_table : a_table;
}

std::uint8_t encode_mu(int sample)
{
    const unsigned sign = sample < 0 ? 0x80U : 0U;
    const auto magnitude = static_cast<unsigned>(std::min(sample < 0 ? -sample : sample, mu_loudest) + mu_bias);
    const auto segment = static_cast<unsigned>(std::bit_width(magnitude)) - 8;
    const unsigned step = (magnitude >> (segment + 3)) & 0x0fU;
    return static_cast<std::uint8_t>(~(sign | (segment << 4U) | step));
}

std::uint8_t encode_a(int sample)
{
    const unsigned sign = sample < 0 ? 0U : 0x80U;
    const auto magnitude = static_cast<unsigned>(sample < 0 ? -sample - 1 : sample) >> 4U;
    const unsigned segment = magnitude < 16 ? 0 : static_cast<unsigned>(std::bit_width(magnitude)) - 4;
    const unsigned step = (segment > 1 ? magnitude >> (segment - 1) : magnitude) & 0x0fU;
    return static_cast<std::uint8_t>((sign | (segment << 4U) | step) ^ a_invert);
}
} // namespace

std::int16_t decode_sample(G711 law, std::uint8_t code)
{
    return table(law)[code];
}

std::uint8_t encode_sample(G711 law, std::int16_t sample)
{
    return law == G711::mu ? encode_mu(sample) : encode_a(sample);
}

std::vector<std::int16_t> decode_g711(G711 law, std::string_view codes)
{
    const Table& values = table(law);
    std::vector<std::int16_t> samples(codes.size());
    std::transform(codes.begin(), codes.end(), samples.begin(),
                   [&values](char code) { return values[static_cast<std::uint8_t>(code)]; });
    return samples;
}

std::string encode_g711(G711 law, std::span<const std::int16_t> samples)
{
    std::string codes(samples.size(), '\0');
    std::transform(samples.begin(), samples.end(), codes.begin(),
                   [law](std::int16_t sample) { return static_cast<char>(encode_sample(law, sample)); });
    return codes;
}
} // namespace ringpost
