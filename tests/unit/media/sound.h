// SPDX-License-Identifier: Apache-2.0
// Sound for tests: what a recording sounds like, in numbers, and WAV files with any header.
#pragma once

#include "media/pcm.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::media::test
{
/// How much of the sound is this tone: 1 all of it, 0 nothing (Goertzel). 0 for silence.
inline double share_of(double hertz, std::span<const std::int16_t> samples)
{
    const double turn = 2.0 * std::numbers::pi * hertz / telephone_rate;
    double before = 0;
    double last = 0;
    double energy = 0;
    for (const std::int16_t sample : samples)
    {
        const double now = sample + 2.0 * std::cos(turn) * last - before;
        before = last;
        last = now;
        energy += double{static_cast<double>(sample)} * sample;
    }
    const double power = last * last + before * before - 2.0 * std::cos(turn) * last * before;
    return energy == 0 ? 0 : 2.0 * power / (energy * static_cast<double>(samples.size()));
}

inline int loudest(std::span<const std::int16_t> samples)
{
    int most = 0;
    for (const std::int16_t sample : samples)
    {
        most = std::max(most, std::abs(int{sample}));
    }
    return most;
}

/// `size` octets of a number, least significant first or last.
inline std::string number(std::uint64_t value, std::size_t size, bool big_endian = false)
{
    std::string text;
    for (std::size_t i = 0; i < size; ++i)
    {
        const auto octet = static_cast<char>(static_cast<std::uint8_t>(i < 8 ? value >> (8 * i) : 0));
        big_endian ? text.insert(text.begin(), octet) : text.insert(text.end(), octet);
    }
    return text;
}

struct WavHeader
{
    unsigned tag = 1;
    unsigned channels = 1;
    unsigned rate = 8000;
    unsigned bits = 16;
    unsigned block = 0; ///< 0: the right one
};

inline std::string format_chunk(const WavHeader& header)
{
    const unsigned block = header.block != 0 ? header.block : header.channels * ((header.bits + 7) / 8);
    return "fmt " + number(16, 4) + number(header.tag, 2) + number(header.channels, 2) + number(header.rate, 4) +
           number(header.rate * block, 4) + number(block, 2) + number(header.bits, 2);
}

inline std::string wav(const WavHeader& header, const std::string& data)
{
    return "RIFF" + number(36 + data.size(), 4) + "WAVE" + format_chunk(header) + "data" + number(data.size(), 4) +
           data;
}

/// A 1 kHz tone of `seconds` at half of full scale, at any rate: samples between -1 and 1.
inline std::vector<double> kilohertz(unsigned rate, double seconds, double hertz = 1000.0)
{
    std::vector<double> samples(static_cast<std::size_t>(rate * seconds));
    for (std::size_t i = 0; i < samples.size(); ++i)
    {
        samples[i] = 0.5 * std::sin(2.0 * std::numbers::pi * hertz * static_cast<double>(i) / rate);
    }
    return samples;
}

/// One of samples/media.
inline std::string sample_file(const std::string& name)
{
    // This file is tests/unit/media/sound.h; CMake names sources by their whole path.
    const auto path = std::filesystem::path(__FILE__).parent_path() / "../../../samples/media" / name;
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}
} // namespace ringpost::media::test
