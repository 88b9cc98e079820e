// SPDX-License-Identifier: Apache-2.0
// The chance of a simulated city: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
// 2014). Small enough for everybody to have one, and the same everywhere for the same seed, as the distributions of the
// standard library are not.
#pragma once

#include "core/duration.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace ringpost::simulation
{
class Dice
{
public:
    /// Streams of one seed are independent of each other.
    Dice(std::uint64_t seed, std::uint64_t stream) : state_(mixed(seed) ^ mixed(~stream)) {}

    std::uint64_t next()
    {
        state_ += 0x9e3779b97f4a7c15U;
        return mixed(state_);
    }
    /// From 0 up to, but without, 1.
    double share() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    bool chance(double probability) { return share() < probability; }
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(share() * static_cast<double>(bound)); }
    Duration between(Duration least, Duration most) { return least + scaled(most - least, share()); }
    /// Exponentially distributed, never longer than `most`.
    Duration around(Duration mean, Duration most) { return std::min(scaled(mean, -std::log1p(-share())), most); }

private:
    static Duration scaled(Duration duration, double factor)
    {
        return Duration{static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor)};
    }
    static std::uint64_t mixed(std::uint64_t z)
    {
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }

    std::uint64_t state_;
};
} // namespace ringpost::simulation
