// SPDX-License-Identifier: Apache-2.0
#include "media/tone_generator.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ringpost::media
{
namespace
{
constexpr std::size_t ramp = 40; // samples: 5 ms

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
} // namespace ringpost::media
