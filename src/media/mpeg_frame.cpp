// SPDX-License-Identifier: Apache-2.0
#include "media/mpeg_frame.h"

#include "media/octets.h"

#include <array>

namespace ringpost::media
{
namespace
{
using Rates = std::array<unsigned, 16>; // kbit/s; 0: free format or forbidden

constexpr Rates layer2_mpeg1{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0};
constexpr Rates layer3_mpeg1{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0};
constexpr Rates mpeg2{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0};
constexpr std::array<unsigned, 4> sampling_mpeg1{44100, 48000, 32000, 0};

constexpr unsigned version_mpeg25 = 0;
constexpr unsigned version_reserved = 1;
constexpr unsigned version_mpeg1 = 3;
constexpr unsigned layer_three = 1;
constexpr unsigned layer_two = 2;

unsigned kilobits(unsigned version, unsigned layer, unsigned index)
{
    if (version != version_mpeg1)
    {
        return mpeg2.at(index);
    }
    return layer == layer_three ? layer3_mpeg1.at(index) : layer2_mpeg1.at(index);
}

unsigned sampling(unsigned version, unsigned index)
{
    const unsigned rate = sampling_mpeg1.at(index);
    return version == version_mpeg1 ? rate : version == version_mpeg25 ? rate / 4 : rate / 2;
}
} // namespace

std::optional<std::size_t> mpeg_frame_size(std::string_view octets)
{
    const auto header = static_cast<unsigned>(big_endian(octets, 0, 4));
    if ((header >> 21U) != 0x7ff)
    {
        return std::nullopt;
    }
    const unsigned version = (header >> 19U) & 3U;
    const unsigned layer = (header >> 17U) & 3U;
    if (version == version_reserved || (layer != layer_three && layer != layer_two))
    {
        return std::nullopt;
    }
    const unsigned rate = kilobits(version, layer, (header >> 12U) & 15U);
    const unsigned hertz = sampling(version, (header >> 10U) & 3U);
    if (rate == 0 || hertz == 0 || (header & 3U) == 2) // the last: emphasis 2 is reserved
    {
        return std::nullopt;
    }
    const unsigned samples = layer == layer_three && version != version_mpeg1 ? 576 : 1152;
    return std::size_t{samples} / 8 * rate * 1000 / hertz + ((header >> 9U) & 1U);
}

bool begins_mpeg_audio(std::string_view octets)
{
    if (octets.size() >= 10 && octets.substr(0, 3) == "ID3")
    {
        // ID3v2.4 3.1: the size is four octets of seven bits.
        return ((big_endian(octets, 6, 4) & 0x80808080U) == 0);
    }
    const auto size = mpeg_frame_size(octets);
    if (!size || octets.size() < *size)
    {
        return false;
    }
    return octets.size() == *size || mpeg_frame_size(octets.substr(*size)).has_value();
}
} // namespace ringpost::media
