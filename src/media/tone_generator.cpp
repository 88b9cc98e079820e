// SPDX-License-Identifier: Apache-2.0
#include "media/tone_generator.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ringpost::media
{
namespace
{
constexpr std::size_t most_keys = 1000;
constexpr std::size_t ramp = 40; // samples: 5 ms
constexpr double key_level = 4000.0;

/// ITU-T Q.23: the row's and the column's tone of a key.
constexpr std::string_view keypad = "123A456B789C*0#D";
constexpr double row_hertz[] = {697.0, 770.0, 852.0, 941.0};
constexpr double column_hertz[] = {1209.0, 1336.0, 1477.0, 1633.0};

double loudness(std::size_t at, std::size_t count)
{
    const std::size_t edge = std::min(at, count - 1 - at);
    return edge >= ramp ? 1.0 : static_cast<double>(edge) / static_cast<double>(ramp);
}

double wave(double hertz, std::size_t at)
{
    return std::sin(2.0 * std::numbers::pi * hertz * static_cast<double>(at) / telephone_rate);
}
} // namespace

Pcm tone(double hertz, Duration length, double level)
{
    Pcm pcm;
    pcm.samples.resize(samples_in(length));
    for (std::size_t i = 0; i < pcm.samples.size(); ++i)
    {
        pcm.samples[i] = static_cast<std::int16_t>(level * loudness(i, pcm.samples.size()) * wave(hertz, i));
    }
    return pcm;
}

Pcm key_tones(std::string_view keys, Duration on, Duration off)
{
    Pcm pcm;
    for (const char key : keys.substr(0, most_keys))
    {
        const auto place = keypad.find(key);
        if (place == std::string_view::npos)
        {
            continue;
        }
        const Pcm low = tone(row_hertz[place / 4], on, key_level);
        const Pcm high = tone(column_hertz[place % 4], on, key_level);
        std::transform(low.samples.begin(), low.samples.end(), high.samples.begin(), std::back_inserter(pcm.samples),
                       [](std::int16_t a, std::int16_t b) { return static_cast<std::int16_t>(a + b); });
        pcm.samples.resize(pcm.samples.size() + samples_in(off));
    }
    return pcm;
}
} // namespace ringpost::media
